"""What one job has met so far in Procore and in Xero, and what it says of that: kept in its `Work` for later steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from worker.holds import title
from worker.ledger.entries import Known as Entry
from worker.mapping.coding_rules import CodingRules
from worker.mapping.opening import Opening
from worker.pipeline.look.shelf import Shelf
from worker.pipeline.values import PaymentList
from worker.procore.records import Attachment, Contract, CostCode, InvoicePayment, Unreadable
from worker.xero.documents import Tracking


@dataclass(frozen=True, slots=True)
class Holder:
    """A claim or invoice as far as its attachments matter, as it passed in this job."""

    procore_id: str
    title: str
    #: Its page in Procore, below the project's address.
    page: str
    updated_at: datetime | None = None
    #: The date of its document, unless that was moved out of a locked period.
    on: date | None = None
    #: None: its list does not say, and it was not asked for alone.
    files: tuple[Attachment, ...] | None = None


@dataclass(slots=True)
class FromProcore:
    """What the job has read of Procore, or asked of it: once is enough."""

    #: Kind to from when its list is read; None: all of it.
    since: dict[str, datetime | None] = field(default_factory=dict)
    #: Kind to when the first of those changed that are left to the next pass: the list is read from before it then.
    put_off: dict[str, datetime] = field(default_factory=dict)
    #: Kind to a record that a list showed.
    seen: dict[str, str] = field(default_factory=dict)
    #: Kind to the records that were missing in their list, and about which this job has decided.
    missed: dict[str, set[str]] = field(default_factory=dict)
    #: Kinds of which a list came empty, though Procore says elsewhere that there are some.
    silent: set[str] = field(default_factory=set)
    #: Kind and id of a record that a list showed, to whether Procore shows it when it is asked for it alone.
    neighbours: dict[tuple[str, str], bool] = field(default_factory=dict)
    #: Entries of records that were found unchanged, of kinds that others name.
    unchanged: dict[tuple[str, str], Entry] = field(default_factory=dict)
    contracts: list[Contract | Unreadable] | None = None
    #: Contract id to the list of its payments, of those that were read: settled together.
    payments_read: dict[int, PaymentList] = field(default_factory=dict)
    #: Vendors that were asked for by id.
    vendors_asked: set[str] = field(default_factory=set)
    #: The project's cost codes, where their list was read.
    cost_codes: list[CostCode | Unreadable] | None = None
    #: Cost codes that were looked for because a line names them.
    cost_codes_asked: set[str] = field(default_factory=set)
    #: Direct costs that have passed, by id, where those that are paid are paid in Xero, too.
    invoices: dict[str, InvoicePayment] = field(default_factory=dict)
    #: Claim id to what it states is held back by now, of claims that were shown or asked for.
    retained: dict[int, Decimal | None] = field(default_factory=dict)
    #: Kind to the records that have passed, by id; only of kinds whose attachments go.
    holders: dict[str, dict[str, Holder]] = field(default_factory=dict)


@dataclass(slots=True)
class FromXero:
    """What the job has looked at in Xero, and done there."""

    #: Options that lines name and that were looked at.
    options_seen: set[str] = field(default_factory=set)
    #: Codes of items that lines name and that were looked at.
    items_seen: set[str] = field(default_factory=set)
    #: All bills, where the job brings many.
    shelf: Shelf = field(default_factory=Shelf)
    #: Endpoint, contact, number and amount before tax of bills that it sends, to their records, by kind and id.
    billed: dict[tuple[object, ...], tuple[str, str]] = field(default_factory=dict)
    #: Kind and id of records whose documents it took out, to what those were called.
    taken_out: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(slots=True)
class Told:
    """What the job says of records, beside what it counts."""

    #: Records that did not end sent or unchanged, by kind; a cursor does not pass them.
    unsettled: dict[str, set[str]] = field(default_factory=dict)
    #: Vendors without a valid ABN of which bills went.
    without_abn: set[str] = field(default_factory=set)
    #: Vendors that were counted as ignored, since no record had named them yet.
    vendors_unneeded: set[str] = field(default_factory=set)
    #: What is left out of the project as dated before the start.
    opening: Opening = field(default_factory=Opening)


@dataclass
class Recoding:
    """What the job knows of rules by which bills were coded, and what it was asked about them."""

    #: A rehearsal of `recode`: what may be recoded is.
    is_asked: bool = False
    #: A rehearsal: what the mapping file of now would code otherwise is gathered.
    looks: bool = False
    #: Kind and id of such records, with the date of the bill.
    outdated: dict[tuple[str, str], date] = field(default_factory=dict)
    #: How the bills that were to be recoded are called in Xero: supplier, number, amount.
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    #: What was to be recoded and is left, with the reason.
    left: dict[tuple[str, str], str] = field(default_factory=dict)
    #: The part of the mapping file that counts, as it is now, and others by their mark.
    now: CodingRules | None = None
    is_kept: bool = False
    rules: dict[str, CodingRules | None] = field(default_factory=dict)
    #: What cost codes became under another target than that of now: options by code, and items.
    codes: dict[str, tuple[Mapping[str, Tracking], Mapping[str, str]]] = field(default_factory=dict)

    def title(self, kind: str, procore_id: str) -> str:
        """ "bill INV-14 of Ridgeline Concrete, 110.00, 2026-08-31 (claim 14)"; as far as that is known."""
        record, on = title(kind, procore_id), self.outdated.get((kind, procore_id))
        said = [self.named.get((kind, procore_id)), on.isoformat() if on else None]
        return f"{', '.join(filter(None, said))} ({record})" if any(said) else record

    @property
    def mark(self) -> str:
        """Of the rules of now; blank where no bill was looked at."""
        return self.now.mark if self.now else ""
