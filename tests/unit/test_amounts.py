"""An amount that a person reads has its currency: one function writes it."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.amounts import without_currency
from worker.counting import money

ROOT = Path(__file__).parents[2]
#: The function, and tables whose head or column says the currency.
WRITES_AMOUNTS = {"worker/counting.py", "worker/cli/demo_screen.py", "worker/cli/retention.py"}


def test_one_function_writes_amounts() -> None:
    """Who formats one elsewhere forgets its currency; the sandbox speaks as Xero does."""
    found = {
        str(path.relative_to(ROOT))
        for folder in ("worker", "tasks")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r":,?\.2f\}", path.read_text()) and "sandbox" not in path.parts
    }
    assert found <= WRITES_AMOUNTS


@pytest.mark.parametrize(
    ("amount", "said"),
    [("8123.4", "8,123.40 AUD"), ("-0.5", "-0.50 AUD"), ("1000", "1,000.00 AUD"), ("10.005", "10.005 AUD")],
)
def test_an_amount_has_its_currency_and_every_part_of_a_cent(amount: str, said: str) -> None:
    assert money(Decimal(amount), "AUD") == said


@pytest.mark.parametrize(
    ("sentence", "bare"),
    [
        ("It pays 500.00 AUD, but only 110.00 is due.", ["110.00"]),
        ("Procore says 1,110.00.", ["1,110.00"]),
        ("Tax of 10.00 % on '12.00', of 2026-08-14, by v1.10.", []),
    ],
)
def test_an_amount_without_currency_is_found(sentence: str, bare: list[str]) -> None:
    """The rule by which the sentences of all test worlds are read."""
    assert without_currency(sentence) == bare
