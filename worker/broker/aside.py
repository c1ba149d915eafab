"""Where entries of a queue go that are no messages: aside, for a person to look at, and counted.

The newest hundred are kept, each cut to a few thousand characters. Nothing reads them again; no job is lost with one,
since the job table publishes what is still to be done.
"""

from __future__ import annotations

import msgspec
import redis
import structlog

from worker.clock import MACHINE

#: A list in Redis, the newest first; and how many there ever were.
KEY = "procore-xero:set-aside"
COUNT = f"{KEY}:count"
MOST = 100
LONGEST = 4_000

log = structlog.get_logger(__name__)


def put(client: redis.Redis, queue: str, entry: bytes, why: str) -> None:
    """Keep an entry that was taken from this queue."""
    log.warning("entry set aside", queue=queue, why=why, bytes=len(entry), kept_in=KEY)
    text = entry[:LONGEST].decode("utf-8", "backslashreplace")
    told = {"at": f"{MACHINE.now():%Y-%m-%dT%H:%M:%SZ}", "queue": queue, "why": why, "entry": text}
    with client.pipeline() as pipe:
        pipe.lpush(KEY, msgspec.json.encode(told))
        pipe.ltrim(KEY, 0, MOST - 1)
        pipe.incr(COUNT)
        pipe.execute()


def count(client: redis.Redis) -> int:
    """How many there were."""
    return int(client.get(COUNT) or 0)


def count_if_reached(client: redis.Redis) -> int:
    """The same; 0 when Redis does not answer, which is said elsewhere."""
    try:
        return count(client)
    except redis.RedisError:
        return 0
