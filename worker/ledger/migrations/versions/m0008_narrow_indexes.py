"""Fewer and narrower indexes to write for each record, and one that projects are counted from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REQUESTED, _WRITTEN = sa.text("request_id IS NOT NULL"), sa.text("written_request_id IS NOT NULL")


def upgrade() -> None:
    op.create_index("entries_of_project", "entries", ["project_id", "kind", "state"])
    op.drop_index("ix_entries_project_id", "entries")
    op.create_index("entries_with_document", "entries", ["xero_id"], postgresql_using="hash")
    op.drop_index("ix_entries_xero_id", "entries")
    op.create_index(
        "entries_requested", "entries", ["request_id"], sqlite_where=_REQUESTED, postgresql_where=_REQUESTED
    )
    op.drop_index("ix_entries_request_id", "entries")
    op.create_index(
        "entries_written", "entries", ["written_request_id"], sqlite_where=_WRITTEN, postgresql_where=_WRITTEN
    )
    op.drop_index("ix_entries_written_request_id", "entries")
    op.create_index(
        "requests_planned", "requests", ["state", "project_id"], postgresql_where=sa.text("state = 'planned'")
    )
    op.drop_index("ix_requests_state", "requests")
    op.drop_index("ix_requests_project_id", "requests")


def downgrade() -> None:
    op.create_index("ix_requests_project_id", "requests", ["project_id"])
    op.create_index("ix_requests_state", "requests", ["state"])
    op.drop_index("requests_planned", "requests")
    op.create_index("ix_entries_written_request_id", "entries", ["written_request_id"])
    op.drop_index("entries_written", "entries")
    op.create_index("ix_entries_request_id", "entries", ["request_id"])
    op.drop_index("entries_requested", "entries")
    op.create_index("ix_entries_xero_id", "entries", ["xero_id"])
    op.drop_index("entries_with_document", "entries")
    op.create_index("ix_entries_project_id", "entries", ["project_id"])
    op.drop_index("entries_of_project", "entries")
