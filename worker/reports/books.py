"""Gathers what the bookkeeper's page shows: the audit's results, and what the ledger says beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from worker.assembly import SYSTEMS, Parts
from worker.audit.compare import Result
from worker.holds import Outcome
from worker.ledger.calls import calls_by_day
from worker.ledger.holds import open_holds
from worker.ledger.projects import folded
from worker.ledger.tables import Hold
from worker.reports import page
from worker.reports.chart import DAYS, chart
from worker.reports.page import Page

XERO = SYSTEMS[1]


def books(parts: Parts, results: Sequence[Result]) -> Page:
    """The page about these projects, as it is now."""
    now = parts.now()
    known = {folded(row.job_number): row for row in parts.projects.all() if row.state == "eligible"}
    holds = _holds(parts)
    projects = []
    for result in results:
        row = known.get(folded(result.job_number))
        name = row.name if row else ""
        name += f" ({result.organisation})" if result.organisation else ""
        projects.append(page.project(result, name, holds.get(row.procore_id, {}) if row else {}))
    by_day = calls_by_day(parts.engine, now - timedelta(days=DAYS))
    limit = parts.settings.xero_calls_per_day * len(parts.each())
    used = chart({day: calls[XERO] for day, calls in by_day.items()}, now.date(), limit)
    return Page(parts.title, now, projects, used, limit)


def _holds(parts: Parts) -> Mapping[int, Mapping[str, Sequence[Hold]]]:
    """By project, then by outcome."""
    found: dict[int, dict[str, list[Hold]]] = {}
    for outcome in (Outcome.HELD, Outcome.WAITING):
        for hold in open_holds(parts.engine, outcome):
            found.setdefault(hold.project_id, {}).setdefault(str(outcome), []).append(hold)
    return found
