"""Payment terms: the table of what counts as terms, and of what Xero's four kinds of terms mean."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from worker.mapping import terms


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Net 30", "2026-08-14"),
        ("net14", "2026-07-29"),
        ("NET 7 days", "2026-07-22"),
        (" 45  days ", "2026-08-29"),
        ("21 days net", "2026-08-05"),
        ("1 day", "2026-07-16"),
        ("Net 0", "2026-07-15"),
        ("Net 365", "2027-07-15"),
        ("Due on receipt", "2026-07-15"),
        ("due upon receipt", "2026-07-15"),
        ("On receipt", "2026-07-15"),
        ("COD", "2026-07-15"),
        ("C.O.D.", "2026-07-15"),
        ("Cash on delivery", "2026-07-15"),
        ("EOM", "2026-07-31"),
        ("End of month", "2026-07-31"),
        ("Net 30 EOM", "2026-08-30"),
        ("30 days EOM", "2026-08-30"),
        ("7 days EOM", "2026-08-07"),
        ("14 days from end of month", "2026-08-14"),
        ("14 days after the end of the month", "2026-08-14"),
        ("20th of following month", "2026-08-20"),
        ("20th of the month following", "2026-08-20"),
        ("the 1st of next month", "2026-08-01"),
        ("End of following month", "2026-08-31"),
        ("end of the next month", "2026-08-31"),
        (None, None),
        ("", None),
        ("30", None),
        ("2/10 net 30", None),
        ("30 days on receipt", None),
        ("0th of next month", None),
        ("Net 366", None),
        ("Net -5", None),
        ("Net ٣٠", None),
    ],
)
def test_terms_in_words(text: str | None, due: str | None) -> None:
    """As people write them, of a bill of mid July; two people read "2/10 net 30" in two ways, so it is no terms."""
    found = terms.due_on(date(2026, 7, 15), terms.in_words(text))
    assert found == (None if due is None else date.fromisoformat(due))


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
