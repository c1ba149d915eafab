"""What the audit knows of each side: plain values, filled by `reading`, compared by `compare`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from worker import holds

#: Statuses of a document that is no longer in the books.
VOID = ("VOIDED", "DELETED")


@dataclass(frozen=True, slots=True)
class Supplier:
    """A vendor of Procore."""

    id: str
    name: str
    #: With its kind before it; blank where it has none that is valid.
    tax_number: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A claim or invoice that is to be in the books; amounts as the record's own foot says, negative for a credit."""

    kind: str
    id: str
    #: How its document may be numbered.
    numbers: tuple[str, ...]
    vendor_id: str
    #: Before tax; where a claim's foot may include the tax, both readings. Empty: Procore does not say.
    readings: tuple[Decimal, ...]
    #: None: Procore states none, and amounts before tax are compared.
    tax: Decimal | None = None
    commitment_id: str = ""
    #: Blank where Procore does not say: the organisation's own.
    currency: str = ""
    #: From before the start that the mapping file gives: part of the opening balance, and not to be in the books.
    is_opening: bool = False
    #: Whether the tax, which Procore does not state, is in the readings.
    inclusive: bool = False
    #: A direct cost that is paid, and is to be so in the books.
    is_paid: bool = False

    @property
    def title(self) -> str:
        return holds.title(self.kind, self.id)

    @property
    def is_credit(self) -> bool:
        return bool(self.readings) and self.readings[0] < 0


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A payment issued in Procore."""

    id: str
    claim_id: str
    amount: Decimal
    #: On a claim from before the start, or without a claim and from before it.
    is_opening: bool = False
    #: Whether it is entered in Procore without its share of the claim's tax.
    before_tax: bool = False


@dataclass(frozen=True)
class ProcoreSide:
    """One project as Procore has it."""

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


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str
    number: str = ""
    tax_number: str = ""
    is_active: bool = True


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
    #: Account code to the sum of its lines.
    by_account: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = ""
    #: What its total has beside its lines and their tax.
    rounding: Decimal = Decimal(0)

    @property
    def is_live(self) -> bool:
        return self.status not in VOID

    @property
    def sign(self) -> int:
        return -1 if self.credit else 1


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as Xero holds it, and the document it pays."""

    id: str
    document_id: str
    reference: str
    amount: Decimal
    is_live: bool = True


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
