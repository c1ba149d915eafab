"""Worlds to run the worker in: on SQLite, and where a test asks for it on PostgreSQL too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import flower.app
import flower.urls
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from tasks import publishing
from tests.amounts import without_currency
from tests.integration.flower_app import InProcess
from tests.integration.world import World
from tests.ledgers import make_tables
from worker.assembly import Parts
from worker.errors import SyncError
from worker.flower import markup, one_project, one_record, projects
from worker.flower import retry as retrying
from worker.flower.doors import guarded
from worker.flower.handlers import HANDLERS
from worker.holds import HoldCode
from worker.ledger.database import open_engine
from worker.ledger.tables import Hold, Job
from worker.settings import Settings

MakeWorld = Callable[..., World]

#: For what a database does not do otherwise: everybody runs it on SQLite.
POSTGRESQL_IS_DEEP = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.deep)], indirect=True
)


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs that would have gone to the broker, behind which a worker answers."""
    jobs: list[Job] = []

    def publish(some: list[Job], _: Parts) -> None:
        jobs.extend(some)

    monkeypatch.setattr(publishing, "publish", publish)
    monkeypatch.setattr("worker.cli.workers.answering", lambda: ["celery@here"])
    return jobs


@pytest.fixture
def a_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Makes a world of a seed, on SQLite; as many as a test compares."""
    yield from _worlds(tmp_path, lambda number: f"sqlite:///{tmp_path}/ledger{number}.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger comes, on each kind of database: it may have its tables already, and holds nothing."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_ledger"))
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A ledger with its tables, on each kind of database in turn."""
    found = open_engine(database_url)
    make_tables(found)
    yield found
    found.dispose()


@pytest.fixture
def any_world(tmp_path: Path, database_url: str) -> Iterator[MakeWorld]:
    """Makes one world of a seed, on each kind of database in turn."""
    yield from _worlds(tmp_path, lambda _: database_url)


def _worlds(tmp_path: Path, url: Callable[[int], str]) -> Iterator[MakeWorld]:
    made: list[World] = []

    def make(seed: Mapping[str, Any] | None = None, **settings: Any) -> World:
        directory = tmp_path / str(len(made))
        directory.mkdir()
        made.append(World(seed, url(len(made)), directory, **settings))
        return made[-1]

    yield make
    bare = [sentence for world in made for sentence in _bare(world)]
    for world in made:
        world.close()
    assert bare == [], "each amount that a person reads has its currency"


def _bare(world: World) -> list[str]:
    """What was said in a world with an amount that has no currency; of another program's own words nothing."""
    said = select(Hold.code, Hold.sentence).distinct()
    try:
        with world.parts.engine.connect() as connection:
            rows = [(code, sentence) for code, sentence in connection.execute(said) if without_currency(sentence)]
    except (SQLAlchemyError, SyncError):  # a test has taken its ledger away
        return []
    return [sentence for code, sentence in rows if not HoldCode[code.upper()].value.quotes]


@pytest.fixture
def in_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InProcess]:
    """Flower with our handlers, on a ledger of its own; nothing is published."""
    parts = Parts(Settings(database_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    make_tables(parts.engine)
    yield _flower(parts, monkeypatch)
    parts.engine.dispose()


def _flower(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    for module in (retrying, projects, one_project, one_record, markup):
        monkeypatch.setattr(module, "parts", lambda: parts)
    made = InProcess(parts)
    monkeypatch.setattr(flower.app, "default_handlers", guarded([*HANDLERS, *flower.urls.handlers], made.attempts))
    return made


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch, published: list[Job]) -> Callable[[World], InProcess]:
    """Flower with our handlers beside a world; nothing is published."""
    return lambda world: _flower(world.parts, monkeypatch)
