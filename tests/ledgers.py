"""Ledgers for tests, made in a moment: most tests begin with an empty one, and none asks how it came to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Dialect, Engine, event, inspect

from worker.ledger import database, sqlite_file

_Statement = tuple[str, Any]

#: What the migrations say to an empty database, by its kind.
_made: dict[str, list[_Statement]] = {}


def make_tables(engine: Engine) -> None:
    """As `migrate` does. On an empty ledger it runs once in a process; afterwards only its statements do."""
    kind = engine.dialect.name
    if (path := sqlite_file.path_of(engine.url)) is not None:
        sqlite_file.create(path)
    if inspect(engine).has_table("alembic_version"):  # a ledger that was there already
        database.migrate(engine)
        return
    if kind not in _made:
        _made[kind] = [*_said_by_migrations(engine)]
        return
    with engine.begin() as connection:
        for statement, parameters in _made[kind]:
            connection.exec_driver_sql(statement, parameters)


def _said_by_migrations(engine: Engine) -> Iterator[_Statement]:
    said: list[_Statement] = []

    def note(_c: object, _cu: object, statement: str, parameters: Any, _x: object, _m: object) -> None:
        said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    database.migrate(engine)
    event.remove(engine, "before_cursor_execute", note)
    return (one for one in said if not one[0].lstrip().startswith(("SELECT", "PRAGMA", "BEGIN")))


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
