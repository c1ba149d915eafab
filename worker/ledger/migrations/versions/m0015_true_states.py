"""When a held record last made a job fail, until when it is acknowledged, and as which task a job was started again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("holds") as batch_op:
        batch_op.add_column(sa.Column("reddened_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("acknowledged") as batch_op:
        batch_op.add_column(sa.Column("until", sa.Date(), nullable=True))
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.add_column(sa.Column("retried_as", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.drop_column("retried_as")
    with op.batch_alter_table("acknowledged") as batch_op:
        batch_op.drop_column("until")
    with op.batch_alter_table("holds") as batch_op:
        batch_op.drop_column("reddened_at")
