"""Fixtures for all tests: a clean environment, and the real services where the machine has them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from tests import examples
from tests.addresses import compiled_once
from tests.databases import emptied, empty_database
from tests.ledgers import swift
from tests.services import missing
from worker.cli import broker
from worker.errors import ConfigError
from worker.settings import Settings

examples.register()


def pytest_xdist_auto_num_workers() -> int:
    """Three for two cores: a quarter of the time is spent on waiting for processes that were started."""
    cores = os.cpu_count() or 2
    return cores + (cores + 1) // 2


def pytest_collection_finish() -> None:
    """What was collected stays: the garbage collector does not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def swift_ledgers_and_sandboxes() -> Iterator[None]:
    with swift(), compiled_once():
        yield


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """A line says all that a coloured one says, for a failed test, at a tenth of the time; each test begins so."""
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, lambda _, level, said: f"{level}: {said}"])


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """No test sees the settings of the person who runs it, neither from the environment nor from `.env`."""
    settings = set(Settings.model_fields)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.lower() in settings:
                patch.delenv(name)
        patch.setitem(Settings.model_config, "env_file", None)
        yield


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis: TEST_REDIS_URL, else redis-server on the PATH. Tests share it and name their own keys."""
    server = broker.start(os.environ.get("TEST_REDIS_URL"), tmp_path_factory.mktemp("redis"), ("redis",))
    with ExitStack() as stack:
        try:
            running = stack.enter_context(server)
        except ConfigError:
            missing("Redis (TEST_REDIS_URL, or redis-server on the PATH)")
        yield running.url


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """An empty database of its own for each test, on the server of TEST_DATABASE_URL."""
    yield from _a_database()


@pytest.fixture(scope="session")
def shared_database() -> Iterator[str]:
    """One for all tests of this process: for `postgres_ledger`."""
    yield from _a_database()


@pytest.fixture
def postgres_ledger(shared_database: str) -> Iterator[str]:
    """A ledger with its tables and nothing in them. What changes more than rows takes `postgres_url`."""
    with emptied(shared_database):
        yield shared_database


def _a_database() -> Iterator[str]:
    given = os.environ.get("TEST_DATABASE_URL")
    if not given:
        missing("PostgreSQL (TEST_DATABASE_URL)")
    with ExitStack() as stack:
        try:
            url = stack.enter_context(empty_database(given))
        except OperationalError as error:
            missing(f"PostgreSQL at TEST_DATABASE_URL ({error.orig})")
        yield url
