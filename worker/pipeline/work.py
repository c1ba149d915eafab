"""Everything one job of one project works with, and the record of what it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import structlog

from worker.facts import PAYEE
from worker.holds import HoldCode, Outcome, title
from worker.http import exact_json
from worker.ledger.attachments import Attachments
from worker.ledger.elsewhere import Elsewhere
from worker.ledger.entries import Entries
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Holds, Verdict
from worker.ledger.landing import WITHDRAWN
from worker.ledger.projects import Cursors
from worker.ledger.references import References
from worker.ledger.watched import KIND as IN_XERO
from worker.mapping.opening import Opening
from worker.mapping.references import Known
from worker.pipeline import categories, daily
from worker.pipeline.directory import Directory
from worker.pipeline.heartbeat import Heartbeat
from worker.pipeline.recoding import Recoding
from worker.pipeline.shelf import Shelf
from worker.pipeline.stage import Stage
from worker.procore.client import CONTRACTS, Procore
from worker.procore.records import Attachment, Contract, CostCode, InvoicePayment, Project, Unreadable
from worker.procore.shown import Shown
from worker.xero import links
from worker.xero.answers import Element
from worker.xero.chart import Chart
from worker.xero.client import Xero

if TYPE_CHECKING:
    from worker.pipeline.paying import PaymentList

#: Lists are read again from a little before where they ended: clocks differ, and pages move while they are read.
OVERLAP = timedelta(minutes=5)

#: Procore's answers and its records do not differ by more in what time it is. What Procore has shown at one moment is
#: not read for ever after: an import of a thousand records in five minutes would be, in each job, until a newer one
#: comes.
SKEW = timedelta(hours=1)

#: Kinds whose documents those of other kinds name, each of them few: what a job has read of them it reads once.
_NAMED = ("projects", "vendors")

#: What is kept of every contact: by which it is adopted, and the payment terms.
_OF_CONTACTS = (
    *("ContactID", "Name", "ContactNumber", "TaxNumber", "TaxNumberType", "ContactStatus", "MergedToContactID"),
    *("PaymentTerms", "AccountsPayableTaxType"),
)

#: A file's content by its address, cut off after one byte more than so many.
Fetch = Callable[[str, int], bytes]
log = structlog.get_logger(__name__)


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


@dataclass
class Work:
    """One job: its project, both clients, the ledger, what mapping knows, and the counts of its outcomes."""

    project: Project
    procore: Procore
    xero: Xero
    entries: Entries
    attachments: Attachments
    fetch: Fetch
    holds: Holds
    cursors: Cursors
    references: References
    #: The same of Procore's company.
    of_procore: References
    known: Known
    stages: Mapping[str, Stage]
    heartbeat: Heartbeat
    #: Xero's settings are good when they were read after this: the start of the pass, or of a manual job.
    since: datetime
    now: Callable[[], datetime]
    full_compare_every: timedelta
    #: How often the lists are read that Procore cannot filter; nothing: in each job.
    lists_every: timedelta
    xero_web_url: str
    key_window_s: float
    elsewhere: Elsewhere
    #: The client of another organisation by its id; None where it cannot be asked now.
    reach: Callable[[str], Xero | None]
    #: Which of Procore's lists this job was shown.
    shown: Shown
    #: The job number of a project by its id.
    job_number_of: Callable[[int], str]
    #: How the organisation is called, and the short code that its links need; both blank where there is but one.
    organisation: str = ""
    short_code: str = ""
    #: The task of a job that a person started or retried; blank in a pass.
    by_hand: str = ""
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    #: Records that did not end sent or unchanged in this job, by kind; a cursor does not pass them.
    unsettled: dict[str, set[str]] = field(default_factory=dict)
    #: Contract id to the list of its payments, of those that were read: settled together.
    payments_read: dict[int, PaymentList] = field(default_factory=dict)
    #: Kind to a record that a list showed in this job.
    seen: dict[str, str] = field(default_factory=dict)
    #: Kind to the records that were missing in their list, and about which this job has decided.
    missed: dict[str, set[str]] = field(default_factory=dict)
    #: Kinds of which a list came empty in this job, though Procore says elsewhere that there are some.
    silent: set[str] = field(default_factory=set)
    #: Kind and id of a record that a list showed, to whether Procore shows it when it is asked for it alone.
    neighbours: dict[tuple[str, str], bool] = field(default_factory=dict)
    #: Vendors that were asked for by id: once is enough.
    vendors_asked: set[str] = field(default_factory=set)
    #: Vendors without a valid ABN of which bills went.
    without_abn: set[str] = field(default_factory=set)
    #: Vendors that were counted as ignored, since no record had named them yet.
    vendors_unneeded: set[str] = field(default_factory=set)
    #: The project's cost codes, where their list was read in this job.
    cost_codes: list[CostCode | Unreadable] | None = None
    #: Cost codes that were looked for because a line names them.
    cost_codes_asked: set[str] = field(default_factory=set)
    #: Contacts of which Xero was asked whether a person merged them, and into which.
    merged: dict[str, str | None] = field(default_factory=dict)
    #: Kind and id of records whose documents this job took out of Xero, to what those were called.
    taken_out: dict[tuple[str, str], str] = field(default_factory=dict)
    #: Endpoint, contact, number and amount before tax of bills that this job sends, to their records, by kind and id.
    billed: dict[tuple[object, ...], tuple[str, str]] = field(default_factory=dict)
    #: Documents that this job created.
    created: set[str] = field(default_factory=set)
    #: Direct costs that have passed, by id, where those that are paid are paid in Xero, too.
    invoices_passed: dict[str, InvoicePayment] = field(default_factory=dict)
    #: Claim id to what its foot says is held back by now, of claims that were shown or asked for in this job.
    retained: dict[int, Decimal | None] = field(default_factory=dict)
    #: By which rules bills are coded.
    recoding: Recoding = field(default_factory=Recoding)
    #: Options that lines of this job name and that were looked at in Xero.
    options_seen: set[str] = field(default_factory=set)
    #: Codes of items that lines of this job name and that were looked at in Xero.
    items_seen: set[str] = field(default_factory=set)
    #: What is left out of the project as dated before the start.
    opening: Opening = field(default_factory=Opening)
    #: All bills in Xero, where the job brings many.
    shelf: Shelf = field(default_factory=Shelf)
    #: Kind to the records that have passed, by id; only of kinds whose attachments go.
    holders: dict[str, dict[str, Holder]] = field(default_factory=dict)
    #: Entries that this job found unchanged, of kinds that others name.
    _unchanged: dict[tuple[str, str], Entry] = field(default_factory=dict)
    _contracts: list[Contract | Unreadable] | None = None
    #: ContactID to the contact, as far as what is kept of every one.
    _known_contacts: dict[str, Element] = field(default_factory=dict)
    _chart: Chart | None = None
    _directory: Directory | None = None
    _categories: list[Element] | None = None
    _items: list[Element] | None = None

    def chart(self) -> Chart:
        """The organisation's settings, read once per pass by whichever job needs them first."""
        if self._chart is None:
            self._chart = Chart.of(
                self._reference("organisation", lambda: [self.xero.organisation()])[0],
                self._reference("accounts", self.xero.accounts),
                self._reference("tax_rates", self.xero.tax_rates),
                lambda: self._reference("currencies", self.xero.currencies),
            )
        return self._chart

    def locked_until(self) -> date | None:
        """Xero's lock date as it was last read, however long ago: to leave something out it costs no call."""
        text = self.references.get("organisation")
        return Chart.of(exact_json.loads(text)[0], (), ()).locked_until if text else None

    def country(self) -> str:
        """Of the organisation, as two letters, as it was last read: it stays, so it costs no call after the first."""
        text = self.references.get("organisation")
        rows = exact_json.loads(text) if text else self._reference("organisation", lambda: [self.xero.organisation()])
        return str(rows[0].get("CountryCode") or "")

    def items(self, fresh: bool = False) -> list[Element]:
        """The organisation's items; `fresh`: as they are at this moment."""
        if self._items is None or fresh:
            fields = ("ItemID", "Code", "Name")

            def read() -> list[Element]:
                return [{name: row.get(name) for name in fields} for row in self.xero.items()]

            self._items = self._reference("items", read, fresh=fresh)
        return self._items

    def categories(self, fresh: bool = False) -> list[Element]:
        """The tracking categories with all their options, archived ones too; `fresh`: as they are at this moment.

        Raises ConfigError when one that we write to is archived or gone.
        """
        if self._categories is None or fresh:
            read = lambda: self.xero.tracking_categories(archived=True)  # noqa: E731
            self._categories = self._reference("tracking_categories", read, fresh=fresh)
            categories.follow(self.known, self.references, self._categories)
        return self._categories

    def directory(self) -> Directory:
        """The organisation's contacts, as far as adoption looks at them."""
        if self._directory is None:
            rows = self._reference(
                "contacts", lambda: [{name: row.get(name) for name in _OF_CONTACTS} for row in self.xero.contacts()]
            )
            self._directory = Directory(rows, self.country())
            for vendor_id, entry in self.entries.live("vendors").items():  # made since they were read, too
                if shown := entry.facts.get(PAYEE):
                    self._directory.reserve(vendor_id, shown["contact"])
        return self._directory

    def contracts(self) -> list[Contract | Unreadable]:
        """The project's contracts, read once in a job: for the terms of its claims, and for its payments."""
        if self._contracts is None:
            lists = [(name, self.procore.contracts(self.project.id, name)) for name in CONTRACTS]
            self._contracts = [row for name, rows in lists for row in self.shown.rows(name, rows)]
        return self._contracts

    def contacts(self, ids: Collection[str]) -> Mapping[str, Element]:
        """ContactID to the contact: its terms, and its tax type for purchases; nothing of one that is not there."""
        missing = sorted(set(ids) - self._known_contacts.keys())
        if missing:
            found = {str(row["ContactID"]): row for row in self._contacts(missing)}
            self._known_contacts |= {id_: found.get(id_, {}) for id_ in missing}
        return self._known_contacts

    def contact_read(self, contact_id: str) -> Element:
        """A contact as far as this job has read it; nothing of another one."""
        return self._known_contacts.get(contact_id, {})

    def _contacts(self, ids: Sequence[str]) -> Iterable[Element]:
        """Contacts by their ids: of those read in this pass, if they were; one that came since is ours, and plain."""
        if self._directory is None and self.references.get("contacts", self.since) is None:
            return self.xero.contacts_by_id(ids)
        return filter(None, map(self.directory().get, ids))

    def learn(self, kind: str, entry: Entry) -> None:
        """This record was found unchanged."""
        if kind in _NAMED:
            self._unchanged[kind, entry.procore_id] = entry

    def unlearn(self, kind: str, procore_id: str) -> None:
        """The entry of this record is another one now."""
        self._unchanged.pop((kind, procore_id), None)

    def named(self, kind: str, ids: Collection[str]) -> dict[str, Entry]:
        """The entries of these records: as learnt in this job, else from the ledger."""
        found = {id_: entry for id_ in ids if (entry := self._unchanged.get((kind, id_))) is not None}
        return found if len(found) == len(ids) else found | self.entries.known(kind, set(ids) - found.keys())

    def is_full(self, kind: str) -> bool:
        """Whether this job reads everything of a kind."""
        return self.list_from(kind) is None

    def list_from(self, kind: str) -> datetime | None:
        """From when a list is read; None reads all of it: first time, once a day, after the rules changed, and for a
        person who started the job."""
        since = self.cursors.get(f"{kind}:since")
        if self.by_hand and self.cursors.get(f"{kind}:by_hand") != self.by_hand:
            return None
        if not since or daily.is_due(self._full_at(kind), self.now(), self.full_compare_every):
            return None
        return datetime.fromisoformat(since)

    def _full_at(self, kind: str) -> datetime | None:
        """When all of a list was read under these rules; None when it never was."""
        full_at = self.cursors.get(f"{kind}:full_at")
        is_same = self.cursors.get(f"{kind}:rules") == self.known.rules.digest
        return datetime.fromisoformat(full_at) if full_at and is_same else None

    def list_read(self, kind: str, newest: datetime | None, was_full: bool, started_at: datetime) -> None:
        """Remember how far a list was read; a record that says it changed tomorrow does not hide today's.

        That is to where Procore's own clock has come, as the newest record shows; or else an hour back of what its
        answers say, and never of our own clock alone: were that ahead, it would hide what changes meanwhile.
        """
        values = {f"{kind}:rules": self.known.rules.digest}
        told = self.procore.api.clock.read()
        began = min(started_at, told - (self.now() - started_at)) if told else started_at
        shown = [*([min(newest, began)] if newest else []), *([began - SKEW] if told else [])]
        if shown and (newest is not None or was_full):
            values[f"{kind}:since"] = (max(shown) - OVERLAP).isoformat()
        if was_full:
            full_at = daily.counts_as(self._full_at(kind), started_at, self.full_compare_every, self.project.id)
            values[f"{kind}:full_at"] = full_at.isoformat()
            if self.by_hand:
                values[f"{kind}:by_hand"] = self.by_hand  # should the job come back, it need not be read again
        self.cursors.set(values)

    def count(self, kind: str, outcome: Outcome) -> None:
        self.counts.setdefault(kind, Counter())[str(outcome)] += 1

    def took_out(self, kind: str, procore_id: str, what: str) -> None:
        """The document of this record is out of Xero."""
        self.taken_out[kind, procore_id] = what
        for said in ("left_out", IN_XERO):
            self.holds.forget(said, [f"{kind}/{procore_id}"])
        self.counts.setdefault(kind, Counter())[WITHDRAWN] += 1

    def settle(self, verdicts: list[Verdict]) -> None:
        """Count the verdicts and write down those that say why a record did not go."""
        for verdict in verdicts:
            self.count(verdict.kind, verdict.outcome)
            final = verdict.outcome in (Outcome.SENT, Outcome.UNCHANGED) or verdict.code in _FINAL
            if not final:
                self.unsettled.setdefault(verdict.kind, set()).add(verdict.procore_id)
        self.holds.settle(verdicts)
        self.known.held = self.holds.held()

    def title_of(self, kind: str, procore_id: str, project_id: int) -> str:
        """ "claim 58820 of 24-017" """
        return f"{title(kind, procore_id)} of {self.job_number_of(project_id)}"

    def xero_page(self, wrapper: str, xero_id: str | None) -> str:
        return links.page(self.xero_web_url, wrapper, xero_id, self.short_code)

    def _reference(self, name: str, read: Callable[[], list[Element]], *, fresh: bool = False) -> list[Element]:
        def text() -> str:
            log.info("reference read", name=name)
            return exact_json.dumps(read())

        kept = self.references.anew(name, text) if fresh else self.references.once(name, self.since, text)
        rows: list[Element] = exact_json.loads(kept)
        return rows


#: Ignored for good: these do not become sendable without `updated_at` moving.
_FINAL = (
    *(HoldCode.NOTHING_DUE, HoldCode.OTHER_TYPE, HoldCode.HEADER_CODE, HoldCode.DELETED),
    *(HoldCode.PAID_BY_HAND, HoldCode.BEFORE_START, HoldCode.CLAIM_BEFORE_START, HoldCode.EMPLOYEE_LEFT_OUT),
)
