"""Documents in Xero by their ids, as the ledger knows them: what was written last, and what is said of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, exists, or_, select

from worker.facts import ACCEPTED_EDIT, SAME
from worker.holds import HoldCode
from worker.ledger.database import on_rows, transaction
from worker.ledger.tables import Entry, Hold, RequestRow

#: Under this kind stands what is said of a document beside its record's own outcome, as "claims/58820".
KIND = "in_xero"
#: Kinds whose options and items lines name.
_NAMED = ("projects", "cost_codes")
BILLED, PAID = ("claims", "invoices"), ("payments", "invoice_payments")
_WAITING = (HoldCode.BILL_AWAITING_APPROVAL.code, HoldCode.CREDIT_AWAITING_APPROVAL.code)


@dataclass(frozen=True, slots=True)
class Sent:
    """One document and its record."""

    kind: str
    procore_id: str
    project_id: int
    xero_id: str
    fingerprint: str | None
    facts: Mapping[str, Any]
    #: The request that Xero took last for it, and the place in it; None where it was adopted.
    request_id: int | None
    position: int
    #: Whether nothing of it was on its way, and nothing was confirmed, at or after the moment that was asked for.
    is_at_rest: bool

    @property
    def contract_id(self) -> object:
        """Its commitment in Procore, where it has one."""
        return self.facts.get("contract_id")


class Watched:
    """The documents of one organisation."""

    def __init__(self, engine: Engine, tenant_id: str) -> None:
        self._engine = engine
        self._tenant_id = tenant_id

    def has(self, kinds: Sequence[str], wrapper: str = "") -> bool:
        """Whether there is a document of one of these kinds, or of them one that lives there in Xero."""
        these = and_(Entry.tenant_id == self._tenant_id, Entry.kind.in_(kinds), Entry.state == "live")
        if wrapper:
            these = and_(these, Entry.facts["wrapper"].as_string() == wrapper)
        return self._is_there(select(exists().where(these)))

    def payments_wait(self) -> bool:
        """Whether something waits for a bill or credit note to be approved."""
        waits = and_(Hold.tenant_id == self._tenant_id, Hold.closed_at.is_(None), Hold.code.in_(_WAITING))
        return self._is_there(select(exists().where(waits)))

    def documents(self, xero_ids: Sequence[str], since: datetime) -> list[Sent]:
        """The records of those of these documents that are ours; `since` is when they began to be read."""
        query = (
            select(Entry, RequestRow.answered_at)
            .outerjoin(RequestRow, RequestRow.id == Entry.written_request_id)
            .where(Entry.xero_id.in_(xero_ids), Entry.tenant_id == self._tenant_id, Entry.kind.in_((*BILLED, *PAID)))
            .order_by(Entry.id)
        )
        with transaction(self._engine) as session:
            return [_sent(row, answered_at, since) for row, answered_at in session.execute(query)]

    def bodies(self, request_ids: Sequence[int]) -> dict[int, str]:
        """What was sent in these requests."""
        query = select(RequestRow.id, RequestRow.body).where(RequestRow.id.in_(request_ids))
        with transaction(self._engine) as session:
            return {row[0]: row[1] for row in session.execute(query)}

    def names(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The facts of all options and items, with their ids."""
        query = select(Entry.xero_id, Entry.facts).where(
            Entry.tenant_id == self._tenant_id, Entry.kind.in_(_NAMED), Entry.state == "live"
        )
        with transaction(self._engine) as session:
            return [(str(row[0]), row[1]) for row in session.execute(query)]

    def said(self) -> dict[tuple[int, str], str]:
        """What is said of documents now, by project and id."""
        query = select(Hold.project_id, Hold.procore_id, Hold.sentence).where(
            Hold.tenant_id == self._tenant_id, Hold.kind == KIND, Hold.closed_at.is_(None)
        )
        with transaction(self._engine) as session:
            return {(row[0], row[1]): row[2] for row in session.execute(query)}

    def is_paying(self, since: datetime) -> bool:
        """Whether a payment of ours is on its way, or was answered at or after that moment."""
        late = or_(RequestRow.state == "planned", RequestRow.answered_at >= since)
        mine = and_(RequestRow.tenant_id == self._tenant_id, RequestRow.kind.in_(PAID))
        return self._is_there(select(exists().where(mine, late)))

    def known_payments(self) -> set[str]:
        """Payments that people said to be what Procore has, or a part of it."""
        mine = and_(Entry.tenant_id == self._tenant_id, Entry.kind.in_(PAID), Entry.state == "free")
        with transaction(self._engine) as session:
            facts = session.scalars(select(Entry.facts).where(mine)).all()
        return {id_ for one in facts for id_ in (one.get(SAME) or {}).get("claims", ())}

    def note(self, sent: Sent, facts: Mapping[str, Any], fingerprint: str | None = None) -> None:
        """Remember what was read of a document, as long as it is the record's and nothing of it is on its way."""
        mine = and_(Entry.tenant_id == self._tenant_id, Entry.kind == sent.kind, Entry.procore_id == sent.procore_id)
        with transaction(self._engine) as session:
            row = session.scalars(select(Entry).where(mine).with_for_update()).one()
            if row.state == "live" and row.xero_id == sent.xero_id:
                row.facts = {**row.facts, **facts}
                row.fingerprint = fingerprint or row.fingerprint

    def _is_there(self, query: Any) -> bool:
        with on_rows(self._engine) as connection:
            return bool(connection.scalar(query))


def accept(engine: Engine, records: Collection[tuple[str, str]], now: datetime) -> None:
    """A person has accepted these records' documents as they are: what is said of them goes, and is not said again."""
    beside = {f"{kind}/{procore_id}": (kind, procore_id) for kind, procore_id in records}
    said = select(Hold).where(Hold.kind == KIND, Hold.closed_at.is_(None), Hold.procore_id.in_(beside))
    with transaction(engine) as session:
        for hold in session.scalars(said):
            kind, procore_id = beside[hold.procore_id]
            mine = and_(Entry.tenant_id == hold.tenant_id, Entry.kind == kind, Entry.procore_id == procore_id)
            for row in session.scalars(select(Entry).where(mine).with_for_update()):
                row.facts = {**row.facts, ACCEPTED_EDIT: hold.sentence}
            hold.closed_at = now


def _sent(row: Entry, answered_at: datetime | None, since: datetime) -> Sent:
    is_at_rest = row.state == "live" and (answered_at is None or answered_at < since)
    written = (row.written_request_id, row.written_position)
    return Sent(
        row.kind, row.procore_id, row.project_id, str(row.xero_id), row.fingerprint, row.facts, *written, is_at_rest
    )
