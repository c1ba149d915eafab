"""What the audit knows of each side: plain values, filled by `from_procore` and `from_xero`, compared by `compare`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from worker import holds

#: Statuses of a document that is no longer in the books.
VOID = ("VOIDED", "DELETED")


class Coding(NamedTuple):
    """What an amount is coded to. Of Procore's side project and cost code are the job number and the code itself, of
    Xero's the names of the options; blank for none."""

    account: str
    tax_type: str
    project: str = ""
    cost_code: str = ""
    item: str = ""


class Terms(NamedTuple):
    """Payment terms as Xero has them: the kind, and its day or days."""

    kind: str
    days: int


#: Amounts before tax by what they are coded to.
Coded = Mapping[Coding, Decimal]


@dataclass(frozen=True, slots=True)
class Supplier:
    """A vendor of Procore."""

    id: str
    name: str
    #: With its kind before it; blank where it has none that is valid.
    tax_number: str = ""


@dataclass(frozen=True, slots=True)
class Retained:
    """What a claim says of the retention on its commitment; amounts before tax, as the claim's own columns say."""

    withheld: Decimal
    released: Decimal
    #: Held back by now, by the claim's foot; None: it does not say.
    held: Decimal | None = None
    #: Held back before this claim, by its lines.
    before: Decimal = Decimal(0)
    #: Of the claim in its commitment.
    number: int | None = None
    #: Supplier and commitment, as the claim calls them.
    supplier: str = ""
    commitment: str = ""

    @property
    def net(self) -> Decimal:
        """By how much more is held after the claim than before it."""
        return self.withheld - self.released


@dataclass(frozen=True, slots=True)
class Due:
    """A claim or invoice that is to be in the books; amounts as the record's own foot says, negative for a credit."""

    kind: str
    id: str
    #: How its document may be numbered: as the supplier says, or as we call it where he says nothing.
    numbers: tuple[str, ...]
    vendor_id: str
    #: Before tax; where a claim's foot may include the tax, both readings. Empty: Procore does not say.
    readings: tuple[Decimal, ...]
    #: None: Procore states none, and Xero's own is reckoned from the rates.
    tax: Decimal | None = None
    commitment_id: str = ""
    #: Blank where Procore does not say: the organisation's own.
    currency: str = ""
    #: From before the start that the mapping file gives: part of the opening balance, and not to be in the books.
    is_opening: bool = False
    on: date | None = None
    #: The record's own payment terms, or its contract's; None where neither says any.
    terms: Terms | None = None
    #: In which status its document arrives; blank: not compared.
    status: str = ""
    #: How its lines are coded by the mapping file; positive on a credit note, too.
    lines: Coded = field(default_factory=dict)
    #: Whether the tax, which Procore does not state, is in the readings.
    inclusive: bool = False
    #: When a direct cost was paid that is to be paid in the books; None: it is not.
    paid_on: date | None = None
    #: From which bank account; blank where the mapping file names none.
    paid_from: str = ""
    #: The name of the contact that is paid instead of a vendor.
    payee: str = ""
    #: Whether the tax is in the lines.
    gross: bool = False
    #: How a number ends that we gave.
    numbered: str = ""
    #: Why its lines are not compared, in a sentence.
    uncoded: str = ""
    #: Of a claim.
    retained: Retained | None = None

    @property
    def title(self) -> str:
        return holds.title(self.kind, self.id)

    def is_numbered(self, number: str) -> bool:
        """Whether this is its number; of a name that we gave only the claim counts, since it keeps the commitment's."""
        plain = " ".join(number.split())
        return plain in self.numbers or bool(self.numbered and plain.endswith(self.numbered))

    @property
    def is_credit(self) -> bool:
        return bool(self.readings) and self.readings[0] < 0

    @property
    def with_tax(self) -> Decimal | None:
        """What Procore says is owed, with the tax that it states; None when it does not say."""
        return self.readings[0] + (self.tax or Decimal(0)) if self.readings else None


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A payment issued in Procore."""

    id: str
    claim_id: str
    amount: Decimal
    #: On a claim from before the start, or without a claim and from before it.
    is_opening: bool = False
    on: date | None = None
    #: The bank account by the mapping file; blank where it names none for this method.
    account: str = ""
    method: str = ""
    #: Whether it is entered in Procore without its share of the claim's tax.
    before_tax: bool = False


@dataclass(frozen=True)
class ProcoreSide:
    """One project as Procore has it, with what the mapping file makes of it."""

    project_id: int
    job_number: str
    suppliers: Sequence[Supplier] = ()
    due: Sequence[Due] = ()
    payments: Sequence[PaidOut] = ()
    #: Commitment id to the retention that its newest approved claim says is held back.
    retained: Mapping[str, Decimal] = field(default_factory=dict)
    #: The same of the newest claim that is part of the opening balance.
    retained_before: Mapping[str, Decimal] = field(default_factory=dict)
    #: (kind, id, why) of records that cannot be read.
    unreadable: Sequence[tuple[str, str, str]] = ()
    #: Kinds of record that Procore does not show, or that the mapping file leaves out: nothing of them is compared.
    unseen: Collection[str] = ()
    #: (tool, its id, what Procore answers) of tools that it does not show.
    closed: Collection[tuple[str, str, str]] = ()
    retention_accounts: Collection[str] = ()
    #: From which day on documents count that are not from Procore.
    not_before: date | None = None
    #: Days to a bill's due date where nothing else says it.
    due_days: int = 30
    #: Whether a bill of a locked period goes with the first open day.
    moves_dates: bool = False
    #: How far the tax may be from what the rates make of it, where Procore states none.
    tolerance: Decimal = Decimal(0)
    #: Commitment id to its number, as far as Procore shows it.
    commitments: Mapping[str, str] = field(default_factory=dict)
    #: Whether the tax on what is withheld falls due when it is released.
    defers_tax: bool = False


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
class Tied:
    """What categories and options are that a person may have renamed in Xero, by their ids, as the ledger knows."""

    #: Name in the mapping file to the id of the category that was found by it.
    categories: Mapping[str, str] = field(default_factory=dict)
    #: Option to the job number or the cost code that it stands for.
    options: Mapping[str, str] = field(default_factory=dict)


NOTHING_TIED = Tied()


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
