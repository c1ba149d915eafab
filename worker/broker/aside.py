"""Where entries of a queue go that are no messages: aside, for a person to look at, and counted.

The newest hundred are kept, each cut to a few thousand characters. Nothing reads them again; no job is lost with one,
since the job table publishes what is still to be done.
"""

from __future__ import annotations

import msgspec
import redis
import structlog

from worker.clock import MACHINE

MOST = 100
LONGEST = 4_000

log = structlog.get_logger(__name__)


def key(prefix: str) -> str:
    """The list in Redis, the newest first, of the installation whose keys begin so."""
    return f"{prefix}set-aside"


def count_key(prefix: str) -> str:
    """Where it stands how many there ever were."""
    return f"{key(prefix)}:count"


def put(client: redis.Redis, prefix: str, queue: str, entry: bytes, why: str) -> None:
    """Keep an entry that was taken from this queue."""
    log.warning("entry set aside", queue=queue, why=why, bytes=len(entry), kept_in=key(prefix))
    text = entry[:LONGEST].decode("utf-8", "backslashreplace")
    told = {"at": f"{MACHINE.now():%Y-%m-%dT%H:%M:%SZ}", "queue": queue, "why": why, "entry": text}
    with client.pipeline() as pipe:
        pipe.lpush(key(prefix), msgspec.json.encode(told))
        pipe.ltrim(key(prefix), 0, MOST - 1)
        pipe.incr(count_key(prefix))
        pipe.execute()


def count(client: redis.Redis, prefix: str) -> int:
    """How many there were."""
    return int(client.get(count_key(prefix)) or 0)


def count_if_reached(client: redis.Redis, prefix: str) -> int:
    """The same; 0 when Redis does not answer, which is said elsewhere."""
    try:
        return count(client, prefix)
    except redis.RedisError:
        return 0
