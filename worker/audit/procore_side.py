"""What the audit knows of one project in Procore: plain values, which `from_procore` fills."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from worker import holds
from worker.audit.codings import Coded
from worker.audit.terms import Terms


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
