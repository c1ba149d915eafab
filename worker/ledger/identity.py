"""The name of the ledger: given when its tables were made, kept in every copy and backup of it."""

from __future__ import annotations

from sqlalchemy import Engine, select

from worker.ledger.database import transaction
from worker.ledger.tables import LedgerRow


def ledger_id(engine: Engine) -> str:
    """Raises ConfigError where the tables are missing."""
    with transaction(engine) as session:
        return str(session.scalars(select(LedgerRow.id)).one())
