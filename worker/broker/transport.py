"""Kombu's channel to Redis, for a broker that goes away at any moment: steps of it that then end or stop a worker.

No setting reaches them; everything else is kombu's own, and `reading` puts it in its place. A message that cannot be
given back or acknowledged costs no job: the job table knows which of them wait, and a second copy finds its job ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
import structlog
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual

#: A Redis that is away, that refuses, or of which nothing is heard.
LOST = (redis.RedisError, OSError)

log = structlog.get_logger(__name__)


class QoS(kombu_redis.QoS):
    """The messages in a worker's hands. Kombu raises out of these when Redis is away."""

    def append(self, message: Any, delivery_tag: str) -> None:
        """Note that it is in our hands, over a new connection if need be: one that is not noted is lost at once."""
        try:
            super().append(message, delivery_tag)
        except (redis.ConnectionError, redis.TimeoutError):
            channel: Any = self.channel
            channel.pool.disconnect()  # all that lie ready may lead nowhere
            super().append(message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        self._settle(delivery_tag, lambda: super(QoS, self).ack(delivery_tag))

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        self._settle(delivery_tag, lambda: super(QoS, self).reject(delivery_tag, requeue))

    def _settle(self, delivery_tag: str, settle: Callable[[], None]) -> None:
        """Its place is free in any case: kept, a worker with no place left waits for ever, without a word.

        The connection that it came over may have been lost and closed since. Then it was given back, or will be.
        """
        try:
            if not self.channel.closed:
                settle()
        except LOST as error:
            log.warning("message not settled", why=str(error))
        virtual.QoS.ack(self, delivery_tag)

    def restore_unacked(self, client: redis.Redis | None = None) -> None:
        """Give back what is in our hands, as far as Redis takes it."""
        held: Any = self._delivered
        try:
            super().restore_unacked(client)
        except LOST as error:
            log.warning("messages not given back", messages=len(held), why=str(error))
        held.clear()


class Channel(kombu_redis.Channel):
    """Closed once, and to its end. Kombu's stays half closed when Redis is away, and trips over that the next time."""

    QoS = QoS
    _kept: Any = None

    @contextmanager
    def conn_or_acquire(self, client: Any = None) -> Iterator[Any]:
        """Kombu makes a client for every command, which takes longer than the command; one serves as long as its pool
        of connections."""
        if client is None:
            if self._kept is None or self._kept.connection_pool is not self.pool:
                self._kept = self._create_client()  # type: ignore[attr-defined]  # kombu's types leave it out
            client = self._kept
        yield client

    def close(self) -> None:
        if self.closed:
            return
        try:
            super().close()
        except LOST as error:
            log.warning("connection lost", why=str(error))
            self._in_poll = None
            self.auto_delete_queues.clear()
            super().close()
