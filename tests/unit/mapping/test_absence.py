"""What a list's silence means: evidence for a record that is gone, or a reason to ask a person."""

from __future__ import annotations

from typing import Any

import pytest

from worker.mapping.absence import Absence, Said, doubt, evidence, may_be_asked, most_at_once

#: Everything that proves that a record is gone for which Procore has no address any more.
PROVED: dict[str, Any] = {"said": Said.NOT_THERE, "has_neighbour": True, "of": 10, "percent": 20}

NO_OTHER, BY_WHICH = "it shows no other of these", "either, by which this app's access could be told"


def a_claim(**known: Any) -> Absence:
    return Absence(**{"kind": "claims", **PROVED, **known})


@pytest.mark.parametrize(
    ("known", "word"),
    [
        ({}, "Procore does not have it any more, and shows others of its list"),
        ({"lost": 2}, "Procore does not have it any more, and shows others of its list"),
        (
            {"said": Said.DELETED, "has_neighbour": False, "has_contract": False, "lost": 10},
            "Procore says that it was deleted",
        ),
        (
            {"said": Said.NOT_ASKED, "total_moved": True, "lost": 10},
            "its contract's total of payments moved by just its amount",
        ),
    ],
)
def test_what_proves_that_it_is_gone(known: dict[str, Any], word: str) -> None:
    """Procore says so of the very record; it has no such record and shows others; the contract's total moved alike."""
    assert evidence(a_claim(**known)) == word


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"said": Said.NOT_ASKED}, f"{NO_OTHER} claims {BY_WHICH}"),
        ({"has_neighbour": False, "kind": "cost_codes"}, f"{NO_OTHER} cost codes {BY_WHICH}"),
        ({"has_contract": False}, "it does not show its contract either"),
        ({"said": Said.NOT_PERMITTED}, "it does not let this app read it"),
        ({"lost": 3}, "of 10 claims that stand in Xero 3 are missing at once"),
        ({"lost": 1, "percent": 0}, "of 10 claims that stand in Xero 1 are missing at once"),
        ({"lost": 10, "said": Said.NOT_ASKED}, "of 10 claims that stand in Xero 10 are missing at once"),
    ],
)
def test_silence_proves_nothing(known: dict[str, Any], why: str) -> None:
    """And the sentence says why."""
    absence = a_claim(**known)
    assert evidence(absence) == ""
    assert doubt(absence) == why


@pytest.mark.parametrize("known", [{}, {"total_moved": True}])
def test_what_is_shown_is_not_gone(known: dict[str, Any]) -> None:
    """Whatever else moved."""
    assert evidence(a_claim(said=Said.SHOWN, **known)) == ""


@pytest.mark.parametrize(("of", "percent", "most"), [(1, 20, 1), (9, 20, 1), (10, 20, 2), (4, 100, 4), (100, 0, 0)])
def test_how_many_may_be_gone_at_once(of: int, percent: int, most: int) -> None:
    """A share of them, one of few, and none where a person wants to be asked each time."""
    assert most_at_once(of, percent) == most


@pytest.mark.parametrize(
    ("known", "may"),
    [({}, True), ({"lost": 3}, False), ({"has_contract": False}, False), ({"total_moved": True}, False)],
)
def test_what_is_worth_a_call(known: dict[str, Any], may: bool) -> None:
    """A list that fell silent, or a contract that is out of sight, does not cost a call for each record."""
    assert may_be_asked(a_claim(**known)) is may
