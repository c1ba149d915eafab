"""What the organisation's settings forbid is held before it costs a call."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_bill, a_line
from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.xero.chart import Chart
from worker.xero.documents import Contact, Document, Option, Payment

ACCOUNTS: list[dict[str, Any]] = [
    {"Code": "310", "Type": "DIRECTCOSTS", "Status": "ACTIVE", "SystemAccount": ""},
    {"Code": "311", "Type": "DIRECTCOSTS", "Status": "ARCHIVED"},
    {"Code": "090", "Type": "BANK", "Status": "ACTIVE", "EnablePaymentsToAccount": False},
    {"Code": "091", "Type": "BANK", "Status": "ARCHIVED"},
    {"Code": "800", "Type": "CURRLIAB", "Status": "ACTIVE", "SystemAccount": "CREDITORS"},
    {"Code": "820", "Type": "CURRLIAB", "Status": "ACTIVE", "EnablePaymentsToAccount": True, "SystemAccount": None},
    {"Type": "BANK", "Status": "ACTIVE", "Name": "A bank account without a code"},
]
RATES: list[dict[str, Any]] = [
    {"TaxType": "INPUT", "Status": "ACTIVE", "EffectiveRate": Decimal("10.0000")},
    {"TaxType": "BASEXCLUDED", "Status": "ACTIVE", "EffectiveRate": 0},
    {"TaxType": "INPUT15", "Status": "ACTIVE", "EffectiveRate": Decimal("15")},
    {"TaxType": "OLD", "Status": "DELETED", "EffectiveRate": Decimal("12.5")},
]
LOCKED = {"PeriodLockDate": "/Date(1782777600000+0000)/", "EndOfYearLockDate": "/Date(1751241600000+0000)/"}


def chart(**organisation: Any) -> Chart:
    return Chart.of(organisation, ACCOUNTS, RATES)


def paid_from(code: str, on: date = date(2026, 8, 14)) -> Payment:
    return Payment("bill-1", code, on, Decimal("10.00"), "Procore payment 7")


@pytest.mark.parametrize(
    ("document", "tax"),
    [
        (a_bill(a_line("100.00")), "10.00"),
        (a_bill(a_line("100.00"), a_line("-10.00", tax_type="BASEXCLUDED", account_code="820")), "10.00"),
        (a_bill(*(a_line(amount, tax_type="INPUT15") for amount in ("25.06", "25.61", "25.63"))), "11.44"),
        (a_bill(a_line("-0.05"), a_line("0.05")), "0.00"),
        (a_bill(a_line("100.00"), stated_tax=Decimal("10.0")), "10.00"),
    ],
)
def test_tax_is_rounded_line_by_line(document: Document, tax: str) -> None:
    """The tax that Xero will compute: half a cent up on each line, then summed."""
    assert chart().check(document) == Decimal(tax)


@pytest.mark.parametrize(
    "document", [Contact("procore-1", "ACME"), Option("c", "24-017"), paid_from("090"), paid_from("820")]
)
def test_what_has_no_tax(document: Document) -> None:
    """Contacts and options need no settings; payments come from a bank account or one enabled for them."""
    assert chart().check(document) is None


@pytest.mark.parametrize(
    ("document", "code", "words"),
    [
        (a_bill(a_line(account_code="311")), HoldCode.REFERENCE_UNUSABLE, "Account 311 .* it is ARCHIVED"),
        (a_bill(a_line(account_code="999")), HoldCode.REFERENCE_UNUSABLE, "Account 999 .* no such account"),
        (a_bill(a_line(account_code="090")), HoldCode.REFERENCE_UNUSABLE, "Account 090 .* may not use it"),
        (a_bill(a_line(account_code="800")), HoldCode.REFERENCE_UNUSABLE, "Account 800 .* may not use it"),
        (a_bill(a_line(), a_line(account_code="999")), HoldCode.REFERENCE_UNUSABLE, "Account 999"),
        (a_bill(a_line(tax_type="GST")), HoldCode.REFERENCE_UNUSABLE, "Tax type GST .* no such tax type"),
        (a_bill(a_line(tax_type="OLD")), HoldCode.REFERENCE_UNUSABLE, "Tax type OLD .* it is DELETED"),
        (a_bill(stated_tax=Decimal("0.99")), HoldCode.TAX_DIFFERS, "1.00, but Procore says 0.99"),
        (a_bill(stated_tax=Decimal(0)), HoldCode.TAX_DIFFERS, "1.00, but Procore says 0"),
        (paid_from("310"), HoldCode.REFERENCE_UNUSABLE, "payments cannot be made from it"),
        (paid_from("091"), HoldCode.REFERENCE_UNUSABLE, "it is ARCHIVED"),
        (paid_from("099"), HoldCode.REFERENCE_UNUSABLE, "no such account"),
        (a_bill(on=date(2026, 6, 30)), HoldCode.LOCKED_PERIOD, "2026-06-30 .* until 2026-06-30"),
        (paid_from("090", date(2026, 6, 1)), HoldCode.LOCKED_PERIOD, "2026-06-01"),
    ],
)
def test_what_xero_would_refuse_is_held(document: Document, code: HoldCode, words: str) -> None:
    """The sentence names the account, tax type or date, and why Xero would not take it."""
    with pytest.raises(DocumentRejected, match=words) as held:
        chart(**LOCKED).check(document)
    assert held.value.code is code


@pytest.mark.parametrize(
    ("organisation", "expected"),
    [
        ({}, None),
        ({"PeriodLockDate": "/Date(1782777600000+0000)/"}, date(2026, 6, 30)),
        (LOCKED, date(2026, 6, 30)),
        ({**LOCKED, "EndOfYearLockDate": "/Date(1785456000000)/"}, date(2026, 7, 31)),
    ],
)
def test_the_later_lock_date_counts(organisation: dict[str, Any], expected: date | None) -> None:
    """Either lock date closes the books."""
    assert chart(**organisation).locked_until() == expected


def test_the_day_after_the_lock_is_open() -> None:
    """The lock date itself is locked, the next day is not."""
    assert chart(**LOCKED).check(a_bill(on=date(2026, 7, 1))) == Decimal("1.00")
