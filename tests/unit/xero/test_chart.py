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
from worker.xero.documents import Bill, Contact, Document, Option, Payment

ACCOUNTS: list[dict[str, Any]] = [
    {"Code": "310", "Type": "DIRECTCOSTS", "Status": "ACTIVE", "SystemAccount": ""},
    {"Code": "320", "Type": "DIRECTCOSTS", "Class": "EXPENSE", "Status": "ACTIVE", "TaxType": "INPUT"},
    {"Code": "321", "Type": "DIRECTCOSTS", "Class": "EXPENSE", "Status": "ACTIVE", "TaxType": "NONE"},
    {"Code": "830", "Type": "CURRLIAB", "Class": "LIABILITY", "Status": "ACTIVE"},
    {"Code": "311", "Type": "DIRECTCOSTS", "Status": "ARCHIVED"},
    {"Code": "090", "Type": "BANK", "Status": "ACTIVE", "EnablePaymentsToAccount": False},
    {"Code": "091", "Type": "BANK", "Status": "ARCHIVED"},
    {"Code": "800", "Type": "CURRLIAB", "Status": "ACTIVE", "SystemAccount": "CREDITORS"},
    {"Code": "820", "Type": "CURRLIAB", "Status": "ACTIVE", "EnablePaymentsToAccount": True, "SystemAccount": None},
    {"Type": "BANK", "Status": "ACTIVE", "Name": "A bank account without a code"},
]
ALLOWED = {"CanApplyToExpenses": True, "CanApplyToLiabilities": False}
RATES: list[dict[str, Any]] = [
    {"TaxType": "INPUT", "Status": "ACTIVE", "EffectiveRate": Decimal("10.0000")},
    {"TaxType": "BASEXCLUDED", "Status": "ACTIVE", "EffectiveRate": 0},
    {"TaxType": "INPUT15", "Status": "ACTIVE", "EffectiveRate": Decimal("15")},
    {"TaxType": "INPUT3", "Status": "ACTIVE", "EffectiveRate": Decimal("10"), **ALLOWED},
    {"TaxType": "OLD", "Status": "DELETED", "EffectiveRate": Decimal("12.5")},
]
LOCKED = {"PeriodLockDate": "/Date(1782777600000+0000)/", "EndOfYearLockDate": "/Date(1751241600000+0000)/"}


def chart(**organisation: Any) -> Chart:
    return Chart.of(organisation, ACCOUNTS, RATES)


def taxes_of(chart: Chart, bill: Bill) -> list[Decimal]:
    taxes = chart.check(bill)
    assert taxes is not None
    return taxes.lines


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
        (a_bill(a_line("100.00"), stated_tax=Decimal("10.02"), tax_tolerance=Decimal("0.02")), "10.02"),
        (a_bill(a_line("100.00"), stated_tax=Decimal("9.98"), tax_tolerance=Decimal("0.02")), "9.98"),
        (a_bill(a_line("100.00", stated_rate=("GST", Decimal("10.0")))), "10.00"),
        (a_bill(a_line("100.00", tax_type=None, account_code="320")), "10.00"),
        (a_bill(a_line("100.00", tax_type=None, account_code="321")), "0.00"),
        (a_bill(a_line("100.00", tax_type=None, account_code="830")), "0.00"),
        (a_bill(a_line("100.00", tax_type="NONE")), "0.00"),
        (a_bill(a_line("100.00", tax_type="INPUT3", account_code="320")), "10.00"),
    ],
)
def test_tax_is_rounded_line_by_line(document: Document, tax: str) -> None:
    """The tax that Xero will compute: half a cent up on each line, then summed; Procore's where it states one."""
    taxes = chart().check(document)
    assert taxes is not None
    assert taxes.total == sum(taxes.lines) == Decimal(tax)


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
        (a_bill(a_line(own_tax_type="BASEXCLUDED")), HoldCode.VENDOR_TAXED, r"10 % \(INPUT\), but its vendor has BASE"),
        (a_bill(a_line(own_tax_type="GST")), HoldCode.REFERENCE_UNUSABLE, "Tax type GST .* no such tax type"),
        (a_bill(stated_tax=Decimal("0.99")), HoldCode.TAX_DIFFERS, "1.00, but Procore says 0.99"),
        (a_bill(stated_tax=Decimal(0)), HoldCode.TAX_DIFFERS, "1.00, but Procore says 0"),
        (
            a_bill(stated_tax=Decimal("1.03"), tax_tolerance=Decimal("0.02")),
            HoldCode.TAX_DIFFERS,
            "1.00, but Procore says 1.03",
        ),
        (
            a_bill(a_line(stated_rate=("GST@12.5%", Decimal("12.50")))),
            HoldCode.TAX_RATE_DIFFERS,
            "GST@12.5% is 12.5 %, but Xero's tax type INPUT is 10 %",
        ),
        (
            a_bill(a_line(tax_type="NONE", stated_rate=("GST", Decimal(10)))),
            HoldCode.TAX_RATE_DIFFERS,
            "NONE is 0 %",
        ),
        (
            a_bill(a_line(tax_type="INPUT3", account_code="830")),
            HoldCode.REFERENCE_UNUSABLE,
            r"Tax type INPUT3 .* does not allow it on account 830 \(LIABILITY\)",
        ),
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
    assert chart(**organisation).locked_until == expected


def test_the_day_after_the_lock_is_open() -> None:
    """The lock date itself is locked, the next day is not."""
    assert taxes_of(chart(**LOCKED), a_bill(on=date(2026, 7, 1))) == [Decimal("1.00")]


@pytest.mark.parametrize("currency", [None, "AUD"])
def test_the_own_currency_needs_no_look(currency: str | None) -> None:
    """The list of currencies costs a call, and is not read for what is in the organisation's own."""

    def unread() -> list[dict[str, Any]]:
        raise AssertionError("read")

    own = Chart.of({"BaseCurrency": "AUD"}, ACCOUNTS, RATES, unread)
    assert taxes_of(own, a_bill(currency=currency)) == [Decimal("1.00")]


def test_another_currency_must_be_enabled() -> None:
    """A bill in a currency that Xero has not is held, with the click path; no rate is ever sent for one it has."""
    several = Chart.of({"BaseCurrency": "AUD"}, ACCOUNTS, RATES, lambda: [{"Code": "AUD"}, {"Code": "NZD"}])
    assert taxes_of(several, a_bill(currency="NZD")) == [Decimal("1.00")]
    assert "CurrencyRate" not in a_bill(currency="NZD").body()
    with pytest.raises(DocumentRejected, match="USD, which is not enabled in Xero, whose own currency is AUD") as held:
        several.check(a_bill(currency="USD"))
    assert held.value.code is HoldCode.CURRENCY_NOT_ENABLED
    assert "Settings, Currencies, Add currency" in held.value.code.remedy


def test_tax_types_are_explicit_when_sent() -> None:
    """A line that leaves its tax type to the account is sent with the account's own; what is named stays."""
    lines = (a_line(tax_type=None, account_code="320"), a_line(tax_type="BASEXCLUDED", account_code="320"))
    body = chart().completed(a_bill(*lines).body(), a_bill(*lines))
    assert [line["TaxType"] for line in body["LineItems"]] == ["INPUT", "BASEXCLUDED"]
    assert body["LineAmountTypes"] == "Exclusive"
    contact = Contact("procore-1", "ACME")
    assert chart().completed(contact.body(), contact) == contact.body()
