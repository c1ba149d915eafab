"""The ledger has a name of its own, by which two of them are told apart."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ledger = op.create_table("ledger", sa.Column("id", sa.String(36), primary_key=True))
    op.bulk_insert(ledger, [{"id": str(uuid.uuid4())}])


def downgrade() -> None:
    op.drop_table("ledger")
