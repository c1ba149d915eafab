"""What the organisation's settings allow: accounts, tax rates, bank accounts, lock dates, tracking categories.

Asked before a document is planned, so that what Xero would refuse is held with a sentence of our own and costs no call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.xero.answers import Element, day
from worker.xero.documents import Bill, Document, Payment

#: Accounts that a bill's line may not use (xero-api.md §4.4).
_SYSTEM = ("DEBTORS", "CREDITORS", "BANKCURRENCYGAIN", "GST", "ROUNDING", "TRACKINGTRANSFERS")


@dataclass(frozen=True)
class Chart:
    """One organisation's settings as last read."""

    organisation: Element
    accounts: Mapping[str, Element]
    tax_rates: Mapping[str, Element]

    @classmethod
    def of(cls, organisation: Element, accounts: Sequence[Element], tax_rates: Sequence[Element]) -> Chart:
        return cls(
            organisation,
            {str(account["Code"]): account for account in accounts if account.get("Code")},
            {str(rate["TaxType"]): rate for rate in tax_rates},
        )

    def check(self, document: Document) -> Decimal | None:
        """Raise DocumentRejected for what Xero would refuse; returns the tax Xero will compute on a bill."""
        if isinstance(document, Bill):
            self._check_date(document.on)
            for line in document.lines:
                self._check_line_account(line.account_code)
            return self._check_tax(document)
        if isinstance(document, Payment):
            self._check_date(document.on)
            self._check_bank_account(document.account_code)
        return None

    def locked_until(self) -> date | None:
        """The later of the two lock dates; a document on or before it is refused (§4.6)."""
        dates = [day(self.organisation, field) for field in ("PeriodLockDate", "EndOfYearLockDate")]
        return max((found for found in dates if found is not None), default=None)

    def _check_date(self, on: date) -> None:
        locked_until = self.locked_until()
        if locked_until is not None and on <= locked_until:
            raise DocumentRejected(HoldCode.LOCKED_PERIOD, date=on, locked_until=locked_until)

    def _check_line_account(self, code: str) -> None:
        account = self._active(code)
        if account.get("Type") == "BANK" or account.get("SystemAccount") in _SYSTEM:
            raise _unusable(f"Account {code}", "a bill's line may not use it")

    def _check_bank_account(self, code: str) -> None:
        account = self._active(code)
        if account.get("Type") != "BANK" and not account.get("EnablePaymentsToAccount"):
            raise _unusable(f"Account {code}", "payments cannot be made from it")

    def _active(self, code: str) -> Element:
        account = self.accounts.get(code)
        if account is None:
            raise _unusable(f"Account {code}", "Xero has no such account")
        if account.get("Status") != "ACTIVE":
            raise _unusable(f"Account {code}", f"it is {account.get('Status')}")
        return account

    def _check_tax(self, bill: Bill) -> Decimal:
        """Tax is rounded per line, then summed (§4.17)."""
        tax = Decimal(0)
        for line in bill.lines:
            rate = self.tax_rates.get(line.tax_type)
            if rate is None or rate.get("Status") != "ACTIVE":
                why = "Xero has no such tax type" if rate is None else f"it is {rate.get('Status')}"
                raise _unusable(f"Tax type {line.tax_type}", why)
            tax += (line.amount * Decimal(rate["EffectiveRate"]) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if bill.stated_tax is not None and bill.stated_tax != tax:
            raise DocumentRejected(HoldCode.TAX_DIFFERS, computed=tax, stated=bill.stated_tax)
        return tax


def _unusable(what: str, why: str) -> DocumentRejected:
    return DocumentRejected(HoldCode.REFERENCE_UNUSABLE, what=what, why=why)
