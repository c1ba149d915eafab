"""Which of several organisations a project goes to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("projects") as projects:
        projects.add_column(sa.Column("organisation", sa.String(length=100), nullable=False, server_default=""))
        projects.add_column(sa.Column("routed_by", sa.String(length=16), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("projects") as projects:
        projects.drop_column("routed_by")
        projects.drop_column("organisation")
