"""Every record of one project and what became of it, for people: what was sent, is on its way, is held, or waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from worker.called import UNNAMED, Called
from worker.facts import PAYEE
from worker.holds import Outcome, title
from worker.ledger.database import transaction
from worker.ledger.names import names
from worker.ledger.tables import AttachmentRow, Entry, Hold, RequestRow
from worker.sought import Sought

ATTACHMENTS = "attachments"
#: The kinds of records in the order in which a job carries them.
KINDS = ("projects", "vendors", "cost_codes", "claims", "payments", "invoices", "invoice_payments")
#: A tool of Procore that is closed holds what comes after it.
_PLACES = {kind: place for place, kind in enumerate(("tools", *KINDS, ATTACHMENTS))}
#: What an attachment's row says, in the words that are used of records.
_OF_FILES = {"planned": "waiting", "sending": "sending", "sent": "sent", "left_out": "ignored"}


@dataclass(frozen=True, slots=True)
class RecordState:
    """One record. `since` is when its document was written last, or when it began to be held; None is not known."""

    kind: str
    procore_id: str
    title: str
    state: str  # sent, sending, held, waiting, ignored
    since: datetime | None = None
    code: str = ""
    sentence: str = ""
    #: Its document; blank when it is not in Xero.
    xero_id: str = ""
    #: Where the document lives in Xero.
    wrapper: str = ""
    #: The organisation that it is in; blank as long as it was never sent.
    tenant_id: str = ""
    #: Of a vendor, what its entry says of its contact.
    payee: Mapping[str, Any] | None = None
    #: What people call it.
    called: Called = UNNAMED
    #: The project that it stands with, and what Procore's page of it lies below; blank where that is not known.
    project_id: int = 0
    contract_id: str = ""
    #: What to do about it, and its page in Procore, of one that is not sent.
    remedy: str = ""
    procore_url: str = ""
    #: By it a person acknowledges its hold.
    hold_id: str = ""

    def fits(self, wanted: Sought) -> bool:
        """Whether it is called so, or its number or the code of its hold is."""
        return wanted.fits(self.called, self.title, self.procore_id, self.code)


def records(engine: Engine, project_id: int) -> list[RecordState]:
    """The records of this project, in the order in which a job carries them; attachments come last.

    A vendor or cost code goes once for all projects, and stands with the one that it went first with.
    """
    with transaction(engine) as session:
        entries = session.execute(
            select(Entry, RequestRow.answered_at)
            .outerjoin(RequestRow, RequestRow.id == Entry.written_request_id)
            .where(Entry.project_id == project_id, Entry.state != "free")
        ).all()
        open_ones = select(Hold).where(Hold.project_id == project_id, Hold.closed_at.is_(None))
        holds = {(hold.kind, hold.procore_id): hold for hold in session.scalars(open_ones)}
        files = session.scalars(select(AttachmentRow).where(AttachmentRow.project_id == project_id)).all()
    wrappers = {entry.xero_id: str(entry.facts.get("wrapper", "")) for entry, _ in entries}
    found = {(entry.kind, entry.procore_id): _sent(entry, written_at) for entry, written_at in entries}
    found |= {(one.kind, one.procore_id): one for one in (_file(row, wrappers) for row in files)}
    for key, hold in holds.items():
        found[key] = _not_sent(hold, found.get(key))
    called = names(engine, found)
    found = {key: replace(one, called=called.get(key, one.called)) for key, one in found.items()}
    return sorted(found.values(), key=place)


def place(one: RecordState | Hold) -> tuple[int, tuple[int, str]]:
    """Where a record stands among those of its project: in the order in which a job carries them."""
    return _PLACES.get(one.kind, len(_PLACES)), _by_number(one.procore_id)


def _sent(entry: Entry, written_at: datetime | None) -> RecordState:
    state = "sent" if entry.state == "live" else "sending"
    wrapper = str(entry.facts.get("wrapper", ""))
    named = title(entry.kind, entry.procore_id)
    one = RecordState(entry.kind, entry.procore_id, named, state, written_at, payee=entry.facts.get(PAYEE))
    one = replace(one, project_id=entry.project_id or 0, contract_id=str(entry.facts.get("contract_id") or ""))
    return replace(one, xero_id=entry.xero_id or "", wrapper=wrapper, tenant_id=entry.tenant_id)


def _file(row: AttachmentRow, wrappers: dict[Any, str]) -> RecordState:
    id_ = f"{row.kind}/{row.procore_id}/{row.attachment_id}"
    named = f"attachment {row.name} of {title(row.kind, row.procore_id)}"
    wrapper = wrappers.get(row.xero_id, "")
    one = RecordState(ATTACHMENTS, id_, named, _OF_FILES[row.state])
    return replace(one, xero_id=row.xero_id, wrapper=wrapper, tenant_id=row.tenant_id, project_id=row.project_id)


def _not_sent(hold: Hold, known: RecordState | None) -> RecordState:
    """A record that is held may have its document all the same; one of which only a part is left out is sent."""
    known = known or RecordState(hold.kind, hold.procore_id, hold.title, hold.outcome, project_id=hold.project_id)
    is_sent = known.state == "sent" and hold.outcome == Outcome.IGNORED
    state, since = ("sent", known.since) if is_sent else (hold.outcome, hold.opened_at)
    known = replace(known, title=hold.title, state=state, since=since, code=hold.code, sentence=hold.sentence)
    return replace(known, remedy=hold.remedy, procore_url=hold.procore_url, hold_id=hold.short_id)


def _by_number(procore_id: str) -> tuple[int, str]:
    return (int(procore_id) if procore_id.isdecimal() else 0, procore_id)
