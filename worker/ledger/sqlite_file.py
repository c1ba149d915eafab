"""A ledger on SQLite: one file, made by `migrate` alone and readable by nobody else, and one writer at a time.

SQLite itself would make an empty file wherever a process happens to start, and give it everybody's rights.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, PoolProxiedConnection, event

from worker.errors import ConfigError

#: Seconds that SQLite waits for another writer, and between two tries where it does not wait by itself.
BUSY_S = 30
_AGAIN_S = 0.02
_ELSEWHERE = "start where it lies, or name it in full (DATABASE_URL=sqlite:////FOLDER/FILE)"
#: Rights of whom the file is not.
_OTHERS = 0o077


def path_of(url: URL) -> Path | None:
    """The file, wherever a relative address leads from here; None for a ledger in memory, or on a server."""
    named = url.database or ":memory:"
    if url.get_backend_name() != "sqlite" or named == ":memory:" or named.startswith("file:"):
        return None
    return Path(named).absolute()


def create(path: Path) -> None:
    """Make the file unless it is there, closed to others; SQLite gives the files beside it the same rights."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigError(
            f"The ledger {path} cannot be made or opened ({error.strerror}). If it is to lie elsewhere, {_ELSEWHERE}."
        ) from None


def is_open_to_others(path: Path) -> bool:
    """Whether other users of this machine may read it, as one made by an older version."""
    return os.name == "posix" and path.stat().st_mode & _OTHERS != 0


def teach(engine: Engine) -> None:
    """No file that is not there; a write-ahead log; and each transaction takes its lock when it begins."""
    path = path_of(engine.url)

    @event.listens_for(engine, "do_connect")
    def must_be_ours(*_: object) -> None:
        if path is not None and not _is_there(path):
            raise ConfigError(
                f"There is no ledger at {path}. If yours lies elsewhere, {_ELSEWHERE}; if there was none yet, run "
                "`procore-xero migrate`, which makes it."
            )
        if path is not None and not os.access(path, os.R_OK | os.W_OK):
            raise ConfigError(
                f"The ledger {path} is closed to this user, or can only be read. Run all of this as the user it "
                "belongs to, where its folder can be written to."
            )

    @event.listens_for(engine, "connect")
    def connect(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None
        dbapi.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")
        _write_ahead(dbapi)
        dbapi.execute("PRAGMA synchronous=FULL")
        dbapi.execute("PRAGMA foreign_keys=ON")

    engine.dialect.do_begin = _begin  # type: ignore[assignment, method-assign]


def _begin(connection: PoolProxiedConnection) -> None:
    """What the dialect would leave to the driver. Not a listener: where one listens, each statement looks for more."""
    connection.cursor().execute("BEGIN IMMEDIATE")


def _is_there(path: Path) -> bool:
    """Whether there is such a file, as far as we may look."""
    try:
        return path.exists()
    except PermissionError:  # SQLite meets the same, and it is said
        return True


def _write_ahead(dbapi: Any) -> None:
    """The one statement for which SQLite does not wait by itself: several may open a new ledger at once."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            dbapi.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > until:
                raise
        time.sleep(_AGAIN_S)


def _is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether another one has the file; what is wrong with the file itself is said at once."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
