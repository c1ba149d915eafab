"""Ledgers for tests, made in a moment: most tests begin with an empty one, and none asks how it came to be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from sqlalchemy import Dialect, Engine, event, func, insert, inspect, select

from worker.errors import ConfigError
from worker.ledger import database, sqlite_file
from worker.ledger.database import transaction
from worker.ledger.lists import Listed, lists_of
from worker.ledger.tables import ListRow, Table


def make_tables(engine: Engine, copied: bytes = b"") -> None:
    """As `migrate` does. For new files it runs once in a process; afterwards what it made is copied, or else what is
    given: SQLite's file."""
    path = sqlite_file.path_of(engine.url)
    if path is None or (path.exists() and path.stat().st_size):  # a ledger that is there already
        make_up_to_date(engine)
        if copied:
            _copy_rows(copied, engine)
        return
    sqlite_file.create(path)
    path.write_bytes(copied or _new_file())


def all_lists(engine: Engine) -> list[Listed]:
    """When each list of each project was read."""
    with transaction(engine) as session:
        ids = session.scalars(select(ListRow.project_id).distinct()).all()
    return [one for id_ in ids for one in lists_of(engine, id_)]


def make_up_to_date(engine: Engine) -> None:
    """The same for a ledger that may have its tables: seen at a glance."""
    if not inspect(engine).has_table("alembic_version"):
        database.migrate(engine)
        return
    try:
        database.require_migrated(engine)
    except ConfigError:
        database.migrate(engine)


def _copy_rows(copied: bytes, engine: Engine) -> None:
    """Into a server's tables, whose own numbers go on after those of the rows."""
    with TemporaryDirectory() as directory:
        Path(directory, "ledger.db").write_bytes(copied)
        source = database.open_engine(f"sqlite:///{directory}/ledger.db")
        with source.connect() as there, engine.begin() as here:
            for table in Table.metadata.sorted_tables:
                if rows := [dict(row) for row in there.execute(select(table)).mappings()]:
                    here.execute(insert(table), rows)
                if (number := table.autoincrement_column) is not None:
                    named = func.pg_get_serial_sequence(table.name, number.name)
                    here.execute(select(func.setval(named, func.max(number))))
        source.dispose()


@cache
def _new_file() -> bytes:
    with TemporaryDirectory() as directory:
        engine = database.open_engine(f"sqlite:///{directory}/ledger.db")
        database.migrate(engine)
        connection = sqlite3.connect(f"{directory}/ledger.db")
        made = connection.serialize()
        connection.close()
        engine.dispose()
    return made


@contextmanager
def swift() -> Iterator[None]:
    """Engines compile a statement once in a process, not once in each test, and a commit does not wait for the disk.

    SQLAlchemy keeps what it compiled by engine and dialect: here all engines of a process keep it in one place, where
    dialects of a kind count as the same.
    """
    kept: dict[str, Any] = {}
    create, teach = database.__dict__["create_engine"], sqlite_file.teach

    def created(*arguments: Any, **options: Any) -> Engine:
        engine: Engine = create(*arguments, **options)
        engine._compiled_cache = kept.setdefault(engine.dialect.name, engine._compiled_cache)
        return engine

    def taught(engine: Engine) -> None:
        teach(engine)
        event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA synchronous=OFF"))

    with (
        patch.object(Dialect, "__eq__", lambda one, other: type(one) is type(other)),
        patch.object(Dialect, "__hash__", lambda one: hash(type(one))),
        patch.object(database, "create_engine", created),
        patch.object(sqlite_file, "teach", taught),
    ):
        yield
