"""What people did in Xero since the last pass: read once for all projects of an organisation, before their jobs start.

One list of what moved for bills, and one for credit notes and for payments where this worker sent any. Nothing is
changed in Xero for it. The mark from which is asked moves when all that was told is noted, so that a pass that died, or
that Xero did not answer, leaves it to the next one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import structlog

from tasks.watching_names import Called
from tasks.watching_payments import ByHand, pages_of
from worker.assembly import Parts
from worker.counting import counted
from worker.errors import ContractBroken, LoginLapsed, SyncError, WorkerStopped
from worker.holds import HoldCode, title
from worker.ledger import hints
from worker.ledger.entries import GONE
from worker.ledger.holds import Holds
from worker.ledger.watched import BILLED, KIND, PAID, Sent, Watched
from worker.pipeline.look import watched
from worker.pipeline.look.watched import Written
from worker.pipeline.values import Reason
from worker.pipeline.verdicts import said as as_said
from worker.xero import batches
from worker.xero.answers import Element, changed_at
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS, Endpoint
from worker.xero.limits import DAY_S

#: How far back the first reading goes: what was sent first may stand for long until there is a next pass.
FIRST = timedelta(days=31)
#: Documents that are judged at once.
BATCH = 500
#: The list of what pays a record's bill.
_PAID_BY = {"claims": "payments"}
#: The part of a day's calls that is kept for the jobs.
KEPT = 0.1
log = structlog.get_logger(__name__)


def watch(parts: Parts) -> str:
    """Note what people voided, deleted, changed and approved in this organisation; returns a word for the pass's line.

    What Xero does not answer stops no pass. Raises LoginLapsed, which is about all that is done, and WorkerStopped.
    """
    where = f" of {parts.name}" if parts.name else ""
    try:
        told = sum(_Reading(parts, endpoint).note() for endpoint in _lists(parts))
    except (LoginLapsed, WorkerStopped):
        raise
    except SyncError as error:
        why = str(error)
    except Exception:  # whatever is wrong here, the jobs go on
        log.exception("what people changed in Xero was not read")
        why = "an error of this program, which stands in the log."
    else:
        return f"; a person voided, changed or paid {counted(told, 'document')} of ours in Xero{where}" if told else ""
    return f"; what people changed in Xero{where} is asked in the next pass: {why.rstrip('.')}"


def _lists(parts: Parts) -> Iterator[Endpoint]:
    """Those in which something of ours may have moved. Raises SyncError where the day's calls run short."""
    ledger = Watched(parts.engine, parts.organisation.tenant_id)
    if not ledger.payments_wait() and not (parts.settings.watch_xero and ledger.has((*BILLED, *PAID))):
        return
    day = parts.settings.xero_calls_per_day
    if parts.xero_budget.left().get(DAY_S, day) < KEPT * day:
        raise SyncError("of the day's calls few are left, and the jobs need these.")
    yield BILLS
    known = parts.references().get(_mark(CREDIT_NOTES))
    if known or ledger.has(BILLED, CREDIT_NOTES.wrapper):
        yield CREDIT_NOTES
    if parts.settings.watch_xero and ledger.has(PAID):
        yield PAYMENTS


def _mark(endpoint: Endpoint) -> str:
    return f"watched:{endpoint.wrapper}"


class _Reading:
    """One list of what moved in one organisation."""

    def __init__(self, parts: Parts, endpoint: Endpoint) -> None:
        self._parts = parts
        self._endpoint = endpoint
        self._tenant_id = parts.organisation.tenant_id
        self._ledger = Watched(parts.engine, self._tenant_id)
        self._began = parts.now()
        self._newest: datetime | None = None
        self._unjudged: list[datetime] = []
        self._called = Called(parts, self._ledger)
        self._by_hand = ByHand(parts, self._began)

    def note(self) -> int:
        """Read it to its end and write down what it tells; returns of how many documents that is new."""
        references = self._parts.references()
        kept = references.get(_mark(self._endpoint))
        since = datetime.fromisoformat(kept) if kept else self._began - FIRST
        rows = self._parts.xero.of_suppliers(self._endpoint, since)
        told = 0
        while some := list(islice(rows, BATCH)):
            told += self._note(some)
        told += self._by_hand.settle()
        self._unjudged += self._by_hand.unjudged
        clock = self._parts.xero.api.clock.read()
        began = clock - (self._parts.now() - self._began) if clock else None
        mark = watched.next_mark(since, self._newest, began, self._unjudged)
        references.put({_mark(self._endpoint): mark.isoformat()})
        return told

    def _note(self, rows: Sequence[Element]) -> int:
        stored = {str(row[self._endpoint.id_field]): row for row in rows}
        moved = {id_: at for id_, row in stored.items() if (at := changed_at(row)) is not None}
        self._newest = max(filter(None, (self._newest, *moved.values())), default=None)
        ours = self._ledger.documents(list(stored), self._began)
        self._unjudged += [moved[one.xero_id] for one in ours if not one.is_at_rest and one.xero_id in moved]
        if self._endpoint == PAYMENTS:
            self._by_hand.look([row for id_, row in stored.items() if id_ not in {one.xero_id for one in ours}])
        at_rest = [one for one in ours if one.is_at_rest]
        self._make_due(one for one in at_rest if watched.approved(stored[one.xero_id], one.facts))
        said = self._ledger.said() if at_rest else {}
        bodies = self._bodies(at_rest)
        told = 0
        for one in at_rest:
            row, body = stored[one.xero_id], bodies[one.request_id][one.position] if one.request_id else None
            try:
                before = said.get((one.project_id, _beside(one)))
                why = self._judged(row, Written(one.fingerprint, one.facts, body), before)
            except ContractBroken as error:  # the audit names it; the others are told
                log.warning("a document cannot be read", document=one.xero_id, why=str(error))
                continue
            told += self._settle(one, row, why, before)
        return told

    def _bodies(self, ours: Iterable[Sent]) -> dict[int | None, list[batches.Body]]:
        texts = self._ledger.bodies(sorted({one.request_id for one in ours if one.request_id is not None}))
        return {id_: batches.members(self._endpoint, text) for id_, text in texts.items()}

    def _make_due(self, approved: Iterable[Sent]) -> None:
        """What waits for a bill to be approved goes with this pass."""
        names: dict[int, set[str]] = defaultdict(set)
        for one in approved:
            names[one.project_id].add(_PAID_BY.get(one.kind, one.kind))
        hints.make_due(self._parts.engine, names, self._parts.now())

    def _judged(self, row: Element, written: Written, said: str | None) -> Reason | None:
        """Why a person should look at the document. Before that is said for the first time, what is named otherwise is
        looked at: it may be the same by another name."""
        why = watched.judge(self._endpoint, row, written, self._called.names())
        if why is None or why.is_said_by(said) or not self._called.look_again(row, written.body):
            return why
        return watched.judge(self._endpoint, row, written, self._called.names())

    def _settle(self, one: Sent, row: Element, why: Reason | None, said: str | None) -> bool:
        """Say what was found, and note it at the entry. Returns whether it was not said before."""
        if status := watched.approved(row, one.facts):
            self._ledger.note(one, {"status": status})
        if why is None and said is None:
            return False
        holds = Holds(self._parts.engine, self._tenant_id, one.project_id, self._parts.now)
        if why is None or why.code is HoldCode.GONE_IN_XERO:
            holds.forget(KIND, [_beside(one)])
        if why is None:
            return False
        is_gone = why.code is HoldCode.GONE_IN_XERO
        key = (one.kind, one.procore_id) if is_gone else (KIND, _beside(one))
        pages = pages_of(self._parts, one, self._endpoint, one.xero_id)
        holds.settle([as_said(*key, title(one.kind, one.procore_id), why, *pages)])
        if is_gone:  # noted last: a pass that dies before it says it once more
            self._ledger.note(one, {"status": row["Status"]}, GONE)
        return not why.is_said_by(said)


def _beside(one: Sent) -> str:
    """Under which id is said what does not hold the record itself."""
    return f"{one.kind}/{one.procore_id}"
