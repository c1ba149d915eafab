"""What the organisation's settings allow: accounts, tax rates, bank accounts, lock dates, tracking categories.

Asked before a document is planned, so that what Xero would refuse is held with a sentence of our own and costs no call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.xero.answers import Element, amount, day
from worker.xero.documents import BILLS, CREDIT_NOTES, Bill, Document, Line, Payment
from worker.xero.renumbered import FORMER, former_codes, is_named_as_then
from worker.xero.taxes import Taxes, computed, is_rounding, taxed, to_the_cent

#: Which flag of a tax rate allows it on an account of a class (§4.12).
_MAY_APPLY = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}
#: The tax type of an account or line without tax, which stands in no list of rates.
_NO_TAX = "NONE"
#: Where what is not usable stands.
_IN_FILE, _ON_CONTACT = "in the mapping file", "that its contact has for purchases"
#: Accounts that a bill's line may not use (xero-api.md §4.4).
_SYSTEM = ("DEBTORS", "CREDITORS", "BANKCURRENCYGAIN", "GST", "ROUNDING", "TRACKINGTRANSFERS")


_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Former:
    """An active account that had another code."""

    account: Element
    #: Whether the mapping file names the code that it has now.
    is_named: bool


@dataclass(frozen=True)
class Chart:
    """One organisation's settings as last read."""

    organisation: Element
    accounts: Mapping[str, Element]
    tax_rates: Mapping[str, Element]
    #: Codes that active accounts had, as far as the mapping file may still mean them.
    former: Mapping[str, Former]
    #: Read only when a document is in another currency than the organisation's own.
    currencies: Callable[[], Sequence[Element]] = field(compare=False)
    #: Rates of lines that were checked, by all that they depend on: most bills have the same few.
    _rates: dict[tuple[object, ...], Decimal] = field(default_factory=dict, init=False, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        organisation: Element,
        accounts: Sequence[Element],
        tax_rates: Sequence[Element],
        currencies: Callable[[], Sequence[Element]] = tuple,
        named: Mapping[str, str] = _NOTHING,
    ) -> Chart:
        """`named` are the codes in the mapping file, each with a mark of the lines that name it: who names an account
        by its new code means another one by its old code, unless the lines with the old code are those of before: then
        two accounts have changed their codes."""
        active = [row for row in accounts if row.get("Status") == "ACTIVE"]
        return cls(
            organisation,
            {str(account["Code"]): account for account in accounts if account.get("Code")},
            {str(rate["TaxType"]): rate for rate in tax_rates},
            {
                code: Former(row, row.get("Code") in named)
                for row in active
                for code in row.get(FORMER) or ()
                if row.get("Code") not in named or is_named_as_then(row, code, named)
            },
            currencies,
        )

    @cached_property
    def former_codes(self) -> Mapping[str, tuple[str, ...]]:
        """The code that an account has now to those that it had."""
        return former_codes(self.accounts.values())

    def codes_by_id(self) -> dict[str, str]:
        """AccountID to code."""
        return {str(account.get("AccountID")): code for code, account in self.accounts.items()}

    def check(self, document: Document) -> Taxes | None:
        """Raise DocumentRejected for what Xero would refuse; returns the taxes of a bill."""
        if isinstance(document, Bill):
            self._check_date(document.on)
            self._check_currency(document.currency)
            for code in dict.fromkeys(line.account_code for line in document.lines):
                self.check_line_account(code)
            return self._taxes(document)
        if isinstance(document, Payment):
            self._check_date(document.on)
            self.check_bank_account(document.account_code)
        return None

    @cached_property
    def locked_until(self) -> date | None:
        """The later of the two lock dates; a document on or before it is refused (§4.6)."""
        dates = [day(self.organisation, field) for field in ("PeriodLockDate", "EndOfYearLockDate")]
        return max((found for found in dates if found is not None), default=None)

    def _check_date(self, on: date) -> None:
        locked_until = self.locked_until
        if locked_until is not None and on <= locked_until:
            raise DocumentRejected(HoldCode.LOCKED_PERIOD, date=on, locked_until=locked_until)

    def completed(self, body: Mapping[str, Any], document: Document) -> Mapping[str, Any]:
        """The document's body with what Xero would choose by itself, so that its answer can be compared: the currency,
        which might be the contact's, and where the mapping file names none the tax type of a line's account."""
        if not isinstance(document, Bill):
            return body
        body = self.with_currency(body)
        if all(line.tax_type for line in document.lines):
            return body
        pairs = zip(body["LineItems"], document.lines, strict=True)
        return {**body, "LineItems": [{"TaxType": self._tax_type(line), **sent} for sent, line in pairs]}

    def with_currency(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The organisation's own currency where the body of a bill names none."""
        base = self.organisation.get("BaseCurrency")
        return {**body, "CurrencyCode": base} if base and "CurrencyCode" not in body else body

    def with_taxes(self, body: Mapping[str, Any], bill: Bill, taxes: Taxes) -> Mapping[str, Any]:
        """The body with every line's tax in it, where Procore states one that Xero would round otherwise.

        An update says it whenever Procore states one: what stands on a line may be a figure that was given before.
        """
        if bill.stated_tax is None:
            return body
        is_update = any(field in body for field in (BILLS.id_field, CREDIT_NOTES.id_field))
        if taxes.by_xero and not is_update:
            return body
        pairs = zip(body["LineItems"], taxes.lines, strict=True)
        return {**body, "LineItems": [{**line, "TaxAmount": tax} for line, tax in pairs]}

    def _check_currency(self, currency: str | None) -> None:
        base = self.organisation.get("BaseCurrency")
        if currency is None or base is None or currency == base:
            return
        if all(row.get("Code") != currency for row in self.currencies()):
            raise DocumentRejected(HoldCode.CURRENCY_NOT_ENABLED, currency=currency, base=base)

    def check_line_account(self, code: str) -> None:
        account = self._active(code)
        if account.get("Type") == "BANK" or account.get("SystemAccount") in _SYSTEM:
            raise _unusable(f"Account {code}", "a bill's line may not use it")

    def check_bank_account(self, code: str) -> None:
        account = self._active(code)
        if account.get("Type") != "BANK" and not account.get("EnablePaymentsToAccount"):
            raise _unusable(f"Account {code}", "payments cannot be made from it")

    def _active(self, code: str) -> Element:
        account, once = self.accounts.get(code), self.former.get(code)
        if once is not None:
            raise _unusable(f"Account {code}", _renumbered(once, account))
        if account is None:
            raise _unusable(f"Account {code}", "Xero has no such account")
        if account.get("Status") != "ACTIVE":
            raise _unusable(f"Account {code}", f"it is {account.get('Status')}")
        return account

    def _taxes(self, bill: Bill) -> Taxes:
        """Procore's figure to the cent where it states one; else Xero's own."""
        lines = [taxed(line.amount, self._rate(line), line.figures, inclusive=bill.inclusive) for line in bill.lines]
        own = computed(lines)
        if bill.stated_tax is None or bill.stated_tax == own:
            return Taxes([line.tax for line in lines], own, by_xero=True)
        if not is_rounding(lines, bill.stated_tax, bill.tax_tolerance):
            raise DocumentRejected(HoldCode.TAX_DIFFERS, computed=own, stated=bill.stated_tax)
        stated = to_the_cent(lines, bill.stated_tax)
        return Taxes(stated, sum(stated, Decimal(0)), by_xero=False)

    def _rate(self, line: Line) -> Decimal:
        """The line's tax rate in percent. Raises DocumentRejected where Xero or Procore would disagree."""
        tax_type = self._tax_type(line)
        key = (tax_type, line.account_code, line.of_contact, line.stated_rate, line.own_tax_type)
        if key not in self._rates:
            self._rates[key] = self._checked_rate(line, tax_type)
        return self._rates[key]

    def _checked_rate(self, line: Line, tax_type: str) -> Decimal:
        place = _ON_CONTACT if line.of_contact else _IN_FILE
        percent = self._percent(tax_type, place)
        if tax_type != _NO_TAX:
            self._check_may_apply(self.tax_rates[tax_type], line.account_code, place)
        if line.stated_rate is not None and line.stated_rate[1] != percent:
            code, stated = line.stated_rate
            facts = {"stated": _plain(stated), "rate": _plain(percent)}
            raise DocumentRejected(HoldCode.TAX_RATE_DIFFERS, tax_code=code, tax_type=tax_type, **facts)
        if percent and line.own_tax_type is not None and not self._percent(line.own_tax_type, _IN_FILE):
            facts = {"rate": _plain(percent), "own": line.own_tax_type}
            raise DocumentRejected(HoldCode.VENDOR_TAXED, tax_type=tax_type, **facts)
        return percent

    def _percent(self, tax_type: str, place: str) -> Decimal:
        """Raises DocumentRejected when Xero does not have the tax type, or not any more, or does not say its rate."""
        if tax_type == _NO_TAX:
            return Decimal(0)
        rate = self.tax_rates.get(tax_type)
        if rate is None or rate.get("Status") != "ACTIVE":
            why = "Xero has no such tax type" if rate is None else f"it is {rate.get('Status')}"
            raise _unusable(f"Tax type {tax_type}", why, place)
        if rate.get("EffectiveRate") is None:
            raise _unusable(f"Tax type {tax_type}", "Xero does not say its rate", place)
        return amount(rate, "EffectiveRate")

    def _tax_type(self, line: Line) -> str:
        if line.tax_type:
            return line.tax_type
        account = self.accounts.get(line.taxed_like or line.account_code, {})
        return str(account.get("TaxType") or _NO_TAX)

    def _check_may_apply(self, rate: Element, code: str, place: str) -> None:
        """A rate that says nothing about a class is left to Xero."""
        account_class = str(self.accounts[code].get("Class", ""))
        if rate.get(_MAY_APPLY.get(account_class, "")) is False:
            why = f"Xero does not allow it on account {code} ({account_class})"
            raise _unusable(f"Tax type {rate['TaxType']}", why, place)


def _renumbered(once: Former, account: Element | None) -> str:
    """Whose code it was; nobody can tell whether that one is meant or the one that has it now."""
    code = once.account["Code"]
    said = f"it was that of '{once.account.get('Name')}', which is {code} now"
    if account is None:
        return said
    said = (
        f"{said}, and is that of '{account.get('Name')}' since: name {code} there, or give this one a code of its own"
    )
    if not once.is_named:
        return said
    return f"{said}; where the file means the accounts as they are called now, put a remark behind the code there"


def _plain(percent: Decimal) -> str:
    return f"{percent.normalize():f}"


def _unusable(what: str, why: str, place: str = _IN_FILE) -> DocumentRejected:
    return DocumentRejected(HoldCode.REFERENCE_UNUSABLE, what=f"{what} {place}", why=why)
