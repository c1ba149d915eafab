"""The ledger's tables: made by migrations, as the model says, on each kind of database."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from worker.errors import ConfigError
from worker.ledger.database import migrate, open_engine, require_migrated
from worker.ledger.tables import Table


def test_the_migrations_make_what_the_model_says(database_url: str) -> None:
    """From an empty database to the model's tables, column types included; a second time changes nothing."""
    engine = open_engine(database_url)
    revision = migrate(engine)
    assert revision
    assert migrate(engine) == revision
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_nothing_starts_on_tables_that_are_missing(database_url: str) -> None:
    """The error names the command that makes them."""
    engine = open_engine(database_url)
    with pytest.raises(ConfigError, match="procore-xero migrate"):
        require_migrated(engine)
    migrate(engine)
    require_migrated(engine)
    engine.dispose()


def test_nothing_starts_on_tables_of_another_revision(database_url: str) -> None:
    """Nor on old ones."""
    engine = open_engine(database_url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    with pytest.raises(ConfigError, match="procore-xero migrate"):
        require_migrated(engine)
    engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@127.0.0.1/books", "sqlite+nothing:///x"])
def test_an_address_that_is_none_is_said(url: str) -> None:
    """DATABASE_URL is named in the sentence, with what to write."""
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        open_engine(url)
