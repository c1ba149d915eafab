"""What a spreadsheet reads of a table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from worker.cli.programs import cell


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("-40.00"), "-40.00"),  # an amount that a quote made text is not added up
        (Decimal("1E+3"), "1000"),
        (Decimal("0.00"), "0.00"),
        ("-40.00", "'-40.00"),
        ("=1+1", "'=1+1"),
        ("  @x", "'  @x"),
        ("\tx", "'\tx"),
        (None, ""),
        (12, "12"),
    ],
)
def test_an_amount_is_a_number_and_a_text_is_no_formula(value: object, expected: str) -> None:
    assert cell(value) == expected
