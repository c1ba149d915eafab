"""Everything at once, in processes of their own, on each kind of database: what is shared is read and made once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.bouncer import bouncing
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import PROJECT_ID, a_claim, a_cost_code, a_project, a_seed, a_vendor
from tests.integration.site import served
from tests.integration.world import World

NUMBERS = ("24-017", "24-018", "24-019", "24-020")


def four_projects() -> dict[str, Any]:
    """They have the same vendors and cost codes, and a claim each."""
    ids = [PROJECT_ID + n for n in range(4)]
    codes = [a_cost_code(), a_cost_code("05-100", "Steel")]
    more: dict[int, dict[str, Any]] = {
        id_: {"cost_codes": codes, "requisitions": [a_claim(11 + n, vendor_id=n)], "project_vendors": [1, 2, 3]}
        for n, id_ in enumerate(ids[1:], 1)
    }
    return a_seed(
        projects=tuple(a_project(id_, number) for id_, number in zip(ids, NUMBERS, strict=True)),
        vendors=[a_vendor(n) for n in (1, 2, 3)],
        cost_codes=codes,
        claims=[a_claim(11)],
        more=more,
    )


def test_two_passes_and_two_workers_for_each_of_four_jobs(any_world: MakeWorld) -> None:
    """Each job is queued once and done once, each contact and option is made once, each setting is read once."""
    _all_at_once(any_world(four_projects()))


@pytest.mark.deep
def test_the_same_through_pgbouncer(postgres_url: str, tmp_path: Path) -> None:
    """In transaction mode ten processes share three sessions, and none of them meets what another one left there."""
    with bouncing(postgres_url, sessions=3) as url:
        world = World(four_projects(), url, tmp_path)
        _all_at_once(world)
        world.close()


def _all_at_once(world: World) -> None:
    with served(world) as here:
        passes = [here.discovery() for _ in range(2)]
        assert [one.exit_code() for one in passes] == [0, 0]
        assert sorted(one.queued for one in world.parts.passes.all()) == [0, 4]
        workers = [here.job(number, patient=True) for number in NUMBERS for _ in range(2)]
        assert [one.exit_code() for one in workers] == [0] * 8
    assert {number: world.job(number).state for number in NUMBERS} == dict.fromkeys(NUMBERS, "done")
    assert world.holds() == {}
    books = world.books()
    assert [number for _, number in books["contacts"]] == ["procore-1", "procore-2", "procore-3"]
    assert Counter(books["options"]).most_common(1)[0][1] == 1
    assert len(books["bills"]) == 4
    read = Counter(entry["path"].rsplit("/", 1)[1] for entry in world.journal() if entry["method"] == "GET")
    assert {name: read[name] for name in ("Accounts", "TaxRates", "Contacts")} == dict.fromkeys(
        ("Accounts", "TaxRates", "Contacts"), 1
    )
