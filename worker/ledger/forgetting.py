"""What was and is not needed any more: ended jobs and their passes, closed holds, requests that nothing points at.

It goes in small parts, each a transaction of its own that ends before the next begins, so that nobody waits long for
it and nothing is lost if it dies. What a job may still read stays, however old: the newest job of each job number,
requests whose outcome is open, and the last request that wrote a document, which says what we left it as.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from worker.ledger import handed_over
from worker.ledger.database import transaction
from worker.ledger.jobs import ACTIVE
from worker.ledger.tables import Entry, Hold, Job, Pass, RequestRow

#: Rows that are looked at in one transaction.
PART = 500

#: One part: the rows after a place are looked at; returns how many went, and the place after them, None at the end.
Part = Callable[[Session, datetime, Any, int], tuple[int, Any]]


def prune(engine: Engine, before: datetime, part: int = PART) -> Iterator[tuple[str, int]]:
    """Forget what ended before this time; yields the table and how many rows went, after each part."""
    for name, take in PARTS:
        place = None
        while True:
            with transaction(engine) as session:
                gone, place = take(session, before, place, part)
            yield name, gone
            if place is None:
                break


def _jobs(session: Session, before: datetime, place: Any, part: int) -> tuple[int, Any]:
    """Ended ones but for the newest of each number: it is that project's last result."""
    rows = _oldest(session, Job.finished_at, Job.id, before, place, part)
    later = aliased(Job)
    is_over = Job.state.not_in(ACTIVE) & exists().where(later.job_number == Job.job_number, later.id > Job.id)
    return _gone(session, Job, [row.id for row in rows], is_over), _after(rows, part)


def _holds(session: Session, before: datetime, place: Any, part: int) -> tuple[int, Any]:
    rows = _oldest(session, Hold.closed_at, Hold.id, before, place, part)
    return _gone(session, Hold, [row.id for row in rows], Hold.closed_at < before), _after(rows, part)


def _requests(session: Session, before: datetime, place: Any, part: int) -> tuple[int, Any]:
    """Those whose every member was written by a later one since, or never came to be."""
    old = select(RequestRow.id).where(RequestRow.planned_at < before, RequestRow.state != "planned")
    if place is not None:
        old = old.where(RequestRow.id > place)
    ids = list(session.scalars(old.order_by(RequestRow.id).limit(part)))
    needed = exists().where(Entry.request_id == RequestRow.id) | exists().where(
        Entry.written_request_id == RequestRow.id
    )
    handed_over.forget(session, select(RequestRow.id).where(RequestRow.id.in_(ids), ~needed), before)
    return _gone(session, RequestRow, ids, ~needed), ids[-1] if len(ids) == part else None


def _passes(session: Session, before: datetime, place: Any, part: int) -> tuple[int, Any]:
    """Those of which no job is left, but for the newest."""
    newest = select(Pass.id).order_by(Pass.id.desc()).limit(1).scalar_subquery()
    old = select(Pass.id).where(Pass.started_at < before, Pass.id < newest)
    if place is not None:
        old = old.where(Pass.id > place)
    ids = list(session.scalars(old.order_by(Pass.id).limit(part)))
    return _gone(session, Pass, ids, ~exists().where(Job.pass_id == Pass.id)), ids[-1] if len(ids) == part else None


PARTS: tuple[tuple[str, Part], ...] = (
    ("jobs", _jobs),
    ("passes", _passes),
    ("holds", _holds),
    ("requests", _requests),
)


def _oldest(session: Session, at: Any, id_: Any, before: datetime, place: Any, part: int) -> Any:
    """Time and id of the rows after this place, in the order of an index."""
    old = select(at, id_.label("id")).where(at < before)
    if place is not None:
        old = old.where(at >= place[0], or_(at > place[0], id_ > place[1]))
    return session.execute(old.order_by(at, id_).limit(part)).all()


def _gone(session: Session, table: Any, ids: list[int], where: Any) -> int:
    """How many of these rows were deleted: those of which it is still true."""
    if not ids:
        return 0
    return len(session.execute(delete(table).where(table.id.in_(ids), where).returning(table.id)).all())


def _after(rows: Any, part: int) -> Any:
    return tuple(rows[-1]) if len(rows) == part else None
