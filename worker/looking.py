"""A worker's own clock, which has it look every few minutes at what people are to be told.

Not beat's: an alarm that beat is gone cannot come from beat. With several workers each asks, and the first tells.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery import bootsteps
from kombu.exceptions import OperationalError

from worker.settings import settings

#: Seconds between two looks: no more than between two passes, and no fewer than the least.
LOOK_EVERY_S, LEAST_S = 300.0, 5.0
log = structlog.get_logger(__name__)


def every_s() -> float:
    return max(LEAST_S, min(LOOK_EVERY_S, settings().sync_every_minutes * 60))


class Looking(bootsteps.StartStopStep):
    """Lives as long as the worker, through every loss of the broker."""

    requires = ("celery.worker.components:Timer",)

    def start(self, worker: Any) -> None:
        self._entry = worker.timer.call_repeatedly(every_s(), ask, (worker.app,))

    def stop(self, worker: Any) -> None:
        self._entry.cancel()


def ask(app: Any) -> None:
    """Put the message out; without a broker there is nobody to look either."""
    try:
        app.send_task("report", ignore_result=True, expires=every_s(), retry=False)
    except OperationalError as error:
        log.warning("nobody looks now", why=str(error))
