"""Whether a job costs more in a ledger of millions: the same project in a small and in a large one, on PostgreSQL.

What is compared is what a job asks of the database (statements, and the pages of tables and indexes that PostgreSQL
looks at), not how long it takes. The rows around the project are made by PostgreSQL itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from tests.benchmarks.generate import Size
from tests.benchmarks.run import sandbox, settings_of, work
from tests.databases import empty_database
from worker.ledger.database import migrate, open_engine
from worker.ledger.size import size as size_of
from worker.ledger.tables import Table
from worker.sandbox.seed import read_seed

#: The project that is measured.
MEASURED = Size().divided_by(5)
#: Sessions and their statistics; one more or less does not matter.
_PAGES = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
_FILL = (
    """
    INSERT INTO projects (procore_id, job_number, name, stage, state, code, reason, seen_at)
    SELECT 20000000 + p, 'G-' || p, 'Generated ' || p, 'Send to Xero', 'eligible', '', '', now()
    FROM generate_series(1, :projects) p
    """,
    """
    INSERT INTO passes (started_at, discovered_at, message, eligible, queued, refused)
    SELECT now() - n * interval '30 minutes', now(), '', :projects, :projects, 0
    FROM generate_series(:passes, 1, -1) n
    """,
    """
    INSERT INTO jobs (job_number, project_name, pass_id, trigger, state, attempt, task_id, queued_at, started_at,
                      finished_at, message, counts)
    SELECT 'G-' || p, 'Generated ' || p, s.id, 'periodic', 'done', 1, gen_random_uuid()::text, s.started_at,
           s.started_at, s.started_at, 'G-' || p || ': 510 records: 0 sent, 510 unchanged',
           '{"claims": {"unchanged": 510}}'
    FROM passes s, generate_series(1, :projects) p ORDER BY s.id, p
    """,
    """
    INSERT INTO requests (tenant_id, project_id, job_id, kind, key, method, path, body, state, planned_at, answered_at)
    SELECT :tenant, 20000001 + (r - 1) * 50 * :projects / :entries, r, 'claims', 'generated-' || r, 'PUT', '/Invoices',
           repeat(md5(r::text), 100), 'answered', now(), now()
    FROM generate_series(1, :entries::bigint / 50) r
    """,
    """
    INSERT INTO entries (tenant_id, kind, procore_id, project_id, state, xero_id, fingerprint, request_id, position,
                         written_request_id, written_position, facts, planned_facts)
    SELECT :tenant, (ARRAY['claims', 'claims', 'payments', 'invoices'])[1 + e % 4], (30000000000 + e)::text,
           20000001 + (e - 1) * :projects / :entries, 'live', gen_random_uuid()::text,
           md5(e::text) || md5((-e)::text), 1 + (e - 1) / 50, e % 50, 1 + (e - 1) / 50, e % 50,
           '{"wrapper": "Invoices", "status": "AUTHORISED", "contract_id": 1, "number": "INV"}', '{}'
    FROM generate_series(1, :entries::bigint) e
    """,
    """
    INSERT INTO holds (tenant_id, project_id, kind, procore_id, title, outcome, code, sentence, remedy, procore_url,
                       xero_url, opened_at, closed_at)
    SELECT :tenant, 20000000 + p, 'claims', n::text, 'claim ' || n, 'held', 'account_missing', 'It has no account.',
           'Add it.', '', '', now(), CASE WHEN n > 1 THEN now() END
    FROM generate_series(1, :projects) p, generate_series(1, :holds) n
    """,
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one pass over the measured project asked of the database, its discovery included."""

    statements: int
    pages: int
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Grown:
    """One ledger: how large it is, and what the measured project's first and second pass cost in it."""

    entries: int
    projects: int
    first: Cost
    second: Cost
    bytes_of: Mapping[str, int]


def grown(server_url: str, entries: int, projects: int = 10_000, passes: int = 10) -> Grown:
    """Fill a new database with so many entries and projects, each with a job in so many passes, and measure in it."""
    with empty_database(server_url) as url:
        fill(url, entries, projects, passes)
        with tempfile.TemporaryDirectory() as directory, sandbox(MEASURED) as reached:
            environment = {**settings_of(reached, Path(directory)), "DATABASE_URL": url}
            first, second = (_cost(url, environment, Path(directory)) for _ in range(2))
        engine = open_engine(url)
        found = size_of(engine)
        engine.dispose()
        return Grown(entries, projects, first, second, found.bytes_of)


def fill(url: str, entries: int, projects: int, passes: int, holds: int = 5) -> None:
    """Migrate, and fill around the project that is measured; what PostgreSQL knows of the tables is up to date.

    Of each project's holds one is open.
    """
    engine = open_engine(url)
    migrate(engine)
    tenant = read_seed()["xero"]["organisation"]["OrganisationID"]
    values = {"entries": entries, "projects": projects, "passes": passes, "holds": holds, "tenant": tenant}
    with engine.begin() as connection:
        for statement in _FILL:
            connection.execute(text(statement.replace("::", r"\:\:")), _named_in(statement, values))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        for table in Table.metadata.tables:  # whose pages would be counted as the job's
            connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))
    engine.dispose()


def _named_in(statement: str, values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


def _cost(url: str, environment: Mapping[str, str], directory: Path) -> Cost:
    """PostgreSQL counts what a session looked at when it ends, so the worker process is gone when it is read."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        before = _pages(connection)
        cost = work(environment, directory)
        looked_at = _pages(connection) - before
    engine.dispose()
    return Cost(cost.sql_statements, looked_at, cost.cpu_s)


def _pages(connection: Connection) -> int:
    connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    return int(connection.execute(text(_PAGES)).scalar_one())
