"""One name in one Redis database is one ledger's."""

from __future__ import annotations

import fakeredis
import pytest

from worker.broker.installation import LIFE_S, NotOurs, key, require_ours
from worker.errors import ApiUnavailable

OURS = "procore-xero:"


@pytest.fixture
def server() -> fakeredis.FakeServer:
    return fakeredis.FakeServer()


@pytest.fixture
def client(server: fakeredis.FakeServer) -> fakeredis.FakeRedis:
    return fakeredis.FakeRedis(server=server)


def test_who_comes_first_has_the_name(client: fakeredis.FakeRedis) -> None:
    """And keeps it for a day after its last look; nobody is in the way under another name, or once it is let go."""
    require_ours(client, OURS, "one")
    client.expire(key(OURS), 10)
    require_ours(client, OURS, "one")
    assert client.ttl(key(OURS)) == LIFE_S
    with pytest.raises(NotOurs, match="INSTALLATION"):
        require_ours(client, OURS, "two")
    require_ours(client, "other:", "two")
    client.delete(key(OURS))
    require_ours(client, OURS, "two")


def test_a_stranger_keeps_nobodys_name_alive(client: fakeredis.FakeRedis) -> None:
    """A worker that is started again and again beside a ledger that is gone gets its turn after a day."""
    require_ours(client, OURS, "one")
    client.expire(key(OURS), 10)
    with pytest.raises(NotOurs):
        require_ours(client, OURS, "two")
    assert client.ttl(key(OURS)) <= 10


def test_a_redis_that_is_away_is_no_stranger(client: fakeredis.FakeRedis, server: fakeredis.FakeServer) -> None:
    """It comes back; whoever refuses to start would not."""
    server.connected = False
    with pytest.raises(ApiUnavailable):
        require_ours(client, OURS, "one")
