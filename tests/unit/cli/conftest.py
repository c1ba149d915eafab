"""A real ledger in a file, filled through its own functions, and the commands run against it at 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.ledgers import make_tables
from tests.unit.cli.outside import Broker, FakeProcore
from worker.assembly import Parts, forget_parts, parts
from worker.cli.app import app
from worker.ledger.projects import Seen
from worker.settings import settings

Run = Callable[..., Result]

NORTHBANK = Seen(310417, "24-017", "Northbank Apartments", "Send to Xero", "eligible")
FAIRFIELD = Seen(310503, "25-003", "Fairfield Medical Centre Fitout", "Send to Xero", "eligible")
PAVILION = Seen(310426, "24-026", "Yarra Bend Pavilion", "Closed", "refused", "other_stage", "Its stage is 'Closed'.")


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings of a fresh installation in its own directory; nothing is migrated yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.setenv("COLUMNS", "80")
    settings.cache_clear()
    forget_parts()
    yield
    settings.cache_clear()
    forget_parts()


@pytest.fixture
def ledger() -> Parts:
    """The migrated ledger that the commands will see."""
    make_tables(parts().engine)
    return parts()


@pytest.fixture
def run() -> Run:
    """Runs `procore-xero` with these arguments."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, prog_name="procore-xero")

    return invoke


@pytest.fixture
def broker(ledger: Parts, monkeypatch: pytest.MonkeyPatch) -> Broker:
    ledger.projects.record([NORTHBANK, FAIRFIELD, PAVILION])
    fake = Broker(ledger)
    monkeypatch.setattr("tasks.publishing.publish", fake.publish)
    monkeypatch.setattr("worker.cli.workers.answering", lambda: ["celery@here"])
    monkeypatch.setattr("worker.cli.call_limits.used_up", lambda parts: None)
    monkeypatch.setitem(ledger.__dict__, "procore", FakeProcore())
    return fake
