"""Whose a Redis database is: two installations under one name would take each other's messages.

A key of Redis holds the name of the ledger that the messages are about. It is written by whoever comes first, lives for
a day after its owner last looked at it, and is compared before a worker takes messages and before jobs are sent.
"""

from __future__ import annotations

from typing import Any

import redis

from worker.errors import ApiUnavailable, ConfigError

LIFE_S = 86_400


class NotOurs(ConfigError):
    """Another installation's messages lie under our name."""


def away(error: Exception) -> ApiUnavailable:
    """That a message could not be put out, and what to do."""
    return ApiUnavailable(
        f"The broker cannot be reached ({str(error).rstrip('.')}). What was asked for is noted, and starts when the "
        "broker is there: `procore-xero start` starts one, unless REDIS_URL names another."
    )


def key(prefix: str) -> str:
    return f"{prefix}ledger"


def require_ours(client: redis.Redis, prefix: str, ledger_id: str) -> None:
    """Raise NotOurs where another ledger's installation goes by our name; ApiUnavailable without Redis."""
    try:
        client.set(key(prefix), ledger_id, nx=True, ex=LIFE_S)
        found: Any = client.get(key(prefix))
        is_ours = found is None or bytes(found).decode(errors="replace") == ledger_id
        if is_ours:
            client.expire(key(prefix), LIFE_S)
    except redis.RedisError as error:
        raise away(error) from error
    if not is_ours:
        raise NotOurs(
            f"This Redis database serves another installation with another ledger, also named "
            f"'{prefix.removesuffix(':')}': they would take each other's messages. Give this one another name "
            f"(INSTALLATION) or another database (REDIS_URL ending in /1). If the other ledger is gone for good: "
            f"redis-cli DEL {key(prefix)}"
        )
