"""Rates of documents and payments, and accounts in another currency than the organisation's."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.sandbox.xero_driver import SEED, Xero, messages


@pytest.fixture
def xero() -> Xero:
    """An organisation in AUD with USD and EUR, and a bank account in USD."""
    usd_account = {"Code": "092", "Name": "Dollars", "Type": "BANK", "CurrencyCode": "USD"}
    currencies = [{"Code": "AUD"}, {"Code": "USD", "Rate": "0.65"}, {"Code": "EUR", "Rate": "0.60"}]
    return Xero({**SEED, "accounts": [*SEED["accounts"], usd_account], "currencies": currencies})


def test_a_document_takes_the_days_rate_unless_it_gives_one(xero: Xero) -> None:
    """In the organisation's own currency the rate is 1 whatever is sent."""
    assert xero.create_bill(CurrencyCode="USD")["CurrencyRate"] == Decimal("0.65")
    assert xero.create_bill(CurrencyCode="USD", CurrencyRate=Decimal("0.7"))["CurrencyRate"] == Decimal("0.7")
    assert xero.create_bill(CurrencyRate=Decimal("0.7"))["CurrencyRate"] == 1


def test_another_currency_brings_another_rate(xero: Xero) -> None:
    """A bill that is switched to another currency takes the rate of that one."""
    bill = xero.create_bill(CurrencyCode="USD", CurrencyRate=Decimal("0.7"))
    (changed,) = xero.write("POST", "Invoices", {"InvoiceID": bill["InvoiceID"], "CurrencyCode": "EUR"})
    assert (changed["CurrencyCode"], changed["CurrencyRate"]) == ("EUR", Decimal("0.60"))


def test_a_currency_that_is_not_on_refuses_the_document(xero: Xero) -> None:
    """In Xero's words."""
    (row,) = xero.write("PUT", "Invoices", xero.a_bill(CurrencyCode="GBP"))
    assert messages(row) == "Organisation is not subscribed to currency GBP"


@pytest.mark.parametrize(
    ("bill_in", "paid_from", "bank_amount"),
    [
        ("USD", "092", "65.00"),
        ("USD", "090", "100.00"),
        ("AUD", "090", "65.00"),
        ("AUD", "092", ""),
        ("EUR", "092", ""),
    ],
)
def test_which_account_pays_which_currency(xero: Xero, bill_in: str, paid_from: str, bank_amount: str) -> None:
    """One in the document's currency, or in the organisation's own, which pays at the day's rate."""
    payment = xero.pay(xero.create_bill(CurrencyCode=bill_in), 65, Account={"Code": paid_from})
    if bank_amount:
        assert (payment["Amount"], payment["BankAmount"]) == (65, Decimal(bank_amount))
    else:
        assert "cannot be paid from an account in USD" in messages(payment)


def test_a_payment_may_give_its_rate(xero: Xero) -> None:
    """It is the payment's own: the bill keeps the rate of its day."""
    bill = xero.create_bill(CurrencyCode="USD")
    payment = xero.pay(bill, 65, CurrencyRate=Decimal("0.5"))
    assert (payment["CurrencyRate"], payment["BankAmount"]) == (Decimal("0.5"), Decimal("130.00"))
    assert xero.bill(bill)["CurrencyRate"] == Decimal("0.65")


def test_bank_accounts_say_their_currency_and_currencies_no_rate(xero: Xero) -> None:
    """A rate is XE.com's, not the list's; it stays in the dump."""
    accounts = {row["Code"]: row.get("CurrencyCode") for row in xero.rows("Accounts")}
    assert (accounts["090"], accounts["092"], accounts["320"]) == ("AUD", "USD", None)
    assert xero.rows("Currencies") == [{"Code": "AUD"}, {"Code": "USD"}, {"Code": "EUR"}]
    assert Xero(xero.half.dump()).create_bill(CurrencyCode="USD")["CurrencyRate"] == Decimal("0.65")
