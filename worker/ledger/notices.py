"""Messages to people, and the alarms that they tell of: written down first, sent then, each once.

What a message is about (a pass that is over, an alarm that goes on or off) and the message itself are one transaction,
so that of several workers that look at the same time one tells, and a worker that dies leaves nothing untold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from worker.ledger.database import insert_or_skip, transaction
from worker.ledger.jobs import ACTIVE
from worker.ledger.tables import AlarmRow, Job, NoticeRow, Pass

#: Longer than one message takes to be sent; after it another worker may try.
SENDING = timedelta(minutes=5)
#: Pauses after a message that did not go: one minute, then twice as long each time, up to an hour.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
#: A message that did not go for so long is given up.
PATIENCE = timedelta(days=1)
#: Messages are kept for so long.
KEPT = timedelta(days=30)
CUT_OFF = "It was cut off: the worker that ran it ended."


@dataclass(frozen=True, slots=True)
class Message:
    """What is said, in every form that a channel may need."""

    subject: str
    text: str
    html: str
    facts: Mapping[str, Any]


class Notices:
    """What is to be told and what was, for all channels."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def over(self) -> list[Pass]:
        """Passes whose jobs have all ended, and of which that was not noticed yet, as they are to be finished."""
        later = aliased(Pass)
        running = exists().where(Job.pass_id == Pass.id, Job.state.in_(ACTIVE))
        # one that waits for calls to its APIs goes before the next one does
        overtaken = exists().where(later.id > Pass.id, later.discovered_at.is_not(None))
        is_out = or_(Pass.discovered_at.is_not(None), overtaken)
        started = select(func.count()).where(Job.pass_id == Pass.id).scalar_subquery()
        ended = select(func.max(Job.finished_at)).where(Job.pass_id == Pass.id).scalar_subquery()
        query = select(Pass, started, ended).where(Pass.finished_at.is_(None), ~running, is_out).order_by(Pass.id)
        with transaction(self._engine) as session:
            rows = session.execute(query).all()
            for row in rows:
                session.expunge(row[0])
        return [_finished(*row) for row in rows]

    def finish(self, over: Pass, message: Message | None, channels: Sequence[str]) -> bool:
        """Note that the pass is over and, with a message, what is to be said of it. False when somebody else did."""
        values = {"finished_at": over.finished_at, "failed": over.failed, "message": over.message}
        first = update(Pass).where(Pass.id == over.id, Pass.finished_at.is_(None)).values(**values)
        with transaction(self._engine) as session:
            if session.scalar(first.returning(Pass.id)) is None:
                return False
            if message is not None:
                self._plan(session, f"pass {over.id}", message, channels)
        return True

    def tell(self, occasion: str, message: Message, channels: Sequence[str]) -> None:
        """Say this, once for an occasion, however many workers come to it."""
        with transaction(self._engine) as session:
            self._plan(session, occasion, message, channels)

    def alarms(self) -> dict[str, AlarmRow]:
        """Those that are on, by name."""
        with transaction(self._engine) as session:
            return {row.name: row for row in session.scalars(select(AlarmRow).order_by(AlarmRow.name))}

    def raise_alarm(self, name: str, sentence: str, message: Message, channels: Sequence[str]) -> bool:
        """Put an alarm on and tell of it. False when it is on already."""
        now = self._now()
        with transaction(self._engine) as session:
            if not insert_or_skip(session, AlarmRow, [{"name": name, "raised_at": now, "sentence": sentence}]):
                return False
            self._plan(session, f"{name} {now.isoformat()} raised", message, channels)
        return True

    def end_alarm(self, name: str, message: Message, channels: Sequence[str]) -> bool:
        """Take an alarm off and tell of it. False when it is not on."""
        with transaction(self._engine) as session:
            gone = delete(AlarmRow).where(AlarmRow.name == name).returning(AlarmRow.raised_at)
            raised_at = session.scalar(gone)
            if raised_at is None:
                return False
            self._plan(session, f"{name} {raised_at.isoformat()} ended", message, channels)
        return True

    def next(self) -> NoticeRow | None:
        """A message that is to go now; nobody else gets it while it is being sent."""
        now = self._now()
        due = (NoticeRow.state == "planned", NoticeRow.not_before <= now)
        oldest = select(NoticeRow.id).where(*due).order_by(NoticeRow.id).limit(1).scalar_subquery()
        taken = update(NoticeRow).where(NoticeRow.id == oldest, *due)
        taken = taken.values(attempt=NoticeRow.attempt + 1, not_before=now + SENDING)
        with transaction(self._engine) as session:
            return session.scalar(taken.returning(NoticeRow))

    def sent(self, notice: NoticeRow, trouble: str = "") -> None:
        self._settle(notice, state="sent", sent_at=self._now(), trouble=trouble)

    def put_off(self, notice: NoticeRow, trouble: str) -> bool:
        """It did not go: it is tried again later. False when it was tried for long enough and is given up."""
        now = self._now()
        if now - notice.planned_at >= PATIENCE:
            self._settle(notice, state="given_up", trouble=trouble)
            return False
        pause = min(FIRST_PAUSE * 2 ** min(notice.attempt - 1, 10), LONGEST_PAUSE)
        self._settle(notice, not_before=now + pause, trouble=trouble)
        return True

    def troubled(self) -> list[NoticeRow]:
        """Messages that did not go at the last try, or that were given up; the newest first."""
        of_those = NoticeRow.state.in_(("planned", "given_up"))
        query = select(NoticeRow).where(of_those, NoticeRow.trouble != "").order_by(NoticeRow.id.desc())
        with transaction(self._engine) as session:
            return list(session.scalars(query))

    def forget_old(self) -> None:
        """Messages of long ago go."""
        with transaction(self._engine) as session:
            session.execute(delete(NoticeRow).where(NoticeRow.planned_at < self._now() - KEPT))

    def _plan(self, session: Session, occasion: str, message: Message, channels: Sequence[str]) -> None:
        now = self._now()
        said = {"subject": message.subject[:400], "text": message.text, "html": message.html}
        rows = [
            {"occasion": occasion, "channel": channel, **said, "facts": dict(message.facts), "state": "planned"}
            | {"planned_at": now, "not_before": now, "attempt": 0, "trouble": ""}
            for channel in channels
        ]
        if rows:
            insert_or_skip(session, NoticeRow, rows)

    def _settle(self, notice: NoticeRow, **values: object) -> None:
        with transaction(self._engine) as session:
            session.execute(update(NoticeRow).where(NoticeRow.id == notice.id).values(**values))


def _finished(over: Pass, started: int, ended: datetime | None) -> Pass:
    """The pass with its end: of its last job, else of discovery, else unknown and so its beginning."""
    over.finished_at = max(filter(None, (ended, over.discovered_at)), default=over.started_at)
    if over.discovered_at is None and not started:
        over.failed, over.message = True, CUT_OFF
    return over
