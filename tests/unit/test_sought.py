"""A search: all its words, wherever they stand; an amount however it is written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from worker.called import UNNAMED, Called
from worker.sought import read

BILL = Called("Clearspan Glazing", "SC-001 claim 3", "INV-2044", date(2026, 9, 30), Decimal("8123.4000"), "AUD")


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("", True),
        ("CLEARSPAN", True),
        ("2044 clear", True),
        ("sc-001 claim 3", True),
        ("2026-09", True),
        ("8123.40", True),
        ("8,123.4", True),
        ("123.40", True),  # a part of what is written
        ("8123.41", False),
        ("clearspan sc-002", False),
        ("24-017 claim 58820", True),
    ],
)
def test_every_word_is_to_be_found(typed: str, fits: bool) -> None:
    """In what the record is called, or in what stands beside it."""
    assert read(typed).fits(BILL, "24-017", "claim 58820") is fits


def test_what_has_no_name_is_found_by_what_stands_beside_it() -> None:
    """A record of before names were kept."""
    assert read("58820").fits(UNNAMED, "claim 58820")
    assert not read("8123.40").fits(UNNAMED, "claim 58820")
