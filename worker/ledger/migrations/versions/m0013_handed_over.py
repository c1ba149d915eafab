"""New documents that wait to go in one request with those of other projects. What is on its way stays as it is: a
request that a job of before has journalled is finished as before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0016"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "handed_over",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("procore_id", sa.String(length=255), nullable=False),
        sa.Column("project_id", _WHOLE, nullable=False),
        sa.Column("job_id", _WHOLE, nullable=False),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("taken_by", _WHOLE, nullable=True),
        sa.Column("request_id", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_handed_over_request_id_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handed_over")),
    )
    with op.batch_alter_table("handed_over", schema=None) as batch_op:
        batch_op.create_index(
            "handed_over_once",
            ["tenant_id", "kind", "procore_id"],
            unique=True,
            sqlite_where=sa.text("request_id IS NULL"),
            postgresql_where=sa.text("request_id IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_handed_over_job_id"), ["job_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handed_over_request_id"), ["request_id"], unique=False)


def downgrade() -> None:
    op.drop_table("handed_over")
