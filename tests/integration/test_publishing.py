"""Messages to a broker that goes and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from tasks import publishing
from tasks.publishing import publish  # the real one, by its own name: this directory's tests otherwise collect jobs
from tests.integration.restartable import Restartable
from worker.assembly import Parts
from worker.broker.options import options
from worker.cli.processes import Processes
from worker.errors import ApiUnavailable, ConfigError
from worker.ledger.database import migrate
from worker.ledger.tables import Job
from worker.settings import Settings


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Restartable]:
    with Processes(tmp_path) as processes:
        broker = Restartable(processes)
        broker.start()
        yield broker


@pytest.fixture
def parts(broker: Restartable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    """A ledger, and a Celery that sends its jobs to the broker."""
    settings = Settings(redis_url=broker.url, database_url=f"sqlite:///{tmp_path}/ledger.db")
    app = Celery("tests", include=["tasks.project"])
    app.conf.update(**options(settings))
    app.loader.import_default_modules()
    monkeypatch.setattr(publishing, "app", app)
    found = Parts(settings)
    migrate(found.engine)
    yield found
    found.engine.dispose()
    app.close()


def _publish(parts: Parts) -> None:
    publish([Job(id=1, job_number="25-003", project_name="", task_id="a-task", trigger="manual")], parts)


@pytest.mark.timeout(100)
def test_a_process_outlives_a_restart_of_the_broker(broker: Restartable, parts: Parts) -> None:
    """Flower runs for months: a broker that was restarted in between takes the next message at once."""
    _publish(parts)
    broker.stop()
    broker.start()
    _publish(parts)
    assert broker.waiting() == 1


@pytest.mark.timeout(100)
def test_a_broker_that_is_away_is_said_in_a_sentence(broker: Restartable, parts: Parts) -> None:
    """While it is away each try ends soon and says that the job is noted; afterwards publishing works again."""
    _publish(parts)
    broker.stop()
    for _ in range(2):
        with pytest.raises(ApiUnavailable, match="is noted, and starts when"):
            _publish(parts)
    broker.start()
    _publish(parts)
    assert broker.waiting() == 1


@pytest.mark.timeout(100)
def test_nothing_goes_to_another_installations_workers(broker: Restartable, parts: Parts) -> None:
    """Another ledger under the same name on one Redis database: a sentence with the ways out."""
    _publish(parts)
    other = Parts(parts.settings.model_copy(update={"database_url": "sqlite://"}))
    migrate(other.engine)
    with pytest.raises(ConfigError, match=r"INSTALLATION.*REDIS_URL ending in /1.*DEL procore-xero:ledger"):
        _publish(other)
    assert broker.waiting() == 1
    _publish(Parts(other.settings.model_copy(update={"database_url": parts.settings.database_url})))
    assert broker.waiting() == 2, "a second process of the same installation is no stranger"
    named = Parts(parts.settings.model_copy(update={"database_url": "sqlite://", "installation": "other"}))
    migrate(named.engine)
    named.require_own_broker()
