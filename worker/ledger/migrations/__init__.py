"""The ledger's history of shapes; alembic runs these, `worker.ledger.database` configures it."""
