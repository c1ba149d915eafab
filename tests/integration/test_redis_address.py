"""One REDIS_URL leads everybody to the same Redis in the same way: broker, results, our own client and the doctor."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import redis as library
from celery import Celery
from flower.utils.broker import Broker
from pydantic import SecretStr

from tests.integration.consuming import celery, consuming
from tests.integration.restartable import Restartable
from tests.listening import certified
from tests.services import eventually
from worker.broker import client
from worker.broker.check import look
from worker.broker.client import connect
from worker.cli.processes import Processes, free_port
from worker.errors import ApiUnavailable
from worker.settings import Settings

#: A password with everything that means something in an address.
ODD = "p@s/s:w#o?r%d;é ,&=+[1]"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Restartable, Path, int]]:
    """A Redis on a port, on a port with TLS and on a socket; where its socket and certificate lie, and that port."""
    folder, tls_port = tmp_path_factory.mktemp("redis"), free_port()
    certified(folder)
    options = ("--tls-cert-file", "--tls-key-file", "--tls-ca-cert-file")
    tls = [word for option in options for word in (option, str(folder / "certificate.pem"))]
    with Processes(folder) as processes:
        redis = Restartable(
            processes, "--unixsocket", str(folder / "redis.sock"), "--tls-port", str(tls_port), "--tls-auth-clients",
            "no", *tls,
        )  # fmt: skip
        redis.start()
        redis.ask("ACL", "SETUSER", "me", "on", f">{ODD}", "~*", "&*", "+@all")
        yield redis, folder, tls_port


@pytest.fixture(params=["port", "user", "user beside the address", "socket", "user at the socket", "tls"])
def settings(request: pytest.FixtureRequest, server: tuple[Restartable, Path, int]) -> Settings:
    """Each way of naming the same Redis; database 1 of it."""
    redis, folder, tls_port = server
    port, escaped = redis.port, quote(ODD, safe="")
    return {
        "port": Settings(redis_url=f"redis://127.0.0.1:{port}/1"),
        "user": Settings(redis_url=f"redis://me:{escaped}@127.0.0.1:{port}/1"),
        "user beside the address": Settings(
            redis_password=SecretStr(ODD), redis_url=f"redis://me@127.0.0.1:{port}/1"
        ),
        "socket": Settings(redis_url=f"unix://{folder}/redis.sock?db=1"),
        "user at the socket": Settings(redis_url=f"unix://me:{escaped}@{folder}/redis.sock?db=1"),
        "tls": Settings(
            redis_url=f"rediss://me:{escaped}@127.0.0.1:{tls_port}/1?ssl_ca_certs={folder}/certificate.pem"
        ),
    }[str(request.param)]  # fmt: skip


def test_everybody_gets_to_the_same_redis(settings: Settings, server: tuple[Restartable, Path, int]) -> None:
    """A message is sent and taken, a result is stored and read, the doctor is content: all in the named database."""
    with connect(settings) as ours:
        ours.flushdb()
        with consuming(settings) as worker:
            worker.runs("a word")
            worker.app.backend.store_result("an-id", "done", "SUCCESS")
            assert worker.app.AsyncResult("an-id").result == "done"
            assert look(settings).endswith("database 1, takes messages and results")
            if not settings.redis.socket:
                assert _seen_by_flower(worker.app) == [{"name": "aside", "messages": 1}]
            assert ours.acl_whoami() == (settings.redis.username or "default")
        keys = {key.decode() for key in ours.scan_iter()}
        assert "procore-xero:celery-task-meta-an-id" in keys
        assert all(key.startswith("procore-xero:") for key in keys)
    assert server[0].ask("DBSIZE") == 0


def _seen_by_flower(app: Celery) -> list[dict[str, Any]]:
    """What its page Broker shows of a queue with one message. On a socket it knows database 0 alone, and no user."""
    app.send_task("nobody's", queue="aside")
    with app.connection_for_read() as connection:
        address = connection.as_uri(include_password=True)
    conf = app.conf
    found = Broker(address, broker_options=conf.broker_transport_options, broker_use_ssl=conf.broker_use_ssl)
    return list(asyncio.run(found.queues(["aside"])))


def test_a_certificate_that_nobody_vouches_for_is_refused_by_all(
    server: tuple[Restartable, Path, int], tmp_path: Path
) -> None:
    """By the broker's connection, the results', ours, and so by the doctor; unless the address says not to verify."""
    certified(tmp_path)
    settings = Settings(redis_url=f"rediss://127.0.0.1:{server[2]}/1")
    with pytest.raises(ApiUnavailable, match="certificate"):
        look(settings)
    strange = Settings(redis_url=f"rediss://127.0.0.1:{server[2]}/1?ssl_ca_certs={tmp_path}/certificate.pem")
    results: Any = celery(strange).backend
    for one in (results.client, connect(strange)):
        with pytest.raises(library.ConnectionError, match="certificate"):
            one.ping()
    for spelling in ("none", "CERT_NONE"):
        assert "takes messages" in look(
            Settings(redis_url=f"rediss://127.0.0.1:{server[2]}/1?ssl_cert_reqs={spelling}")
        )


def test_one_of_which_nothing_is_heard_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes connections and says nothing: a call waits once for it, and not once for each try."""
    monkeypatch.setattr(client, "WAIT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Settings(redis_url=f"redis://127.0.0.1:{silent.getsockname()[1]}")
        with connect(settings) as ours, pytest.raises(library.TimeoutError):
            ours.ping()
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_one_that_only_answers_is_not_well(tmp_path: Path) -> None:
    """A replica answers a ping and takes nothing: the doctor writes, with each of Celery's connections."""
    with Processes(tmp_path) as processes:
        redis = Restartable(processes)
        redis.start()
        settings = Settings(redis_url=redis.url)
        assert "takes messages and results" in look(settings)
        assert redis.ask("DBSIZE") == 0, "and leaves nothing behind"
        redis.ask("REPLICAOF", "127.0.0.1", "1")
        with pytest.raises(ApiUnavailable, match=r"does not take messages or results: .*read only"):
            look(settings)
        eventually(redis.pinged)
