"""Our own client of Redis, beside Celery's: for the call budgets, beat's lease and figures."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from worker.settings import Settings

#: Seconds until a Redis that does not answer counts as away.
WAIT_S = 5.0


def connect(settings: Settings) -> redis.Redis:
    """A client, which connects when it is first used.

    It says at once what went wrong: left to itself redis-py 8 tries eleven times, so that a Redis of which nothing is
    heard would hold a job for a minute with each call.
    """
    return redis.Redis(
        **settings.redis.for_client(),
        socket_timeout=WAIT_S,
        socket_connect_timeout=WAIT_S,
        retry=Retry(NoBackoff(), 0),
    )
