"""What a failure of the database means for its caller.

PostgreSQL says it by a code (SQLSTATE, appendix A of its manual), SQLite only by its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from worker.errors import ApiUnavailable, ConfigError, SyncError

NOT_MIGRATED = "The ledger's tables are missing or old. Run `procore-xero migrate` first."
#: Seconds after which who needs the database tries again.
RETRY_IN_S = 10.0
#: undefined_table, undefined_column, invalid_schema_name
_MISSING = ("42P01", "42703", "3F000")
_MISSING_ON_SQLITE = ("no such table", "no such column")
#: insufficient_privilege
_FORBIDDEN = "42501"
#: read_only_sql_transaction: a standby, or a server that is told to write nothing
_READ_ONLY = "25006"
#: disk_full
_FULL = "53100"
_FULL_ON_SQLITE = ("database or disk is full", "disk I/O error")


def meaning(error: DBAPIError) -> SyncError | None:
    """Our error for it; None for a row that is refused, which is for whoever wrote it to know."""
    code, said = _code(error), str(error.orig)
    if code in _MISSING or said.startswith(_MISSING_ON_SQLITE):
        return ConfigError(f"{NOT_MIGRATED} ({said})")
    if code == _FORBIDDEN:
        return ConfigError(
            f"The ledger's database refuses it ({said}). Let the user in DATABASE_URL own the ledger's tables."
        )
    if code == _READ_ONLY:
        why = "it is a standby, or was made read-only"
        return ApiUnavailable(f"The ledger's database takes no writes now: {why} ({said}).", RETRY_IN_S)
    if code == _FULL or said.startswith(_FULL_ON_SQLITE):
        room = "Its disk is full, or fails: make room there. Nothing is lost, and jobs go on by themselves"
        return ApiUnavailable(f"The ledger's database cannot write ({said}). {room}.", RETRY_IN_S)
    if isinstance(error, OperationalError | InterfaceError | InternalError):
        return ApiUnavailable(f"The ledger's database cannot be used ({said}).", RETRY_IN_S)
    return None


@contextmanager
def told() -> Iterator[None]:
    """What fails inside is raised as our error for it."""
    try:
        yield
    except DBAPIError as error:
        if (ours := meaning(error)) is None:
            raise
        raise ours from error


def leave_read_only_servers(engine: Engine) -> None:
    """After a failover a connection may still stand with the server that only reads now: the next one is made anew."""

    @event.listens_for(engine, "handle_error")
    def look(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
            context.is_disconnect = True


def _code(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
