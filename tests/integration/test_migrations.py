"""The ledger's tables: made by migrations, as the model says, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from tests.bouncer import bouncing
from tests.integration.site import WARM
from tests.services import PATIENCE_S
from worker.errors import ConfigError
from worker.ledger import database
from worker.ledger.database import migrate, open_engine, require_migrated
from worker.ledger.tables import Table


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """No table is there."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/ledger.db"


def test_the_migrations_make_what_the_model_says(empty_url: str) -> None:
    """From an empty database to the model's tables, column types included; a second time changes nothing."""
    engine = open_engine(empty_url)
    made, again = migrate(engine), migrate(engine)
    assert (made.before, again.before, again.revision) == (None, made.revision, made.revision)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_nothing_starts_on_tables_that_are_missing(empty_url: str) -> None:
    """The error names the command that makes them."""
    engine = open_engine(empty_url)
    with pytest.raises(ConfigError, match="procore-xero migrate"):
        require_migrated(engine)
    migrate(engine)
    require_migrated(engine)
    engine.dispose()


def test_nothing_starts_on_tables_of_another_revision(empty_url: str) -> None:
    """Nor on old ones."""
    engine = open_engine(empty_url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
    with pytest.raises(ConfigError, match="procore-xero migrate"):
        require_migrated(engine)
    engine.dispose()


def test_a_ledger_of_a_later_version_is_left_alone(empty_url: str) -> None:
    """After a step back to an older program: migrating cannot help, so nobody is sent there."""
    engine = open_engine(empty_url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for begin in (migrate, require_migrated):
        with pytest.raises(ConfigError, match="to 9999, which this one does not know") as refused:
            begin(engine)
        assert "Install that version" in str(refused.value)
        assert "procore-xero migrate" not in str(refused.value)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql", "pgbouncer"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty ledger, however it is reached."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/ledger.db"
        return
    server = str(request.getfixturevalue("postgres_url"))
    with bouncing(server, sessions=3) if request.param == "pgbouncer" else nullcontext(server) as url:
        yield url


def test_of_several_who_migrate_at_once_one_does_it(address: str) -> None:
    """As when containers start together: each comes to its end, and one of them has made the tables."""
    begin: Barrier = WARM.Barrier(3)
    made: Queue[str | None] = WARM.Queue()
    processes = [WARM.Process(target=_migrate, args=(address, begin, made)) for _ in range(3)]
    for process in processes:
        process.start()
    before = [made.get(timeout=PATIENCE_S) for _ in processes]
    for process in processes:
        process.join()
    engine = open_engine(address)
    newest = migrate(engine).revision
    engine.dispose()
    assert sorted(before, key=str) == [newest, newest, None]


def _migrate(url: str, begin: Barrier, made: Queue[str | None]) -> None:
    begin.wait(PATIENCE_S)
    try:
        made.put(migrate(open_engine(url)).before)
    except Exception as error:
        made.put(repr(error))


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@127.0.0.1/books", "sqlite+nothing:///x"])
def test_an_address_that_is_none_is_said(url: str) -> None:
    """DATABASE_URL is named in the sentence, with what to write."""
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        open_engine(url)


def test_the_newest_migration_is_known_without_alembic() -> None:
    """Commands read the chain of revisions from the files; it is the one that Alembic sees."""
    config = Config()
    config.set_main_option("script_location", str(database._MIGRATIONS))
    config.set_main_option("path_separator", "os")
    known = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
    assert database._revisions() == known
