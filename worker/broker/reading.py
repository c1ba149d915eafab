"""How a queue is read: kombu's own way, but what is no message is set aside.

kombu hands on whatever lies in the list. Something else than a message (another program's, a person's) ends the worker
that takes it; and most of them a worker puts back when it ends, so that the next one ends, too.
"""

from __future__ import annotations

from typing import Any

import redis
import structlog
from kombu.exceptions import ContentDisallowed, SerializationError
from kombu.transport import redis as kombu_redis

from worker.broker import aside, entries, transport

#: How the queues end in which workers answer somebody who asked them; he waits for a second, and reads no jobs.
REPLIES = ".reply.celery.pidbox"
#: What kombu and Celery raise of a broadcast that is none. Connections fail with other errors.
_NOT_READ = (LookupError, TypeError, ValueError, AttributeError, ContentDisallowed, SerializationError)

log = structlog.get_logger(__name__)


class QoS(transport.QoS):
    """What a lost worker had taken goes back into its queue; what is no message does not, and stops nothing."""

    channel: Channel

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        with self.channel.conn_or_acquire(client) as at:
            entry = at.hget(self.unacked_key, tag)
        if entry and (why := entries.fault_of_taken(entry)):
            self.channel.set_aside(self.unacked_key, entry, why)
            self._remove_from_indices(tag).execute()  # type: ignore[attr-defined]  # kombu's types leave it out
            return
        super().restore_by_tag(tag, client, leftmost)


class Channel(transport.Channel):
    QoS = QoS

    def set_aside(self, queue: str, entry: bytes, why: str) -> None:
        with self.conn_or_acquire() as client:
            plain = redis.Redis(connection_pool=client.connection_pool)  # its keys are written out
            aside.put(plain, self.global_keyprefix, queue, entry, why)

    def _create_client(self, asynchronous: bool = False) -> Any:
        client = super()._create_client(asynchronous)  # type: ignore[misc]  # kombu's types leave it out
        client.set_response_callback("BRPOP", self._sound)
        return client

    def _sound(self, answer: Any, **_: Any) -> tuple[bytes, bytes] | None:
        """What Redis answers to BRPOP; as if nothing had come where it is no message."""
        if not answer:
            return None
        key, entry = answer
        queue = key.decode().removeprefix(self.global_keyprefix).partition(self.sep)[0]
        if not queue.endswith(REPLIES) and (why := entries.fault(entry)):
            self.set_aside(queue, entry, why)
            return None
        return key, entry

    def _deliver_fanout_message(self, message: Any, exchange: str) -> bool:
        """A command to all workers, or an event. Nobody keeps it, so what is none is only said."""
        try:
            return bool(super()._deliver_fanout_message(message, exchange))  # type: ignore[misc]  # the same
        except _NOT_READ as error:
            log.warning("broadcast not read", exchange=exchange, why=f"{type(error).__name__}: {error}")
            return False


def install() -> None:
    """Every connection of this process to Redis through kombu reads so from now on."""
    kombu_redis.Transport.Channel = Channel
