"""Xero's settings as last read: read once by whichever job needs them first, while the others wait for what it reads.

No transaction is open while they are read. Who reads is noted in a row of its own, which others may pass over when the
reader is dead or takes too long: a second reading costs a call and changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, delete, or_, select, update

from worker.ledger.database import insert_or_skip, insert_or_update, on_rows
from worker.ledger.tables import Reading, Reference

#: Seconds that others wait for a reader at most; a job's lease is longer.
PATIENCE_S = 120.0
POLL_S = 0.2
#: Statements are built once: a job asks for some setting at every turn.
_READ = select(Reference.body, Reference.read_at).where(
    Reference.tenant_id == bindparam("tenant_id"), Reference.name == bindparam("name")
)
_NAMED = (Reading.tenant_id == bindparam("tenant_id"), Reading.name == bindparam("name"))
_READER = select(Reading.reader).where(*_NAMED)
_TAKE = (
    update(Reading)
    .where(
        Reading.tenant_id == bindparam("of"),
        Reading.name == bindparam("called"),
        or_(Reading.until < bindparam("now"), Reading.reader == bindparam("dead")),
    )
    .values(reader=bindparam("me"), until=bindparam("then"))
    .returning(Reading.name)
)
_LEAVE = delete(Reading).where(*_NAMED, Reading.reader == bindparam("reader"))


class References:
    """The settings of one organisation. `reader` is who we are, by a name of which `is_dead` says whether it lives."""

    def __init__(
        self,
        engine: Engine,
        tenant_id: str,
        reader: str,
        now: Callable[[], datetime],
        is_dead: Callable[[str], bool] = lambda reader: False,
    ) -> None:
        self._engine = engine
        self._tenant_id = tenant_id
        self._reader = reader
        self._now = now
        self._is_dead = is_dead
        #: When the text of a name was read that was given last.
        self.read_at: dict[str, datetime] = {}

    def get(self, name: str, not_before: datetime | None = None) -> str | None:
        """The JSON text read since `not_before`, or None."""
        with on_rows(self._engine) as connection:
            row = connection.execute(_READ, self._names(name)).first()
        if row is None or (not_before is not None and row.read_at < not_before):
            return None
        body: str = row.body
        self.read_at[name] = row.read_at
        return body

    def starting(self, prefix: str) -> dict[str, str]:
        """The JSON texts whose names begin so, by name, however old."""
        mine = Reference.tenant_id == self._tenant_id
        query = select(Reference.name, Reference.body).where(mine, Reference.name.startswith(prefix, autoescape=True))
        with on_rows(self._engine) as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def put(self, texts: Mapping[str, str]) -> None:
        """Keep these JSON texts, by name."""
        if texts:
            with on_rows(self._engine) as connection:
                self._keep(connection, texts, self._now())

    def once(self, name: str, not_before: datetime, read: Callable[[], str]) -> str:
        """The JSON text read since `not_before`: what is there, what another process is reading, or what `read` reads.

        It counts as read when its reading began, so that it is never older than it is asked to be.
        """
        patient_until = self._now() + timedelta(seconds=PATIENCE_S)
        while (text := self.get(name, not_before)) is None:
            began = self._now()
            if self._takes(name) or began > patient_until:
                return self._read(name, not_before, began, read)
            time.sleep(POLL_S)
        return text

    def anew(self, name: str, read: Callable[[], str]) -> str:
        """The JSON text as it is at this moment, for all who ask from now on."""
        began, text = self._now(), read()
        with on_rows(self._engine) as connection:
            self._keep(connection, {name: text}, began)
        return text

    def _read(self, name: str, not_before: datetime, began: datetime, read: Callable[[], str]) -> str:
        new = None
        try:
            text = self.get(name, not_before)  # whose place we took may have kept it just before
            if text is None:
                text = new = read()
            return text
        finally:  # what was read is kept as its reader leaves, in one transaction
            with on_rows(self._engine) as connection:
                if new is not None:
                    self._keep(connection, {name: new}, began)
                connection.execute(_LEAVE, {**self._names(name), "reader": self._reader})

    def _keep(self, connection: Connection, texts: Mapping[str, str], read_at: datetime) -> None:
        self.read_at |= dict.fromkeys(texts, read_at)
        own = {"tenant_id": self._tenant_id, "read_at": read_at}
        insert_or_update(connection, Reference, [{**own, "name": name, "body": body} for name, body in texts.items()])

    def _takes(self, name: str) -> bool:
        """Whether it is ours to read."""
        now = self._now()
        until = now + timedelta(seconds=PATIENCE_S)
        with on_rows(self._engine) as connection:
            if insert_or_skip(connection, Reading, [{**self._names(name), "reader": self._reader, "until": until}]):
                return True
            holder = connection.scalar(_READER, self._names(name))
        dead = holder if self._is_dead(str(holder)) else None
        place = {"of": self._tenant_id, "called": name, "now": now, "dead": dead}
        with on_rows(self._engine) as connection:
            return connection.scalar(_TAKE, {**place, "me": self._reader, "then": until}) is not None

    def _names(self, name: str) -> dict[str, str]:
        return {"tenant_id": self._tenant_id, "name": name}
