"""`procore-xero migrate`: brings the ledger's tables up to date; run before the worker, after every update."""

from __future__ import annotations

import typer

from worker.cli.arguments import AsJson
from worker.cli.programs import say_json
from worker.cli.progress import working
from worker.settings import settings


def command(as_json: AsJson = False) -> None:
    """Bring the ledger's tables up to date (DATABASE_URL)."""
    from worker.ledger.database import migrate, open_engine

    engine = open_engine(settings().database_url, settings().database_password.get_secret_value())
    try:
        with working("Migrating the ledger"):
            revision = migrate(engine).revision
        if as_json:
            say_json("migrate", (), revision=revision, database=str(engine.url))
        else:
            typer.echo(f"The ledger is up to date (revision {revision}): {engine.url}")
    finally:
        engine.dispose()
