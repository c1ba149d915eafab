"""A database of one's own on a PostgreSQL server whose user may create some: for tests, benchmarks and simulation."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text

from tests.ledgers import make_up_to_date
from worker.ledger.database import open_engine
from worker.ledger.tables import Table

_LEAVE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
)
_COUNT_ANEW = "SELECT setval(seqrelid, 1, false) FROM pg_sequence"


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """The address of a new database; gone when the block is left. Raises OperationalError where there is no server."""
    name = f"procore_xero_{uuid.uuid4().hex}"
    server = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@contextmanager
def emptied(url: str) -> Iterator[None]:
    """The ledger at this address has its tables, and nothing in them before the block and after it."""
    engine = open_engine(url)
    make_up_to_date(engine)
    yield
    with engine.begin() as connection:
        connection.execute(text(_LEAVE), {"name": engine.url.database})
        for table in reversed(Table.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text(_COUNT_ANEW))
    engine.dispose()
