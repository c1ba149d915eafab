"""What a start leaves out, what it comes to, and which day is proposed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.integration.seeds import a_claim, a_payment, an_invoice, an_item
from worker.mapping.opening import Opening, is_before, proposed
from worker.procore.records import Claim, Invoice, Payment

START = date(2026, 7, 1)


def claim(id: int, **fields: object) -> Claim:
    items = [an_item("100.00", work_completed_retainage_retained_this_period="5.00")]
    return Claim.model_validate(a_claim(id, "95.00", items=items) | fields)


def test_the_day_itself_is_carried_and_no_date_is_no_reason() -> None:
    assert is_before(claim(1, billing_date="2026-06-30"), START)
    assert not is_before(claim(1, billing_date="2026-07-01"), START)
    assert not is_before(claim(1, billing_date=None), START)
    assert not is_before(claim(1, billing_date="2026-06-30"), None)


def test_only_what_counts_in_procore_is_part_of_the_balance() -> None:
    """Once, however often a list shows it."""
    balance = Opening()
    for record in (
        *(claim(1), claim(1), claim(2, status="draft"), claim(3, deleted_at="2026-06-01T00:00:00Z")),
        Invoice.model_validate(an_invoice(91, "40.00")),
        Invoice.model_validate(an_invoice(92, "40.00", status="draft")),
        Payment.model_validate(a_payment(71, 1, "20.00")),
        Payment.model_validate(a_payment(72, 1, "20.00", status="failed")),
    ):
        balance.add(record, "AUD")
    assert (balance.claims, balance.invoices, balance.payments) == (1, 1, 1)
    assert (balance.due, balance.retention, balance.paid) == (
        {"AUD": Decimal("135.00")},
        {"AUD": Decimal("5.00")},
        {"AUD": Decimal("20.00")},
    )


def test_nothing_left_out_is_not_spoken_of() -> None:
    assert Opening().in_words(START) == ""


def test_a_day_is_proposed_after_the_newest_that_is_there() -> None:
    new = {("claims", "1"): date(2026, 5, 31), ("claims", "2"): date(2026, 6, 30), ("claims", "3"): date(2026, 7, 31)}
    assert proposed(new, []) == proposed(new, [("claims", "9")]) == ""
    said = proposed(new, [("claims", "1"), ("claims", "2")])
    assert "not_before = 2026-07-01" in said
    assert "other record" not in said
    assert "1 other record dated before it" in proposed(new, [("claims", "2")])
