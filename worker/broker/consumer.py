"""A worker's consumer that outlives a broker that refuses, and the death of the first processes of its pool.

Celery names its class in the setting `worker_consumer`.
"""

from __future__ import annotations

from functools import partial
from time import sleep
from typing import Any

import structlog
from celery import bootsteps
from celery.exceptions import WorkerShutdown
from celery.worker import consumer

from worker.assembly import Parts
from worker.broker.installation import NotOurs
from worker.errors import SyncError
from worker.settings import settings

#: Seconds between two tries to connect: at most, and to a Redis that answers and refuses.
TRY_EVERY_S, REFUSED_S = 5.0, 1.0
#: How a worker ends whose Redis is another installation's.
NOT_OURS = 2

log = structlog.get_logger(__name__)


class Consumer(consumer.Consumer):
    """Celery's, with three differences."""

    #: Celery ends a worker of which a pool process died while it started (0: the first start, -1 before it). Counted
    #: as a later start, the pool replaces that process, as it does at any other time.
    restart_count = 0

    def ensure_connected(self, conn: Any) -> Any:
        """Try again every few seconds, and not after half a minute: the jobs of an outage start soon after it."""
        conn.ensure_connection = partial(conn.ensure_connection, interval_max=TRY_EVERY_S)
        return super().ensure_connected(conn)

    def on_connection_error_before_connected(self, exc: Exception) -> None:
        """A Redis that answers and refuses, as a replica does: Celery would ask it again at once, without end."""
        super().on_connection_error_before_connected(exc)
        sleep(REFUSED_S)


class Ours(bootsteps.StartStopStep):
    """Before each connection's first message is taken: whose messages are these? Another's end the worker."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, _: Any) -> None:
        parts = Parts(settings())
        try:
            parts.require_own_broker()
        except NotOurs as error:
            log.critical("no message is taken", why=str(error))
            raise WorkerShutdown(NOT_OURS) from None
        except SyncError as error:  # jobs say so as well
            log.warning("whose messages these are cannot be told", why=str(error))
        finally:
            parts.engine.dispose()
            parts.broker.close()
