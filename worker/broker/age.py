"""How long a message has waited, by Redis' own clock: Celery's `expires` is by the clocks of two machines.

So `expires` of a message that is worth less than a day is longer than it need be, by as much as two clocks may differ;
whoever must know better looks here.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import redis

#: Of a message's headers.
SENT_AT = "sent_at"
#: Clocks may differ by so much before a message is thrown away that is good.
APART_S = 3600.0


def stamp(client: redis.Redis) -> dict[str, str]:
    """The header that says when a message went. Raises RedisError."""
    return {SENT_AT: str(client.time()[0])}


def waited_s(client: redis.Redis, headers: Mapping[str, str]) -> float:
    """Whole seconds since then; none where the message or Redis does not say."""
    with suppress(KeyError, ValueError, redis.RedisError):
        return client.time()[0] - float(headers[SENT_AT])
    return 0.0
