"""Payment terms: the table of what counts as terms, and of what Xero's four kinds of terms mean."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from worker.mapping import terms


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Net 30", 30),
        ("net14", 14),
        ("NET 7 days", 7),
        (" 45 days ", 45),
        ("21 days net", 21),
        ("1 day", 1),
        ("Net 0", 0),
        ("Due on receipt", 0),
        ("due upon receipt", 0),
        ("On receipt", 0),
        (None, None),
        ("", None),
        ("30", None),
        ("Net 30 EOM", None),
        ("2/10 net 30", None),
        ("EOM", None),
        ("14 days from end of month", None),
        ("30 days on receipt", None),
        ("COD", None),
        ("Net 365", 365),
        ("Net 366", None),
        ("Net -5", None),
        ("Net ٣٠", None),
    ],
)
def test_terms_in_words(text: str | None, days: int | None) -> None:
    """Only terms that can mean one number of days count; two people read "2/10 net 30" in two ways."""
    assert terms.days(text) == days


@pytest.mark.parametrize(
    ("on", "kind", "day", "due"),
    [
        ("2026-07-31", "DAYSAFTERBILLDATE", 14, "2026-08-14"),
        ("2026-07-31", "DAYSAFTERBILLDATE", 0, "2026-07-31"),
        ("2026-07-03", "DAYSAFTERBILLMONTH", 10, "2026-08-10"),
        ("2026-07-31", "DAYSAFTERBILLMONTH", 0, "2026-07-31"),
        ("2026-07-03", "OFFOLLOWINGMONTH", 20, "2026-08-20"),
        ("2026-12-31", "OFFOLLOWINGMONTH", 20, "2027-01-20"),
        ("2027-01-15", "OFFOLLOWINGMONTH", 31, "2027-02-28"),
        ("2026-07-03", "OFCURRENTMONTH", 20, "2026-07-20"),
        ("2026-06-30", "OFCURRENTMONTH", 31, "2026-06-30"),
        ("2026-07-21", "OFCURRENTMONTH", 20, None),
        ("2026-07-21", "OFCURRENTMONTH", 0, None),
        ("2026-07-21", "OFFOLLOWINGMONTH", 0, None),
        ("2026-07-21", "DAYSAFTERBILLDATE", 365, "2027-07-21"),
        ("2026-07-21", "DAYSAFTERBILLDATE", -1, None),
        ("2026-07-21", "DAYSAFTERBILLDATE", 366, None),
        ("2026-07-21", "DAYSAFTERBILLDATE", None, None),
        ("2026-07-21", "SOMETIME", 5, None),
    ],
)
def test_terms_of_a_contact(on: str, kind: str, day: int | None, due: str | None) -> None:
    """The four kinds of terms that Xero knows; what cannot be read, or is over already, is no terms at all."""
    found = terms.due_on(date.fromisoformat(on), {"Day": day, "Type": kind})
    assert found == (None if due is None else date.fromisoformat(due))


@pytest.mark.parametrize("none", [None, {}])
def test_a_contact_without_terms(none: dict[str, Any] | None) -> None:
    """Nothing is made up for a contact that has no terms."""
    assert terms.due_on(date(2026, 7, 21), none) is None
