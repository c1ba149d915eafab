"""PostgreSQL as it is run: behind PgBouncer, in another time zone, and read-only after a failover."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from celery.exceptions import Retry
from sqlalchemy import create_engine, make_url, text

from tasks import project
from tasks.policy import Report
from tests.bouncer import bouncing
from tests.integration.published import ATask, Message
from tests.integration.seeds import JOB_NUMBER, a_claim, a_seed
from tests.integration.test_crowd import NUMBERS, four_projects
from tests.integration.test_policy import Run
from tests.integration.world import World
from worker.assembly import Parts
from worker.errors import ConfigError
from worker.ledger.database import migrate, open_engine, require_migrated, transaction
from worker.ledger.jobs import Jobs, Wanted
from worker.ledger.tables import Job

_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_behind_pgbouncer_nothing_is_left_in_a_session(postgres_url: str, tmp_path: Path) -> None:
    """Transactions of two processes meet in one session: what one prepared there would be in the other's way."""
    with bouncing(postgres_url) as url:
        world = World(four_projects(), url, tmp_path)
        world.discover()
        other = world.more_parts()
        for number, parts in zip(NUMBERS, (world.parts, other) * 2, strict=True):
            assert world.run(number, parts).held == 0
        assert len(world.books()["bills"]) == 4
        world.close()


def _set(url: str, setting: str) -> None:
    """For whoever connects to this database from now on, as its administrator would."""
    administrator = create_engine(
        url, isolation_level="AUTOCOMMIT", connect_args={"options": "-c default_transaction_read_only=off"}
    )
    with administrator.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {make_url(url).database} SET {setting}"))
    administrator.dispose()


@pytest.mark.parametrize(
    ("zone", "bounced"),
    [("Australia/Sydney", False), ("America/St_Johns", True)],
    ids=["directly", "through PgBouncer"],
)
def test_times_are_utc_wherever_the_server_stands(postgres_url: str, zone: str, bounced: bool) -> None:
    """PostgreSQL says a time in its own zone; what is printed with "UTC" behind it is UTC."""
    _set(postgres_url, f"timezone TO '{zone}'")
    now = datetime(2026, 7, 31, 23, 30, tzinfo=UTC)
    with _either(postgres_url, bounced) as url:
        engine = open_engine(url)
        migrate(engine)
        with transaction(engine) as session:
            assert session.scalar(text("SHOW timezone")) == zone
        (queued,) = Jobs(engine, 300, lambda: now).queue([Wanted("24-017", "")], "manual")
        found = Jobs(engine, 300, lambda: now).find(queued.task_id)
        assert found is not None
        for job in (queued, found):
            assert (job.queued_at, job.queued_at.utcoffset()) == (now, timedelta())
        assert f"{found.queued_at:%Y-%m-%d %H:%M} UTC" == "2026-07-31 23:30 UTC"
        engine.dispose()


@contextmanager
def _either(url: str, bounced: bool) -> Iterator[str]:
    if not bounced:
        yield url
        return
    with bouncing(url) as through:
        yield through


def _fail_over(url: str, *, to_a_standby: bool) -> None:
    """Every session is cut, and the next ones meet a server that only reads; or one that writes again."""
    _set(url, f"default_transaction_read_only TO {'on' if to_a_standby else 'off'}")
    if to_a_standby:
        with create_engine(url).connect() as connection:
            connection.execute(text(_CUT))


def test_a_job_outlives_a_database_that_only_reads(postgres_url: str, tmp_path: Path) -> None:
    """In the middle of its work: it comes back until there is a server that writes, and nothing is sent twice."""
    world = World(a_seed(claims=[a_claim(11)]), postgres_url, tmp_path)
    world.discover()
    job = world.job(JOB_NUMBER)
    run = Run(world, ATask(Message(job.task_id, {"job_id": str(job.id)})))

    def interrupted(parts: Parts, job: Job, owner: str) -> Report:
        def fail_over(_: httpx.Request) -> None:
            _fail_over(postgres_url, to_a_standby=True)

        world.wire.after("PUT", "Invoices$", fail_over)
        return project.sync(parts, job, owner)

    with pytest.raises(Retry):
        run(interrupted)
    assert (run.job.state, run.countdown) == ("running", 10)
    for _ in range(2):
        run.task.request.headers = run.task.retries[-1]["headers"]
        with pytest.raises(Retry):
            run(project.sync)
        assert "takes no writes now" in str(run.task.retries[-1]["exc"])
    _fail_over(postgres_url, to_a_standby=False)
    assert run(project.sync)
    assert (run.job.state, run.job.attempt, len(world.documents("invoices"))) == ("done", 2, 1)
    world.close()


def test_what_the_database_forbids_is_no_matter_of_migrating(postgres_url: str) -> None:
    """A user without rights on the tables is told so, and not sent to a command that cannot help."""
    engine = open_engine(postgres_url)
    migrate(engine)
    role = f"nobody_{make_url(postgres_url).database}"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    try:
        other = open_engine(make_url(postgres_url).set(username=role).render_as_string(hide_password=False))
        with pytest.raises(ConfigError, match=r"refuses it \(permission denied for table alembic_version") as refused:
            require_migrated(other)
        assert "migrate" not in str(refused.value)
        other.dispose()
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP ROLE {role}"))
        engine.dispose()
