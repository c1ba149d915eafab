"""Indexes for a ledger of millions of rows: what a job looks up, what pages list, and what is pruned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OPEN, _CLOSED = sa.text("closed_at IS NULL"), sa.text("closed_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("jobs_newest", "jobs", ["job_number", "id"])
    op.create_index("jobs_ended", "jobs", ["finished_at", "id"])
    op.drop_index("ix_jobs_job_number", "jobs")
    op.create_index("projects_numbered", "projects", [sa.text("lower(job_number)")])
    op.drop_index("ix_projects_job_number", "projects")
    op.create_index("ix_entries_xero_id", "entries", ["xero_id"])
    op.create_index("ix_entries_written_request_id", "entries", ["written_request_id"])
    op.create_index("holds_open", "holds", ["project_id"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("holds_closed", "holds", ["closed_at", "id"], sqlite_where=_CLOSED, postgresql_where=_CLOSED)
    op.drop_index("ix_holds_project_id", "holds")


def downgrade() -> None:
    op.create_index("ix_holds_project_id", "holds", ["project_id"])
    op.drop_index("holds_closed", "holds")
    op.drop_index("holds_open", "holds")
    op.drop_index("ix_entries_written_request_id", "entries")
    op.drop_index("ix_entries_xero_id", "entries")
    op.create_index("ix_projects_job_number", "projects", ["job_number"])
    op.drop_index("projects_numbered", "projects")
    op.create_index("ix_jobs_job_number", "jobs", ["job_number"])
    op.drop_index("jobs_ended", "jobs")
    op.drop_index("jobs_newest", "jobs")
