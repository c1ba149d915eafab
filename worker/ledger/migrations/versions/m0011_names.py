"""What records are called by people; filled as the records pass, at the latest when all of a list is read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "names",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("procore_id", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier", sa.String(length=255), nullable=False),
        sa.Column("document", sa.String(length=255), nullable=False),
        sa.Column("number", sa.String(length=255), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("amount", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("kind", "procore_id", name=op.f("pk_names")),
    )
    op.create_index("names_of_project", "names", ["project_id"])


def downgrade() -> None:
    op.drop_table("names")
