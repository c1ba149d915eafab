"""Messages to a broker that goes and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from tasks import publishing
from tasks.publishing import publish  # the real one, by its own name: this directory's tests otherwise collect jobs
from tests.integration.restartable import Restartable
from worker.broker.options import options
from worker.cli.processes import Processes
from worker.errors import ApiUnavailable
from worker.ledger.tables import Job
from worker.settings import Settings


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Restartable]:
    with Processes(tmp_path) as processes:
        broker = Restartable(processes)
        app = Celery("tests", include=["tasks.project"])
        app.conf.update(**options(Settings(redis_url=broker.url)))
        app.loader.import_default_modules()
        monkeypatch.setattr(publishing, "app", app)
        broker.start()
        yield broker
        app.close()


def _publish() -> None:
    publish([Job(id=1, job_number="25-003", project_name="", task_id="a-task", trigger="manual")], Settings())


@pytest.mark.timeout(15)
def test_a_process_outlives_a_restart_of_the_broker(broker: Restartable) -> None:
    """Flower runs for months: a broker that was restarted in between takes the next message at once."""
    _publish()
    broker.stop()
    broker.start()
    _publish()
    assert broker.waiting() == 1


@pytest.mark.timeout(15)
def test_a_broker_that_is_away_is_said_in_a_sentence(broker: Restartable) -> None:
    """While it is away each try ends soon and says that the job is noted; afterwards publishing works again."""
    _publish()
    broker.stop()
    for _ in range(2):
        with pytest.raises(ApiUnavailable, match="noted and start later"):
            _publish()
    broker.start()
    _publish()
    assert broker.waiting() == 1
