"""Fixtures for all tests: a clean environment, and the real services where the machine has them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from tests.services import missing
from worker.cli import broker
from worker.errors import ConfigError
from worker.settings import Settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of the person who runs it, neither from the environment nor from `.env`."""
    settings = set(Settings.model_fields)
    for name in list(os.environ):
        if name.lower() in settings:
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis: TEST_REDIS_URL, else redis-server on the PATH. Tests share it and name their own keys."""
    server = broker.start(os.environ.get("TEST_REDIS_URL"), tmp_path_factory.mktemp("redis"), ("redis",))
    try:
        running = server.__enter__()
    except ConfigError:
        missing("Redis (TEST_REDIS_URL, or redis-server on the PATH)")
    yield running.url
    server.__exit__(None, None, None)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """An empty database of its own for each test, on the server of TEST_DATABASE_URL."""
    given = os.environ.get("TEST_DATABASE_URL")
    if not given:
        missing("PostgreSQL (TEST_DATABASE_URL)")
    name = f"test_{uuid.uuid4().hex}"
    server = create_engine(given, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        missing(f"PostgreSQL at TEST_DATABASE_URL ({error.orig})")
    yield make_url(given).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()
