"""What the audit knows of an organisation's books in Xero: plain values, which `from_xero` fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from worker.audit.codings import Coded
from worker.audit.terms import Terms

#: Statuses of a document that is no longer in the books.
VOID = ("VOIDED", "DELETED")


class Address(NamedTuple):
    """A postal address as Xero has it; blank what it does not have."""

    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


NO_ADDRESS = Address()


class Applied(NamedTuple):
    """What of a credit note, a prepayment or an overpayment was set against a bill."""

    #: The bill.
    document_id: str
    amount: Decimal
    #: None: Xero does not say when.
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str
    number: str = ""
    tax_number: str = ""
    is_active: bool = True
    #: Its terms for bills.
    terms: Terms | None = None
    #: Its own tax type for purchases.
    tax_type: str = ""
    #: The contact that it was merged into.
    merged_to: str = ""
    address: Address = NO_ADDRESS


class Moved(NamedTuple):
    """A line on a retention account, as it stands on its document; `project` is the name of its option."""

    account: str
    project: str
    amount: Decimal
    tax: Decimal


class Credit(NamedTuple):
    """What is set against a bill: a credit note, a prepayment or an overpayment, in words, and how much of it."""

    id: str
    title: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Posted:
    """A bill, or with `credit` a credit note, as Xero holds it; amounts are positive in both."""

    id: str
    number: str
    contact_id: str
    status: str
    before_tax: Decimal
    tax: Decimal
    url: str = ""
    credit: bool = False
    lines: Coded = field(default_factory=dict)
    currency: str = ""
    #: What its total has beside its lines and their tax.
    rounding: Decimal = Decimal(0)
    #: The tax on its lines by what they are coded to, where it is in their amounts in Xero.
    taxes: Coded = field(default_factory=dict)
    on: date | None = None
    due_on: date | None = None
    line_count: int = 1
    #: The day in Procore that its first line names, where it was moved out of a locked period.
    moved_from: str = ""
    #: Its lines on retention accounts.
    retention: Sequence[Moved] = ()
    #: What is set against it beside payments.
    credits: Sequence[Credit] = ()
    #: What is still due on it, or of a credit note what is left of it; in its own currency.
    owed: Decimal = Decimal(0)
    #: Of a credit note what was set against bills; of a bill the prepayments and overpayments that were.
    applied: Sequence[Applied] = ()

    @property
    def is_live(self) -> bool:
        return self.status not in VOID

    @property
    def is_posted(self) -> bool:
        """Whether it moves accounts: drafts do not."""
        return self.status in ("AUTHORISED", "PAID")

    @property
    def sign(self) -> int:
        return -1 if self.credit else 1

    @property
    def total(self) -> Decimal:
        return self.before_tax + self.tax + self.rounding

    @property
    def title(self) -> str:
        return f"{'credit note' if self.credit else 'bill'} {self.number or 'without number'}"


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as Xero holds it, and the document it pays."""

    id: str
    document_id: str
    reference: str
    amount: Decimal
    is_live: bool = True
    on: date | None = None
    #: Code of the bank account; blank where it has none.
    account: str = ""


@dataclass(frozen=True)
class XeroSide:
    """The organisation's books, as far as they can be ours."""

    #: Active options of the category that stands for projects.
    project_options: Sequence[str] = ()
    contacts: Sequence[Contact] = ()
    documents: Sequence[Posted] = ()
    payments: Sequence[Paid] = ()
    #: Of the organisation, as two letters: it says what a tax number is.
    country: str = ""
    #: The organisation's own.
    currency: str = ""
    #: What it is called, and its time zone by Xero's name for it.
    name: str = ""
    time_zone: str = ""
    #: Options of the category of cost codes, archived ones too; None: cost codes go to no category.
    cost_code_options: Sequence[str] | None = None
    #: Account code to the tax type that is its own default, read when it is first asked for.
    tax_types: Callable[[], Mapping[str, str]] = dict
    locked_until: date | None = None
    #: Tax type to its rate in percent, read when it is first asked for.
    rates: Callable[[], Mapping[str, Decimal]] = dict
