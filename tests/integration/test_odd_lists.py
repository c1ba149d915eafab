"""Lists as Procore may answer them: whole, too large at once, moving while they are paged."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import PROJECT_ID, a_claim, a_cost_code, a_payment, a_seed

MANY = 105


def of_many() -> dict[str, Any]:
    """A project with more cost codes, claims and payments than a page holds."""
    codes = [a_cost_code(), *(a_cost_code(f"05-{number:03d}", f"Code {number}") for number in range(MANY))]
    claims = [a_claim(number, "10.00") for number in range(11, 11 + MANY)]
    payments = [a_payment(1000 + number, 11, "0.01") for number in range(MANY)]
    return a_seed(cost_codes=codes, claims=claims, payments=payments)


@pytest.mark.parametrize(
    "switches",
    [
        {"unpaged": ["cost_codes", "requisitions", "contract_payments", "project_vendors"]},
        {"rows_at_once": 30},
    ],
)
def test_every_row_of_a_list_arrives(a_world: MakeWorld, switches: dict[str, Any]) -> None:
    """Not all lists page, and some answer 408 until the pages are smaller: everything is sent, once."""
    world = a_world(of_many())
    world.procore_switch(**switches)
    world.whole_pass()
    assert world.holds() == {}
    books = world.books()
    assert (len(books["bills"]), len(books["payments"])) == (MANY, MANY)
    assert len([name for name in books["options"] if name.startswith("05-")]) == MANY
    mark = world.last()
    world.whole_pass()
    assert world.writes(mark) == []


def test_a_record_that_a_list_shows_twice_is_one(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that moves while it is paged shows a row on two pages: no other job is sending it."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12, "20.00")]))
    claims = list(world.parts.procore.claims(PROJECT_ID))
    monkeypatch.setattr(world.parts.procore, "claims", lambda *_: iter([*claims, *claims]))
    world.whole_pass()
    assert world.holds() == {}
    assert [bill[1] for bill in world.books()["bills"]] == ["INV-11", "INV-12"]
