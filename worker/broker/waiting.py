"""Which jobs have a message in Redis: in their queue, or in a worker's hands.

Who has none has lost it: Redis was away when it was to be sent, came back empty, or gave it to a worker that died or
could not be reached. kombu's lists are only looked at here, never changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import redis

from worker.errors import ApiUnavailable

#: The queues that jobs go to.
QUEUES = ("manual", "periodic")
#: Of a longer queue nothing is said: there is work for everybody, and reading it costs more than it is worth.
MOST = 1_000


class _Headers(msgspec.Struct):
    id: str


class _Message(msgspec.Struct):
    headers: _Headers


_IN_QUEUE = msgspec.json.Decoder(_Message)
#: With exchange and queue, as kombu keeps what was taken and is not acknowledged yet.
_IN_HAND = msgspec.json.Decoder(tuple[_Message, object, object])


@dataclass(frozen=True, slots=True)
class Waiting:
    """Task ids that have a message, and the queues of which that is known to be all."""

    task_ids: frozenset[str]
    queues: tuple[str, ...]


def look(client: redis.Redis, prefix: str) -> Waiting:
    """As it is now. Raises ApiUnavailable."""
    try:
        with client.pipeline() as at_once:  # what is taken meanwhile is in a queue or in a worker's hands
            for queue in QUEUES:
                at_once.llen(f"{prefix}{queue}")
                at_once.lrange(f"{prefix}{queue}", 0, MOST - 1)
            at_once.hvals(f"{prefix}unacked")
            *answers, taken = at_once.execute()
    except redis.RedisError as error:
        raise ApiUnavailable(f"The broker cannot be reached ({error}).") from error
    short = tuple(queue for queue, length in zip(QUEUES, answers[::2], strict=True) if length <= MOST)
    queued = {_id(entry, _IN_QUEUE) for entries in answers[1::2] for entry in entries}
    return Waiting(frozenset(queued | {_id(entry, _IN_HAND) for entry in taken}), short)


def _id(entry: bytes, decoder: msgspec.json.Decoder[Any]) -> str:
    """Blank for what is no message of ours; it is set aside when it is taken."""
    try:
        found = decoder.decode(entry)
    except msgspec.MsgspecError:
        return ""
    return str((found[0] if isinstance(found, tuple) else found).headers.id)
