"""What every command begins with that looks into the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.assembly import Parts


def opened() -> Parts:
    """This installation's parts, on a ledger whose tables are there. Raises ConfigError."""
    from worker.assembly import parts
    from worker.ledger.database import require_migrated

    ours = parts()
    require_migrated(ours.engine)
    return ours
