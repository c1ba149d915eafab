"""Whether Redis does what Celery needs of it, asked over Celery's own connections: the doctor's look at it.

A client of its own would say how that one gets on: with other certificates, another user's rights, another database.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import redis
from celery import Celery
from kombu.exceptions import OperationalError

from worker.broker.options import options
from worker.errors import ApiUnavailable
from worker.settings import Settings

_REMEDY = "Start it, or correct REDIS_URL; a user with rights of its own needs those of docs/operations.md."
#: A key that is written and taken away again, and forgets itself when we die in between.
NAME, LIFE_MS = "doctor", 10_000


def look(settings: Settings) -> str:
    """What answers and where, after the broker's and the results' connection have each written a key.

    Raises ApiUnavailable with the reason and what to do.
    """
    address, app = settings.redis, Celery(set_as_current=False)
    app.conf.update(**options(settings))
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            messages: Any = connection.default_channel
            messages.client.set(NAME, 1, px=LIFE_MS)
            messages.client.delete(NAME)
        results: Any = app.backend
        results.client.set(f"{settings.key_prefix}{NAME}", 1, px=LIFE_MS)
        results.client.delete(f"{settings.key_prefix}{NAME}")
    except (OperationalError, redis.RedisError, OSError) as error:
        remedy = _REMEDY if settings.names_broker else "`procore-xero start` starts one, or set REDIS_URL."
        raise ApiUnavailable(
            f"Redis at {address} does not take messages or results: {str(error).rstrip('.')}. {remedy}"
        ) from error
    return f"{_kind(results.client)} at {address}, database {address.database}, takes messages and results"


def _kind(client: redis.Redis) -> str:
    """ "redis-server 7.0.15"; a user may lack the right to ask."""
    with suppress(redis.RedisError):
        facts = client.info("server")
        if "valkey_version" in facts:
            return f"valkey-server {facts['valkey_version']}"
        return f"redis-server {facts['redis_version']}"
    return "Redis"
