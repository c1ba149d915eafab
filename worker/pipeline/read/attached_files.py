"""Which files of claims and invoices are to go to their documents; how they go is in `send.uploads`.

Noted while the records pass, and written down before the list's cursor moves on, so that a job that dies owes them
still. Only where the mapping file asks for it; without that nothing is noted, read or written here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from worker.errors import NotPermitted, RequestRefused
from worker.holds import HoldCode, Outcome
from worker.ledger.attachments import OPEN, File
from worker.ledger.database import slices
from worker.ledger.entries import GONE
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping import attachments as mapping
from worker.pipeline.read import daily, lists
from worker.pipeline.so_far import Holder
from worker.pipeline.values import Reason, because
from worker.pipeline.verdicts import said
from worker.pipeline.work import Work
from worker.procore.records import Attachment, Claim, F, Invoice, Unreadable
from worker.xero.documents import BILLS, CREDIT_NOTES

#: The records whose files may go.
KINDS = ("claims", "invoices")
#: The kind of a file's verdict.
KIND = "attachments"
BATCH = 100
#: Documents that files may go to.
ENDPOINTS = {endpoint.wrapper: endpoint for endpoint in (BILLS, CREDIT_NOTES)}


def noting(work: Work, rows: Iterable[F | Unreadable]) -> Iterator[F | Unreadable]:
    """These rows, of which each record is remembered with its files."""
    for row in rows:
        if isinstance(row, Claim | Invoice) and work.known.rules.attachments.go_for(row.kind):
            work.from_procore.holders.setdefault(row.kind, {})[row.procore_id] = _holder(row)
        yield row


def plan(work: Work, kind: str) -> None:
    """Write down what is to go of the records that have passed."""
    for holders in slices(list(work.from_procore.holders.get(kind, {}).values()), BATCH):
        entries = work.entries.known(kind, [holder.procore_id for holder in holders])
        ready = [holder for holder in holders if is_ready(work, kind, entries.get(holder.procore_id))]
        if kind == "invoices":
            ready = [asked for holder in ready if (asked := _asked(work, holder, entries[holder.procore_id]))]
        _plan(work, kind, ready, entries)
        if kind == "invoices":
            for holder in ready:
                work.entries.note(kind, holder.procore_id, {"files": _stamp(work, holder)})


def plan_again(work: Work, kind: str, ids: Collection[str]) -> None:
    """The same for records that have not passed, or whose files their list does not say."""
    wanted = sorted(ids)
    read_again(work, kind, wanted)
    found = [holder for id_ in wanted if (holder := holder_of(work, kind, id_))]
    _plan(work, kind, found, work.entries.known(kind, wanted))


def read_again(work: Work, kind: str, ids: Sequence[str]) -> None:
    """Note these records as Procore shows them now; one that it does not show is left as it was."""
    if kind == "claims":
        rows = work.shown.rows("requisitions", work.procore.claims_by_id(work.project.id, ids))
        deque(noting(work, rows), maxlen=0)
        return
    for id_ in ids:
        ask(
            work,
            work.from_procore.holders.get(kind, {}).get(id_) or Holder(id_, f"invoice {id_}", f"direct_costs/{id_}"),
        )


def ask(work: Work, holder: Holder) -> Holder | None:
    """An invoice with its files, which Procore says of it alone. None, and held, when it does not show it."""
    work.heartbeat()
    try:
        files = work.procore.invoice_attachments(work.project.id, holder.procore_id)
    except (RequestRefused, NotPermitted) as refused:
        reason = because(HoldCode.ATTACHMENT_NOT_GIVEN, why=str(refused).rstrip("."))
        id_, title = hold_id("invoices", holder.procore_id, ""), f"attachments of {holder.title}"
        work.settle([said(KIND, id_, title, reason)])
        return None
    asked = replace(holder, files=files)
    work.from_procore.holders.setdefault("invoices", {})[holder.procore_id] = asked
    return asked


def holder_of(work: Work, kind: str, procore_id: str) -> Holder | None:
    """The record as it passed in this job, if it did so with its files."""
    holder = work.from_procore.holders.get(kind, {}).get(procore_id)
    return holder if holder is not None and holder.files is not None else None


def is_ready(work: Work, kind: str, entry: Entry | None) -> bool:
    """Whether the record has a bill or credit note that files may go to, and is not held itself."""
    if entry is None or entry.state != "live" or entry.fingerprint == GONE:
        return False
    return entry.facts.get("wrapper") in ENDPOINTS and entry.procore_id not in work.told.unsettled.get(kind, ())


def verdict(work: Work, kind: str, holder: Holder, entry: Entry, attachment: Attachment, why: Reason | None) -> Verdict:
    """What became of one file: it went, or `why` it did not."""
    id_, title = hold_id(kind, holder.procore_id, attachment.id), f"attachment {attachment.label} of {holder.title}"
    page = work.xero_page(str(entry.facts["wrapper"]), entry.xero_id)
    if why is None:
        return Verdict(KIND, id_, title, Outcome.SENT, xero_url=page)
    return said(KIND, id_, title, why, work.known.procore_url(holder.page), page)


def hold_id(kind: str, procore_id: str, attachment_id: str) -> str:
    """What a file's verdict is known by: records of two kinds may have one id."""
    return f"{kind}/{procore_id}/{attachment_id}"


def forget_holds(work: Work, kind: str, procore_id: str, kept: Collection[str] = ()) -> None:
    """The holds of a record's files, but for those that it has."""
    own = hold_id(kind, procore_id, "")
    ids = [id_ for id_ in work.holds.ids(KIND) if id_.startswith(own) and id_.removeprefix(own) not in kept]
    work.holds.forget(KIND, ids)


def _holder(row: Claim | Invoice) -> Holder:
    if isinstance(row, Claim):
        return Holder(row.procore_id, row.title, row.page, row.updated_at, row.billing_date, row.attachments)
    return Holder(row.procore_id, row.title, row.page, row.updated_at, row.direct_cost_date)


def _plan(work: Work, kind: str, holders: Sequence[Holder], entries: Mapping[str, Entry]) -> None:
    if not holders:
        return
    known = work.attachments.of(kind, [holder.procore_id for holder in holders])
    until = work.settings.locked_until()
    verdicts: list[Verdict] = []
    planned: list[File] = []
    stale: list[File] = []
    for holder in holders:
        entry, before = entries[holder.procore_id], known.get(holder.procore_id, {})
        go, left_out = _chosen(work, holder, entry, before.values(), until)
        for attachment in go:
            file = File(holder.procore_id, attachment.id, str(entry.xero_id), mapping.safe_name(attachment))
            if not _is_owed(before.get(attachment.id), file):
                planned.append(file)
        verdicts += [
            verdict(work, kind, holder, entry, out.attachment, Reason(out.code, out.sentence)) for out in left_out
        ]
        wanted, there = {one.id for one in go}, {one.id for one in holder.files or ()}
        stale += [file for id_, file in before.items() if file.state in OPEN and id_ not in wanted]
        forget_holds(work, kind, holder.procore_id, there)
    work.attachments.forget(kind, stale)
    work.attachments.plan(kind, planned)
    work.settle(verdicts)


def _chosen(
    work: Work, holder: Holder, entry: Entry, known: Iterable[File], until: date | None
) -> tuple[list[Attachment], list[mapping.LeftOut]]:
    """A document that was made anew has none of the files of the earlier one."""
    known = list(known)
    on = _day_of(holder, entry)
    is_locked = on is not None and until is not None and on <= until
    sent = {file.attachment_id for file in known if file.state == "sent" and file.xero_id == entry.xero_id}
    sizes = {file.attachment_id: file.size for file in known if file.state == "left_out"}
    return mapping.choose(
        holder.files or (), work.known.rules.attachments, sent, sizes, locked_until=until if is_locked else None
    )


def _day_of(holder: Holder, entry: Entry) -> date | None:
    """The day that its document was sent with."""
    moved = entry.facts.get("moved") or {}
    is_moved = holder.on is not None and moved.get("from") == holder.on.isoformat()
    return date.fromisoformat(moved["to"]) if is_moved else holder.on


def _is_owed(before: File | None, file: File) -> bool:
    """Whether it is to go to this very document already; it may be on its way."""
    return before is not None and before.state in OPEN and before.xero_id == file.xero_id


def _asked(work: Work, holder: Holder, entry: Entry) -> Holder | None:
    """Asked for when it has changed, or the mapping file has, and once a day: what else moves is not documented.

    The day's reading of everything may come sooner than a day after the one before, but not by half as a rule.
    """
    before = entry.facts.get("files")
    if before is None or before["of"] != _stamp(work, holder)["of"]:
        return ask(work, holder)
    asked_at = datetime.fromisoformat(before["asked_at"])
    return ask(work, holder) if daily.is_due(asked_at, work.now(), lists.compare_every(work) / 2) else None


def _stamp(work: Work, holder: Holder) -> dict[str, str]:
    """What an invoice's files were asked for, and when."""
    return {"of": f"{holder.updated_at} {work.known.rules.digest}", "asked_at": work.now().isoformat()}
