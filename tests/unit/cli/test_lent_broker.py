"""What only asks needs no broker that runs: one is there for the time of the command, and never in another's place."""

from __future__ import annotations

import pytest
import redis

from worker.broker.client import connect
from worker.cli import broker, lent_broker
from worker.settings import Settings

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has on the usual port."""
    really = broker.answers
    monkeypatch.setattr(broker, "answers", lambda one: "path" in one.connection_pool.connection_kwargs and really(one))


def test_it_answers_while_the_command_runs_and_is_gone_with_it() -> None:
    """One for the whole command, however often it is asked for, and no trace of it afterwards."""
    with lent_broker.lent() as broker_at:
        client = broker_at(Settings())
        assert client is broker_at(Settings())
        assert client.ping()
        where = client.connection_pool.connection_kwargs["path"]
    with pytest.raises(redis.ConnectionError), redis.Redis(unix_socket_path=where) as late:
        late.ping()


def test_a_broker_that_was_named_is_the_only_one() -> None:
    """One that is away is said to be away: its workers count their calls there."""
    with lent_broker.lent() as broker_at:
        client = broker_at(Settings(redis_url=NOWHERE))
        assert client.connection_pool.connection_kwargs["port"] == 1


def test_without_a_server_on_the_machine_the_first_call_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_installed_server", lambda: None)
    monkeypatch.setattr(broker, "_bundled_server", lambda: None)
    with lent_broker.lent() as broker_at:
        given, ours = broker_at(Settings()), connect(Settings())
        assert given.connection_pool.connection_kwargs["port"] == ours.connection_pool.connection_kwargs["port"]
