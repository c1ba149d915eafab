"""Rows of the job table to messages: the row is committed first, then the message is published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from celery.result import denied_join_result
from kombu.exceptions import BatchPublishError, OperationalError  # type: ignore[attr-defined]  # new in kombu 5.7

from worker.assembly import Parts
from worker.broker import installation
from worker.broker.age import APART_S
from worker.celery import app
from worker.ledger.tables import Job
from worker.settings import Settings

#: A message is good for one interval between two passes, and for a minute at least.
_SHORTEST_LIFE_S = 60.0


def expiry_s(settings: Settings) -> float:
    """Seconds after which a message counts as lost; should it come after all, its job has another one."""
    return max(settings.sync_every_minutes * 60, _SHORTEST_LIFE_S)


def publish(jobs: Iterable[Job], parts: Parts) -> None:
    """Send one message per job through one producer. Raises ApiUnavailable when the broker cannot be reached.

    Raises ConfigError, and sends nothing, where the broker serves another installation.

    What is not published now is found again by the workers when the broker is back: its row stays queued.
    """
    parts.require_own_broker()
    try:
        _send(jobs, parts.settings)
    except (OperationalError, BatchPublishError) as error:
        raise installation.away(error) from error


def _send(jobs: Iterable[Job], settings: Settings) -> None:
    task = app.tasks["sync_project"]
    # A queue of Redis is there when something lies in it; to declare it for each message is a fifth of the work.
    undeclared: dict[str, Any] = {"declare": ()}
    # Nobody waits here for a result. Celery would subscribe to each one all the same, and once the broker has
    # restarted, that subscription keeps Flower from publishing until Flower is restarted too.
    with denied_join_result(), app.producer_pool.acquire(block=True) as producer, producer.batch():  # type: ignore[attr-defined]  # new in kombu 5.7
        for job in jobs:
            life: dict[str, Any] = {"expires": expiry_s(settings) + APART_S} if job.trigger == "periodic" else {}
            task.apply_async(
                args=(job.job_number, job.project_name),
                task_id=job.task_id,
                queue=job.trigger,
                headers={"job_id": str(job.id)},
                producer=producer,
                add_to_parent=False,  # else the result of a pass lists them all
                **life,
                **undeclared,
            )
