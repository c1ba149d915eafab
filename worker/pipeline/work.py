"""What a stage is, which is data (the five stand on one page in `tasks/stages.py`), and everything that one job of one
project works with: the two name each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from worker.holds import HoldCode, Outcome, title
from worker.ledger.attachments import Attachments
from worker.ledger.elsewhere import Elsewhere
from worker.ledger.entries import Entries
from worker.ledger.entries import Known as Entry
from worker.ledger.handed_over import HandedOver
from worker.ledger.holds import Holds, Verdict
from worker.ledger.landing import WITHDRAWN
from worker.ledger.lists import Planned
from worker.ledger.names import Names
from worker.ledger.projects import Cursors
from worker.ledger.references import References
from worker.ledger.watched import KIND as IN_XERO
from worker.mapping.references import Known
from worker.pipeline.decide import came_to_nothing
from worker.pipeline.draft import Draft
from worker.pipeline.heartbeat import Heartbeat
from worker.pipeline.look.settings import XeroSettings
from worker.pipeline.so_far import FromProcore, FromXero, Recoding, Told
from worker.procore.client import CONTRACTS, Procore
from worker.procore.files import Fetch
from worker.procore.records import Contract, Project, Record, Unreadable
from worker.procore.shown import Shown
from worker.xero import links
from worker.xero.client import Xero
from worker.xero.documents import Document

#: Kinds whose documents those of other kinds name, each of them few: what a job has read of them it reads once.
_NAMED = ("projects", "vendors")

log = structlog.get_logger(__name__)


Row = Record | Unreadable
Rows = Iterator[Any]
#: The name of a stage, and records of it.
Named = tuple[str, Rows]


#: What is asked of drafts before they are sent: which of them may go, and why the others do not. `settle` has them.
BeforeSending = Callable[["Work", "Stage", Sequence[Draft], Mapping[str, Entry]], tuple[list[Draft], list[Verdict]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One kind of record's way through.

    `read` yields the records to look at, `find` those of given ids (held and waiting ones are judged again in each
    job), `show` asks for one of any project by its id and the facts of its entry (None: Procore does not show it),
    `prepare` loads what mapping must know about a batch, and yields the records of other stages that must go before
    it goes on, since the batch names them. `before_sending` is asked of its drafts, one after the other. `settle` runs
    when the whole stage went well, and yields those that follow it. A list that Procore cannot filter is read `whole`,
    in few jobs, and its records are small: they are looked up all at once.
    """

    name: str
    needs: tuple[str, ...]
    read: Callable[[Work], Rows]
    to_document: Callable[[Any, Known], Document]
    find: Callable[[Work, Sequence[str]], Rows] | None = None
    show: Callable[[Procore, int, str, Mapping[str, Any]], Row | None] | None = None
    prepare: Callable[[Work, Sequence[Any]], Iterable[Named]] | None = None
    facts: Callable[[Any], Mapping[str, Any]] | None = None
    before_sending: tuple[BeforeSending, ...] = ()
    settle: Callable[[Work], Iterable[Named] | None] | None = None
    whole: bool = False
    #: The lists of Procore that `read` asks for: where one is not shown, what it lacks is not missing.
    lists: tuple[str, ...] = ()


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
    names: Names
    cursors: Cursors
    references: References
    #: The same of Procore's company.
    of_procore: References
    known: Known
    stages: Mapping[str, Stage]
    heartbeat: Heartbeat
    #: The start of the pass, or of a manual job: what is read once in a pass was read after it.
    since: datetime
    now: Callable[[], datetime]
    full_compare_every: timedelta
    #: How often the lists are read that Procore cannot filter; nothing: in each job.
    lists_every: timedelta
    xero_web_url: str
    key_window_s: float
    elsewhere: Elsewhere
    handed_over: HandedOver
    #: Seconds after which the job comes back at the latest to what it has handed over; nothing: it hands over nothing.
    waits_at_most_s: float
    #: The client of another organisation by its id; None where it cannot be asked now.
    reach: Callable[[str], Xero | None]
    #: Which of Procore's lists this job was shown.
    shown: Shown
    #: Which of them it reads; None: all, as in every pass.
    due: Planned | None
    #: The job number of a project by its id.
    job_number_of: Callable[[int], str]
    #: How the organisation is called, and the short code that its links need; both blank where there is but one.
    organisation: str = ""
    short_code: str = ""
    #: The task of a job that a person started or retried; blank in a pass.
    by_hand: str = ""
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    #: Stage to what this job has handed over, each as "bill", "credit note" or "payment": it comes back for them.
    handed: dict[str, list[str]] = field(default_factory=dict)
    #: By each kind of which it has handed over something before, what Xero has taken of it since.
    landed: Mapping[str, set[str]] = field(default_factory=dict)
    #: By which rules bills are coded.
    recoding: Recoding = field(default_factory=Recoding)
    #: Contacts of which it is known whether a person merged them, and into which.
    merged: dict[str, str | None] = field(default_factory=dict)
    #: Documents that this job created.
    created: set[str] = field(default_factory=set)
    from_procore: FromProcore = field(default_factory=FromProcore)
    from_xero: FromXero = field(default_factory=FromXero)
    told: Told = field(default_factory=Told)
    settings: XeroSettings = field(init=False)

    def __post_init__(self) -> None:
        read = (self.xero, self.references, self.entries, self.known)
        self.settings = XeroSettings(*read, self.since, self.now, is_exact=bool(self.by_hand))

    def contracts(self) -> list[Contract | Unreadable]:
        """The project's contracts, read once in a job: for the terms of its claims, and for its payments."""
        if self.from_procore.contracts is None:
            lists = [(name, self.procore.contracts(self.project.id, name)) for name in CONTRACTS]
            self.from_procore.contracts = [row for name, rows in lists for row in self.shown.rows(name, rows)]
        return self.from_procore.contracts

    def learn(self, kind: str, entry: Entry) -> None:
        """This record was found unchanged."""
        if kind in _NAMED:
            self.from_procore.unchanged[kind, entry.procore_id] = entry

    def unlearn(self, kind: str, procore_id: str) -> None:
        """The entry of this record is another one now."""
        self.from_procore.unchanged.pop((kind, procore_id), None)

    def named(self, kind: str, ids: Collection[str]) -> dict[str, Entry]:
        """The entries of these records: as learnt in this job, else from the ledger."""
        found = {id_: entry for id_ in ids if (entry := self.from_procore.unchanged.get((kind, id_))) is not None}
        return found if len(found) == len(ids) else found | self.entries.known(kind, set(ids) - found.keys())

    def count(self, kind: str, outcome: Outcome) -> None:
        self.counts.setdefault(kind, Counter())[str(outcome)] += 1

    def took_out(self, kind: str, procore_id: str, what: str) -> None:
        """The document of this record is out of Xero."""
        self.from_xero.taken_out[kind, procore_id] = what
        for said in ("left_out", IN_XERO):
            self.holds.forget(said, [f"{kind}/{procore_id}"])
        self.counts.setdefault(kind, Counter())[WITHDRAWN] += 1

    def settle(self, verdicts: list[Verdict]) -> None:
        """Count the verdicts and write down those that say why a record did not go."""
        for verdict in verdicts:
            self.count(verdict.kind, verdict.outcome)
            final = verdict.outcome in (Outcome.SENT, Outcome.UNCHANGED) or verdict.code in _FINAL
            if not final:
                self.told.unsettled.setdefault(verdict.kind, set()).add(verdict.procore_id)
        self.holds.settle(verdicts)
        self.known.held = self.holds.held()

    def leaves(self, facts: Mapping[str, Any], fingerprint: str) -> bool:
        """Whether this document of a record of these facts does not go now, since its requests came to nothing."""
        by_hand = bool(self.by_hand)
        return came_to_nothing.is_left(facts, fingerprint, self.since, self.now(), by_hand=by_hand)

    def title_of(self, kind: str, procore_id: str, project_id: int) -> str:
        """ "claim 58820 of 24-017" """
        return f"{title(kind, procore_id)} of {self.job_number_of(project_id)}"

    def xero_page(self, wrapper: str, xero_id: str | None) -> str:
        return links.page(self.xero_web_url, wrapper, xero_id, self.short_code)


#: Ignored for good: these do not become sendable without `updated_at` moving.
_FINAL = (
    *(HoldCode.NOTHING_DUE, HoldCode.OTHER_TYPE, HoldCode.HEADER_CODE, HoldCode.DELETED),
    *(HoldCode.PAID_BY_HAND, HoldCode.BEFORE_START, HoldCode.CLAIM_BEFORE_START, HoldCode.EMPLOYEE_LEFT_OUT),
)


def in_order(*stages: Stage, given: Sequence[str] = ()) -> tuple[Stage, ...]:
    """The stages, if each one's needs come before it. Raises ValueError, at import, when they do not."""
    done = set(given)
    for stage in stages:
        missing = [need for need in stage.needs if need not in done]
        if missing:
            raise ValueError(f"Stage {stage.name} stands before what it needs: {', '.join(missing)}.")
        done.add(stage.name)
    return stages
