"""Which call limit keeps jobs back now, from the budgets that all processes share in Redis; no call is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.errors import SyncError

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.http.used_up import UsedUp


def used_up(parts: Parts) -> UsedUp | None:
    """The one that is free again last, of Procore and of every organisation of Xero; None where nobody can say."""
    from worker.procore import limits

    try:
        budgets = [limits.budget(parts.settings, parts.broker), *(one.xero_budget for one in parts.each())]
        found = [one for budget in budgets if (one := budget.used_up())]
    except SyncError:
        return None
    return max(found, key=lambda one: one.seconds, default=None)
