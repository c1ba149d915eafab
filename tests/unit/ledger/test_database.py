"""Addresses of databases: those that are none are said without the password, and servers that say nothing are left."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from sqlalchemy import event

from worker.errors import ApiUnavailable, ConfigError
from worker.ledger.database import name_of, open_engine, require_migrated


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret@host:port/db",
        "postgresql://user:s3cret@[::1/db",
        "mysql://user:s3cret@host/db",
        "postgres://user:s3cret@host/db",
        "//user:s3cret@host/db",
        "s3cret",
        "",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    """Every command ends with it, so it may stand in a log."""
    with pytest.raises(ConfigError, match="DATABASE_URL") as wrong:
        open_engine(url)
    assert "s3cret" not in str(wrong.value)
    assert wrong.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://user:s3cret@db/books", "books on db"),
        ("postgresql://user:s3cret@db:6432/books?sslpassword=s3cret", "books on db:6432"),
        ("postgresql://user:s3cret@/books?host=a:1&host=b:2", "books on a:1 or b:2"),
        ("postgresql:///books", "books on this machine"),
        ("sqlite:////var/lib/books.db", "/var/lib/books.db"),
    ],
)
def test_a_ledger_is_named_without_a_secret(url: str, name: str) -> None:
    """People see which one they look into, and logs may have it."""
    assert name_of(open_engine(url)) == name


def test_a_server_that_lets_nobody_in_is_not_waited_for() -> None:
    """The port is open, and nothing is ever said: whoever asks comes back later."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        engine = open_engine(f"postgresql://user@127.0.0.1:{silent.getsockname()[1]}/books?connect_timeout=2")
        with pytest.raises(ApiUnavailable, match="connection timeout expired"):
            require_migrated(engine)


def test_how_long_is_waited_for_a_server_is_bounded() -> None:
    """Also when none of it stands in the address, and when a line goes dead in the middle of a question."""
    asked: list[dict[str, Any]] = []

    def refuse(_dialect: object, _record: object, _args: object, options: dict[str, Any]) -> None:
        asked.append(options)
        raise ConfigError("not today")

    for url in ("postgresql://user@db/books", "postgresql://user@db/books?connect_timeout=3"):
        engine = open_engine(url)
        event.listen(engine, "do_connect", refuse)
        with pytest.raises(ConfigError, match="not today"):
            require_migrated(engine)
    assert [int(options["connect_timeout"]) for options in asked] == [10, 3]
    assert [(options["tcp_user_timeout"], options["keepalives_idle"]) for options in asked] == [(30_000, 15)] * 2
