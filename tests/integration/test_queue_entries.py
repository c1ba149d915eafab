"""Entries of a queue that are no messages, against a real Redis: set aside, and the next message is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis
from kombu import Connection, Consumer, Queue
from kombu.message import Message
from kombu.pidbox import Mailbox
from kombu.transport import redis as kombu_redis

from tests.services import PATIENCE_S
from worker.broker import aside, reading

QUEUE = "periodic"
HEADERS = {"task": "sync_project", "id": "t-1", "timelimit": [None, None], "retries": 0}


@pytest.fixture
def prefix() -> str:
    """Tests share one Redis: each is an installation of its own."""
    return f"{uuid4()}:"


@pytest.fixture
def client(redis_url: str, prefix: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as found:
        yield found
        found.delete(*found.scan_iter(f"{prefix}*"))


@pytest.fixture
def connection(redis_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setattr(kombu_redis.Transport, "Channel", kombu_redis.Channel)
    reading.install()
    with Connection(redis_url, transport_options={"global_keyprefix": prefix, "visibility_timeout": 60}) as found:
        yield found


def _channel(connection: Connection) -> Any:
    return connection.default_channel


def _send(connection: Connection) -> None:
    body: Any = ([], {}, {})
    connection.Producer().publish(body, routing_key=QUEUE, declare=[Queue(QUEUE)], headers=HEADERS)


def _take(connection: Connection) -> list[str]:
    """What comes, until a message has."""
    taken: list[str] = []

    def keep(message: Message) -> None:
        taken.append(message.headers["id"])
        message.ack()

    with Consumer(connection, [Queue(QUEUE)], on_message=keep):
        while not taken:
            connection.drain_events(timeout=PATIENCE_S)
    return taken


def test_what_is_no_message_is_set_aside(client: redis.Redis, connection: Connection, prefix: str) -> None:
    """It is kept with its reason, and counted; what lies behind it is taken."""
    for entry in ("hello", "{}", b"\xff"):
        client.lpush(f"{prefix}{QUEUE}", entry)
    _send(connection)
    assert _take(connection) == ["t-1"]
    assert (client.llen(f"{prefix}{QUEUE}"), client.hlen(f"{prefix}unacked"), aside.count(client, prefix)) == (0, 0, 3)
    newest, _, first = [json.loads(row) for row in client.lrange(aside.key(prefix), 0, -1)]
    assert (first["queue"], first["entry"], first["why"].startswith("JSON is malformed")) == (QUEUE, "hello", True)
    assert newest["entry"] == "\\xff"


def test_an_answer_of_a_worker_is_taken(client: redis.Redis, connection: Connection, prefix: str) -> None:
    """Whoever asks workers reads what they say from a queue of his own; that is no job."""
    reader: Any = Mailbox("celery", type="fanout")(connection)
    reader.reply_queue(connection.default_channel).declare()
    node = reader.Node("worker@here", channel=connection.default_channel)
    said = {"worker@here": {"ok": "pong"}}
    node.reply(said, reader.reply_exchange.name, reader.oid, "t-1")
    assert reader._collect("t-1", limit=1, timeout=PATIENCE_S, channel=connection.default_channel) == [said]
    assert aside.count(client, prefix) == 0


def test_among_what_a_lost_worker_had_taken(client: redis.Redis, connection: Connection, prefix: str) -> None:
    """It stops nothing of what goes back into the queue, however much there is of it."""
    _send(connection)
    message = client.rpop(f"{prefix}{QUEUE}")
    assert isinstance(message, bytes)
    taken = {f"t{number}": b"hello" for number in range(12)} | {"t-1": json.dumps([json.loads(message), "", QUEUE])}
    for tag, entry in taken.items():
        client.hset(f"{prefix}unacked", tag, entry)
        client.zadd(f"{prefix}unacked_index", {tag: 1})
    for _ in range(2):  # ten at a time
        _channel(connection).qos.restore_visible(num=10, interval=1)
    assert _take(connection) == ["t-1"]
    assert client.hlen(f"{prefix}unacked") == client.zcard(f"{prefix}unacked_index") == 0
    assert aside.count(client, prefix) == 12


def test_only_so_many_are_kept(client: redis.Redis, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest, each cut; all are counted."""
    monkeypatch.setattr(aside, "MOST", 2)
    monkeypatch.setattr(aside, "LONGEST", 3)
    for number in range(4):
        aside.put(client, prefix, "periodic", f"{number}-and more".encode(), "It is none.")
    assert [json.loads(row)["entry"] for row in client.lrange(aside.key(prefix), 0, -1)] == ["3-a", "2-a"]
    assert aside.count(client, prefix) == 4


@pytest.mark.parametrize("data", ["{}", "[]", "5", "null", '{"properties": []}'])
def test_a_broadcast_that_is_none_is_passed_over(connection: Connection, data: str) -> None:
    """Nobody keeps it; it would end every worker at once."""
    channel = _channel(connection)
    channel._fanout_to_queue[QUEUE] = QUEUE
    channel.connection._callbacks = {QUEUE: lambda raw: channel.Message(raw, channel=channel)}
    assert channel._deliver_fanout_message(json.loads(data), QUEUE) is False


def test_one_client_serves_as_long_as_its_connections(connection: Connection) -> None:
    """Making one takes longer than a command does; a pool that is gone takes its client along."""
    channel = _channel(connection)
    with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
        assert first is second
    channel._disconnect_pools()
    with channel.conn_or_acquire() as third:
        assert third is not first
        assert third.ping()
