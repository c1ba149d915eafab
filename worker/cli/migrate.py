"""`procore-xero migrate`: brings the ledger's tables up to date; run before the worker, after every update."""

from __future__ import annotations

import typer

from worker.settings import settings


def command() -> None:
    """Bring the ledger's tables up to date (DATABASE_URL)."""
    from worker.ledger.database import migrate, open_engine

    engine = open_engine(settings().database_url, settings().database_password.get_secret_value())
    try:
        typer.echo(f"The ledger is up to date (revision {migrate(engine)}): {engine.url}")
    finally:
        engine.dispose()
