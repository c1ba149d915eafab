"""`procore-xero migrate`: brings the ledger's tables up to date; run before the worker, after every update."""

from __future__ import annotations

import typer

from worker.cli.arguments import AsJson
from worker.cli.programs import say_json
from worker.cli.progress import working


def command(as_json: AsJson = False) -> None:
    """Bring the ledger's tables up to date, or make a new ledger (DATABASE_URL)."""
    from worker.ledger.database import migrate, name_of, open_engine
    from worker.settings import settings

    engine = open_engine(settings().database_url, settings().database_password.get_secret_value())
    try:
        with working("Migrating the ledger"):
            done = migrate(engine)
        where, is_new = name_of(engine), done.before is None
        if as_json:
            say_json("migrate", (), revision=done.revision, database=where, new=is_new)
        elif is_new:
            typer.echo(f"Made a new, empty ledger (revision {done.revision}): {where}")
        else:
            typer.echo(f"The ledger is up to date (revision {done.revision}): {where}")
    finally:
        engine.dispose()
