"""The engine, its short transactions, and the migrations (alembic, configured here in code)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import (
    Compiled,
    Connection,
    Dialect,
    Engine,
    Executable,
    Row,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy import Table as CoreTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from worker.clock import MACHINE, Machine, SharedClock
from worker.errors import ConfigError
from worker.ledger import failures, sqlite_file
from worker.ledger.tables import Table

T = TypeVar("T")
R = TypeVar("R", bound=Table)

#: How PostgreSQL is connected to, where DATABASE_URL does not say it otherwise. A prepared statement belongs to a
#: session, and behind PgBouncer the next transaction may meet another one; it is not slower without. A server that has
#: vanished without a word is given up after half a minute, and one that does not let us in after ten seconds.
_TO_SERVER = {
    "prepare_threshold": None,
    "connect_timeout": 10,
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
_ENCODER = msgspec.json.Encoder()
#: A bill's facts are written twice and read once on its way: so it is done in a fifth of the time.
_JSON: Mapping[str, Callable[[Any], Any]] = {
    "json_serializer": lambda value: _ENCODER.encode(value).decode(),
    "json_deserializer": msgspec.json.decode,
}
_FORMS = "Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, with the password's special characters as %XX."
_REVISION_NOW = text("SELECT version_num FROM alembic_version")
#: Whoever migrates has this lock of PostgreSQL's, of its transaction and not of its session, which may be PgBouncer's.
_MIGRATING = 7_362_911_041_523
_MIGRATIONS = Path(__file__).parent / "migrations"
#: Of a migration, and of the one before it; the first has none.
_REVISION = re.compile(r'^revision = "(\w+)"\ndown_revision = "?(?:None\b)?(\w*)"?$', re.MULTILINE)


def open_engine(url: str, password: str = "") -> Engine:
    """The engine for DATABASE_URL, with this password if the address has none. Raises ConfigError when it is none."""
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if password and parsed.password is None and parsed.get_backend_name() != "sqlite":
            parsed = parsed.set(password=password)
        on_server = parsed.get_backend_name() != "sqlite"
        options = {name: value for name, value in _TO_SERVER.items() if on_server and name not in parsed.query}
        engine = create_engine(parsed, pool_pre_ping=on_server, connect_args=options, **_JSON)
    except (ArgumentError, ImportError, SQLAlchemyError) as error:
        raise ConfigError(f"DATABASE_URL is not usable ({error}). {_FORMS}") from None
    except ValueError:  # it would quote what stands where the port should, which may be a piece of the password
        raise ConfigError(f"DATABASE_URL cannot be read. {_FORMS}") from None
    if on_server:
        failures.leave_read_only_servers(engine)
    else:
        sqlite_file.teach(engine)
    return engine


def name_of(engine: Engine) -> str:
    """Which ledger it is, in full and without a secret: the file, or the database and its server."""
    url = engine.url
    servers = url.normalized_query.get("host", (f"{url.host}:{url.port}" if url.port else url.host or "this machine",))
    return str(sqlite_file.path_of(url) or f"{url.database} on {' or '.join(servers)}")


def shared_clock(engine: Engine, machine: Machine = MACHINE) -> Callable[[], datetime]:
    """Now, by the clock that all who use this ledger share: its server's. SQLite's file is one machine's, whose clock
    they share; it must not be set while they work.

    Raises ApiUnavailable when the server cannot be asked.
    """
    if engine.dialect.name == "sqlite":
        return machine.now
    clock = SharedClock(lambda: server_time(engine), machine)

    @event.listens_for(engine, "connect")
    def connect(_dbapi: object, _record: object) -> None:
        clock.doubt()  # it may be another server, that took the place of the first

    return clock


def server_time(engine: Engine) -> datetime:
    """What the server's clock shows."""
    with transaction(engine) as session:
        at: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return at.astimezone(UTC)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One short transaction. A database that cannot be used now is ApiUnavailable: the job comes back."""
    with failures.told(), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def on_rows(engine: Engine) -> Iterator[Connection]:
    """The same for statements that make no objects of rows: it costs a third, which counts in what jobs ask most."""
    with failures.told(), engine.begin() as connection:
        yield connection


def slices(rows: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """The rows in parts that one statement can take."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def insert_or_skip(session: Session | Connection, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> int:
    """INSERT … ON CONFLICT DO NOTHING: the race-free "is there one already?". Returns how many are new."""
    return len(_put_in(session, table, rows, update=False))


def insert_new(session: Session, table: type[R], rows: Sequence[Mapping[str, Any]]) -> list[R]:
    """The same; returns the new ones."""
    return [table(**row._mapping) for row in _put_in(session, table, rows, update=False, whole=True)]


def insert_or_update(session: Session | Connection, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """INSERT … ON CONFLICT DO UPDATE, some hundred rows in a statement: rows of these keys say this from now on."""
    _put_in(session, table, rows, update=True)


def _put_in(
    session: Session | Connection,
    table: type[Table],
    rows: Sequence[Mapping[str, Any]],
    *,
    update: bool,
    whole: bool = False,
) -> Sequence[Row[Any]]:
    connection = session if isinstance(session, Connection) else session.connection()
    compiled = _upsert(connection.dialect, table, tuple(rows[0]), update, whole, len(rows) > 1)
    return connection.execute(cast(Executable, compiled), list(rows)).all()


@cache
def _upsert(
    dialect: Dialect, table: type[Table], names: tuple[str, ...], update: bool, whole: bool, many: bool
) -> Compiled:
    """Compiled once: what has an ON CONFLICT, SQLAlchemy itself would compile anew whenever it is executed. Returns
    the rows, or their keys."""
    core = cast(CoreTable, table.__table__)
    new = _insert(dialect)(core)
    if update:
        keys = [column.name for column in core.primary_key]
        new = new.on_conflict_do_update(
            index_elements=keys, set_={name: new.excluded[name] for name in names if name not in keys}
        )
    else:
        new = new.on_conflict_do_nothing()
    # what is returned makes many rows one statement
    new = new.returning(*(core.columns if whole else core.primary_key))
    compiled: Compiled = new.compile(dialect=dialect, column_keys=list(names), for_executemany=many)
    return compiled


def _insert(dialect: Dialect) -> Any:
    return postgresql.insert if dialect.name == "postgresql" else sqlite.insert


@dataclass(frozen=True, slots=True)
class Migrated:
    """The revision that the tables are at now, and the one before; None when there were no tables."""

    revision: str
    before: str | None


def migrate(engine: Engine) -> Migrated:
    """Bring the tables up to date, and make those of a new ledger. A second one waits for the first."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext

    if (path := sqlite_file.path_of(engine.url)) is not None:
        sqlite_file.create(path)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with transaction(engine) as session:  # on SQLite, it alone may write from here on
        if engine.dialect.name == "postgresql":
            session.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
        connection = session.connection()
        context = MigrationContext.configure(connection)
        before = context.get_current_revision()
        _refuse_newer(before)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return Migrated(context.get_current_revision() or "", before)


def require_migrated(engine: Engine) -> None:
    """Raise ConfigError unless the tables are at the newest revision."""
    with on_rows(engine) as connection:
        revision: str | None = connection.scalar(_REVISION_NOW)
    _refuse_newer(revision)
    if revision != newest_revision():
        raise ConfigError(failures.NOT_MIGRATED)


def newest_revision() -> str:
    """Of the tables that this program works on."""
    return _revisions()[0]


def _refuse_newer(revision: str | None) -> None:
    """Tables that a later version of this program made are not brought back to ours."""
    if revision is not None and revision not in _revisions():
        raise ConfigError(
            f"The ledger was migrated by another version of procore-xero, to {revision}, which this one does not "
            "know. Install that version, or a later one."
        )


@cache
def _revisions() -> list[str]:
    """All that this program knows, the newest first: read from their files, so that no command loads Alembic to look
    whether the tables are new enough."""
    texts = [file.read_text(encoding="utf-8") for file in (_MIGRATIONS / "versions").glob("m*.py")]
    after = {down: revision for one in texts for revision, down in _REVISION.findall(one)}
    found: list[str] = []
    while (following := after.get(found[-1] if found else "")) is not None:
        found.append(following)
    return found[::-1]
