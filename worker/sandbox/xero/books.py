"""The state of one Xero organisation: tables with indexes, and the look-ups every rule needs.

Holds rows and finds them. What may be written is decided by the modules of each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from worker.sandbox.clock import Clock
from worker.sandbox.switches import InForce, XeroSwitches
from worker.sandbox.xero.values import Row, fold

#: Lines may use these system accounts; all others belong to Xero itself.
_OPEN_SYSTEM_ACCOUNTS = frozenset({"", "ROUNDING", "HISTORICAL"})

_CLASS_OF_TYPE = {
    **dict.fromkeys(("BANK", "CURRENT", "FIXED", "INVENTORY", "NONCURRENT", "PREPAYMENT"), "ASSET"),
    **dict.fromkeys(("CURRLIAB", "LIABILITY", "TERMLIAB"), "LIABILITY"),
    **dict.fromkeys(("DEPRECIATN", "DIRECTCOSTS", "EXPENSE", "OVERHEADS"), "EXPENSE"),
    **dict.fromkeys(("OTHERINCOME", "REVENUE", "SALES"), "REVENUE"),
    "EQUITY": "EQUITY",
}
_FLAG_OF_CLASS = {
    "ASSET": "CanApplyToAssets",
    "LIABILITY": "CanApplyToLiabilities",
    "EXPENSE": "CanApplyToExpenses",
    "REVENUE": "CanApplyToRevenue",
    "EQUITY": "CanApplyToEquity",
}


_MILLIONTH = Decimal("0.000001")


class Table:
    """Rows by id, and by any number of other keys; a key of None is not indexed."""

    def __init__(self, id_field: str, **indexes: Callable[[Row], Hashable | None]) -> None:
        self.id_field = id_field
        self._rows: dict[str, Row] = {}
        self._key_of = indexes
        self._found: dict[str, dict[Hashable, dict[str, None]]] = {name: {} for name in indexes}
        self._keys: dict[str, dict[str, Hashable | None]] = {name: {} for name in indexes}

    def save(self, row: Row) -> None:
        """Add the row, or replace the one with its id."""
        row_id = row[self.id_field]
        self._rows[row_id] = row
        for name, key_of in self._key_of.items():
            self._reindex(name, row_id, key_of(row))

    def remove(self, row_id: str) -> None:
        """Forget a row."""
        for name in self._key_of:
            self._reindex(name, row_id, None)
        del self._rows[row_id]

    def get(self, row_id: object) -> Row | None:
        """The row with this id, in any letter case."""
        return self._rows.get(str(row_id).lower())

    def find(self, index: str, key: Hashable | None) -> list[Row]:
        """All rows with this key, oldest first."""
        return [self._rows[row_id] for row_id in self._found[index].get(key, ())]

    def all(self) -> Collection[Row]:
        """Every row, oldest first."""
        return self._rows.values()

    def _reindex(self, name: str, row_id: str, key: Hashable | None) -> None:
        keys, found = self._keys[name], self._found[name]
        old = keys.get(row_id)
        if old == key:
            return
        if old is not None:
            del found[old][row_id]
        keys[row_id] = key
        if key is not None:
            found.setdefault(key, {})[row_id] = None


class Books:
    """Everything one organisation holds."""

    def __init__(self, clock: Clock, tenant_id: str, organisation: Row, switches: InForce[XeroSwitches]) -> None:
        self.clock = clock
        self.switches = switches
        #: A seed tells of the past: what is refused today may stand in it.
        self.is_loading = False
        self.tenant_id = tenant_id
        self.organisation = organisation
        self.accounts = Table("AccountID", code=lambda row: row.get("Code") or None)
        self.tax_rates: dict[str, Row] = {}
        self.currencies: list[Row] = []
        #: What the plan and the connected user allow: rows of GET /Organisation/Actions.
        self.actions: list[Row] = []
        #: A category's "Options" is itself a Table.
        self.categories = Table("TrackingCategoryID", name=lambda row: fold(row["Name"]))
        self.contacts = Table(
            "ContactID",
            name=lambda row: fold(row["Name"]) if row["ContactStatus"] == "ACTIVE" else None,
            number=lambda row: fold(row["ContactNumber"]) if row.get("ContactNumber") else None,
            account_number=lambda row: row.get("AccountNumber") or None,
        )
        self.invoices = _documents("InvoiceID", "InvoiceNumber")
        self.credit_notes = _documents("CreditNoteID", "CreditNoteNumber")
        self.payments = Table("PaymentID", target=lambda row: row["TargetID"])
        self.batch_payments = Table("BatchPaymentID")
        self.allocations = Table("AllocationID", note=lambda row: row["NoteID"], invoice=lambda row: row["InvoiceID"])
        self.prepayments = Table("PrepaymentID")
        self.prepaid = Table(
            "AllocationID", prepayment=lambda row: row["PrepaymentID"], invoice=lambda row: row["InvoiceID"]
        )
        #: What was written into the history of a document, by its id.
        self.history: dict[str, list[Row]] = {}
        self.attachments = Table("AttachmentID", document=lambda row: row["DocumentID"])
        self.items = Table("ItemID", code=lambda row: fold(row["Code"]))

    def now(self) -> datetime:
        """The stamp of a change made now."""
        return self.clock.now()

    def live_payments(self, target_id: str) -> list[Row]:
        """The payments of a document that were not deleted."""
        return [row for row in self.payments.find("target", target_id) if row["Status"] != "DELETED"]

    def allocations_of(self, document_id: str) -> list[Row]:
        """The allocations of a credit note, or to an invoice; those of prepayments, too."""
        of_notes = self.allocations.find("note", document_id) + self.allocations.find("invoice", document_id)
        return of_notes + self.prepaid.find("invoice", document_id)

    def account(self, given: Mapping[str, object], code_field: str = "Code") -> Row | None:
        """The account that AccountID, or else a code, names."""
        if given.get("AccountID"):
            return self.accounts.get(given["AccountID"])
        found = self.accounts.find("code", str(given.get(code_field) or ""))
        return found[0] if found else None

    def lock_problem(self, day: date) -> str | None:
        """Why nothing may be written on this date, or None."""
        if self.is_loading:
            return None
        locks = (("EndOfYearLockDate", "end of year lock date"), ("PeriodLockDate", "period lock date"))
        for field, words in locks:
            lock = self.organisation.get(field)
            if field == "PeriodLockDate" and self.switches.now.is_adviser:
                continue
            if lock is not None and day <= lock:
                return f"The document date cannot be before the {words}, currently set at {lock:%d-%b-%Y}"
        return None

    def allows(self, action: str) -> bool:
        """Whether the plan and the connected user allow this; what is not listed is allowed."""
        return all(row["Status"] == "ALLOWED" for row in self.actions if row["Name"] == action)

    def knows_currency(self, code: str) -> bool:
        """Whether documents may be in this currency."""
        return code == self.base_currency or any(row["Code"] == code for row in self.currencies)

    def day_rate(self, code: str) -> Decimal:
        """Units of this currency for one of our own: what is taken for a document or payment that gives no rate."""
        given = next((row.get("Rate") for row in self.currencies if row["Code"] == code), None)
        return Decimal(str(given if given is not None and code != self.base_currency else 1)).quantize(_MILLIONTH)

    def currency_of(self, account: Row) -> str:
        """A bank account may be in another currency than the organisation."""
        return str(account.get("CurrencyCode") or self.base_currency)

    @property
    def base_currency(self) -> str:
        """The organisation's own currency."""
        return str(self.organisation.get("BaseCurrency", "AUD"))


def _documents(id_field: str, number_field: str) -> Table:
    return Table(
        id_field,
        number=lambda row: fold(row[number_field]) if row.get(number_field) else None,
        contact=lambda row: row["ContactID"],
    )


def usable_on_lines(account: Row) -> bool:
    """Bank accounts and most system accounts are not for document lines."""
    return account["Type"] != "BANK" and (account.get("SystemAccount") or "") in _OPEN_SYSTEM_ACCOUNTS


def tax_fits(rate: Row, account: Row) -> bool:
    """Whether the tax rate may be used with this class of account."""
    account_class = account.get("Class") or _CLASS_OF_TYPE.get(account["Type"], "EXPENSE")
    return bool(rate.get(_FLAG_OF_CLASS[account_class], False))


def effective_rate(rate: Row) -> Decimal:
    """The rate in percent."""
    given = rate.get("EffectiveRate", rate.get("DisplayTaxRate"))
    return Decimal(str(given)) if given is not None else _component_sum(rate.get("TaxComponents") or ())


def _component_sum(components: Iterable[Row]) -> Decimal:
    return sum((Decimal(str(part["Rate"])) for part in components), Decimal(0))
