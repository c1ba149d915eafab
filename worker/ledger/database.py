"""The engine, its short transactions, and the migrations (alembic, configured here in code)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session

from worker.errors import ApiUnavailable, ConfigError, SyncError
from worker.ledger.tables import Table

T = TypeVar("T")
R = TypeVar("R", bound=Table)

#: Seconds that SQLite waits for another writer.
BUSY_S = 30
_FORMS = "Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, with the password's special characters as %XX."
_NOT_MIGRATED = "The ledger's tables are missing or old. Run `procore-xero migrate` first."


def utcnow() -> datetime:
    """Now, aware; handed in as an argument wherever a test must turn the clock."""
    return datetime.now(UTC)


def open_engine(url: str, password: str = "") -> Engine:
    """The engine for DATABASE_URL, with this password if the address has none. Raises ConfigError when it is none."""
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if password and parsed.password is None and parsed.get_backend_name() != "sqlite":
            parsed = parsed.set(password=password)
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    except (ArgumentError, ImportError, SQLAlchemyError) as error:
        raise ConfigError(f"DATABASE_URL is not usable ({error}). {_FORMS}") from None
    except ValueError:  # it would quote what stands where the port should, which may be a piece of the password
        raise ConfigError(f"DATABASE_URL cannot be read. {_FORMS}") from None
    if parsed.get_backend_name() == "sqlite":
        _teach_sqlite(engine)
    return engine


def _teach_sqlite(engine: Engine) -> None:
    """One writer at a time, waiting its turn: write-ahead log, and each transaction takes its lock when it begins."""

    @event.listens_for(engine, "connect")
    def connect(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None
        dbapi.execute("PRAGMA journal_mode=WAL")
        dbapi.execute("PRAGMA synchronous=FULL")
        dbapi.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")
        dbapi.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One short transaction. A database that cannot be reached is ApiUnavailable: the job comes back."""
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    except (OperationalError, InterfaceError) as error:
        raise ApiUnavailable(f"The ledger's database cannot be used ({error.orig}).", 10.0) from error
    except ProgrammingError as error:
        raise ConfigError(f"{_NOT_MIGRATED} ({error.orig})") from error


def slices(rows: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """The rows in parts that one statement can take."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def insert_or_skip(session: Session, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> int:
    """INSERT … ON CONFLICT DO NOTHING: the race-free "is there one already?". Returns how many are new."""
    core = table.__table__
    new = _insert(session, core).on_conflict_do_nothing().returning(*core.primary_key)
    return len(session.execute(new, list(rows)).all())


def insert_new(session: Session, table: type[R], rows: Sequence[Mapping[str, Any]]) -> list[R]:
    """The same; returns the new ones."""
    return list(session.scalars(_insert(session, table).on_conflict_do_nothing().returning(table), list(rows)))


def _insert(session: Session, table: Any) -> Any:
    return (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(table)


def insert_or_update(session: Session, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """INSERT … ON CONFLICT DO UPDATE, some hundred rows in a statement: rows of these keys say this from now on."""
    keys = [column.name for column in table.__table__.primary_key]
    new = _insert(session, table)
    changed = {name: new.excluded[name] for name in rows[0] if name not in keys}
    # what is returned is not wanted: it makes many rows one statement
    session.execute(
        new.on_conflict_do_update(index_elements=keys, set_=changed).returning(table.__table__.c[keys[0]]), list(rows)
    )


def migrate(engine: Engine) -> str:
    """Bring the tables up to date; returns the revision they are at now."""
    config = _config()
    with transaction(engine) as session:
        connection = session.connection()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return MigrationContext.configure(connection).get_current_revision() or ""


def require_migrated(engine: Engine) -> None:
    """Raise ConfigError unless the tables are at the newest revision."""
    if _revision(engine) != _newest():
        raise ConfigError(_NOT_MIGRATED)


def _revision(engine: Engine) -> str | None:
    """The revision that the tables are at, in one statement unless something is wrong."""
    try:
        with transaction(engine) as session:
            found: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
            return found
    except SyncError:  # no such table, or no database: whoever looks whether the table is there can tell
        with transaction(engine) as session:
            return MigrationContext.configure(session.connection()).get_current_revision()


@cache
def _newest() -> str | None:
    """The revision that this program is written for."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
