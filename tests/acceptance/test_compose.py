"""docker-compose.yml without an engine: each service's own command, environment, secrets and health check, run here."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
import redis
from pydantic import SecretStr
from sqlalchemy import make_url

from tests import compose
from tests.acceptance.engine import Engine, require_programs
from tests.services import PATIENCE_S, eventually
from worker.assembly import Parts
from worker.broker.client import connect
from worker.cli.processes import Processes
from worker.settings import Settings

pytestmark = pytest.mark.acceptance

#: The demo seed's eligible projects; the last one has two held records, with which its first job fails. A later pass
#: knows them.
ENDS = {"24-017": {"done"}, "24-021": {"done"}, "25-003": {"failed", "held"}}


def _have_ended(parts: Parts) -> bool:
    states = {number: job.state for number, job in parts.jobs.latest().items()}
    return states.keys() == ENDS.keys() and all(states[number] in ENDS[number] for number in ENDS)


@pytest.fixture
def engine(tmp_path: Path, postgres_url: str) -> Iterator[Engine]:
    require_programs("redis-server", "redis-cli", "pg_isready")
    with Processes(tmp_path / "logs", grace_s=1) as processes:
        made = Engine(tmp_path, processes, postgres_url)
        with made.database_user():
            yield made
            processes.stop()  # before its user goes


def test_redis_asks_for_its_password(engine: Engine) -> None:
    """Whoever else gets to its port reads and writes nothing; no command line shows the password."""
    assert not engine.is_healthy("redis")
    engine.start("redis")
    engine.wait_until_healthy("redis")
    address = f"redis://127.0.0.1:{engine.ports['6379']}/0"
    with redis.Redis.from_url(address) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    given = Settings(redis_url=address, redis_password=SecretStr(engine.secret("redis_password")))
    with connect(given) as ours:
        assert ours.ping()
    shown = psutil.Process(engine.processes.pids()["redis"]).cmdline()
    assert shown[0].startswith("redis-server"), "it is the container's first process, which gets the signals"
    assert engine.secret("redis_password") not in " ".join(shown)


@pytest.mark.deep
def test_the_services_carry_a_whole_pass(engine: Engine) -> None:
    """Redis, migrate, sandbox, worker, Flower and beat, as the file has them: every project ends as it should.

    Each health check says no before its service runs and after it was killed, and yes in between.
    """
    for name in ("redis", "sandbox", "migrate", "worker", "flower", "beat"):
        assert name == "migrate" or not engine.is_healthy(name)
        engine.start(name)
        if name != "migrate":
            engine.wait_until_healthy(name)
    assert set(engine.file["services"]) == {"postgres", "migrate", "listen", *engine.processes.pids()}

    parts = Parts(Settings(database_url=engine.database_url))
    eventually(lambda: _have_ended(parts))
    parts.engine.dispose()
    books = httpx.get(f"http://127.0.0.1:{engine.ports['8002']}/_sandbox/dump").json()
    assert len([row for row in books["invoices"] if row.get("Url")]) > 10

    flower = f"http://127.0.0.1:{engine.ports['5555']}"
    assert httpx.get(f"{flower}/tasks").status_code == 401
    assert httpx.get(f"{flower}/tasks", auth=("demo", "demo")).status_code == 200
    assert list(engine.app.iterdir()) == [], "the root is read-only there"

    for name in ("beat", "worker", "flower", "sandbox", "redis"):
        engine.kill(name)
        assert not engine.is_healthy(name)


def test_the_database_is_asked_for_as_the_worker_does(engine: Engine) -> None:
    """The health check of PostgreSQL asks for the user and the database that DATABASE_URL names."""
    postgres = engine.file["services"]["postgres"]
    url = make_url(compose.environment(engine.file["services"]["worker"])["DATABASE_URL"])
    words = compose.probe(postgres)
    assert (url.host, url.password) == ("postgres", None)
    assert {f"--username={url.username}", f"--dbname={url.database}"} <= set(words)
    assert postgres["environment"]["POSTGRES_USER"] == url.username
    assert postgres["environment"]["POSTGRES_DB"] == url.database
    assert engine.is_healthy("postgres")
    environment = engine.environment("postgres") | {"PGPORT": "1"}
    assert subprocess.run(words, env=environment, timeout=PATIENCE_S, check=False).returncode != 0
