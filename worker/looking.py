"""A worker's own clock, which has jobs that lost their message found, and people told what is to be told.

Not beat's: an alarm that beat is gone cannot come from beat, and a beat may run where no worker does. With several
workers each asks, and the first does it.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery import bootsteps
from celery.worker import state
from kombu.exceptions import OperationalError

from worker.settings import settings

#: Seconds between two looks at what people are to be told: at most as between two passes, at least a few.
LOOK_EVERY_S, LEAST_S = 300.0, 5.0
#: Seconds between two looks for jobs without a message; after which a question that nobody took is not asked any more.
RESUME_EVERY_S, RESUME_LIFE_S = 15.0, 600.0
log = structlog.get_logger(__name__)


def every_s() -> float:
    return max(LEAST_S, min(LOOK_EVERY_S, settings().sync_every_minutes * 60))


class Looking(bootsteps.StartStopStep):
    """Lives as long as the worker, through every loss of the broker."""

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def start(self, worker: Any) -> None:
        repeat = worker.timer.call_repeatedly
        self._entries = [
            repeat(every_s(), ask, (worker.app,)),
            repeat(RESUME_EVERY_S, resume_if_free, (worker,)),
        ]

    def stop(self, worker: Any) -> None:
        for entry in self._entries:
            entry.cancel()


def ask(app: Any) -> None:
    """Put the message out; without a broker there is nobody to look either."""
    _send(app, "report", every_s())


def resume(app: Any) -> None:
    """Have found what died with a worker, and what could not be sent."""
    _send(app, "resume", RESUME_LIFE_S)


def resume_if_free(worker: Any) -> None:
    """The same, unless all processes are at work: then nothing that is found could start, and the questions pile up."""
    if len(state.reserved_requests) < worker.pool.num_processes:
        resume(worker.app)


def _send(app: Any, task: str, life_s: float) -> None:
    try:
        app.send_task(task, ignore_result=True, expires=life_s, retry=False)
    except OperationalError as error:
        log.warning("nobody looks now", task=task, why=str(error))
