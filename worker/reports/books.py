"""Gathers what the bookkeeper's page shows: the audit's results, and what the ledger says beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from worker import procore_pages
from worker.assembly import SYSTEMS, Parts
from worker.audit.result import Result
from worker.holds import Outcome, title
from worker.ledger.calls import calls_by_day
from worker.ledger.holds import open_holds
from worker.ledger.moved import taken_out_since
from worker.ledger.projects import folded
from worker.ledger.tables import Hold
from worker.local_time import present, zone
from worker.reports import page
from worker.reports.chart import DAYS, chart
from worker.reports.links import flower_page, procore_page, xero_page
from worker.reports.page import Gone, Page

XERO = SYSTEMS[1]


def books(parts: Parts, results: Sequence[Result]) -> Page:
    """The page about these projects, as it is now."""
    now = present(parts)
    rows = sorted(parts.projects.all(), key=lambda row: row.state == "eligible")  # these go before others of a number
    known = {folded(row.job_number): row for row in rows if row.state in ("eligible", "paused")}
    holds, gone = _holds(parts), _gone(parts)
    projects = []
    for result in results:
        row = known.get(folded(result.job_number))
        name = row.name if row else ""
        name += f" ({result.organisation})" if result.organisation else ""
        own = row.procore_id if row else None
        in_flower = flower_page(parts.settings, own)
        projects.append(page.project(result, name, holds.get(own, {}), gone.get(own, ()), in_flower))
    by_day = calls_by_day(parts.engine, now - timedelta(days=DAYS))
    limit = parts.settings.xero_calls_per_day * len(parts.each())
    used = chart({day: calls[XERO] for day, calls in by_day.items()}, parts.now().date(), limit)
    return Page(parts.title, now, projects, used, limit)


def _gone(parts: Parts) -> Mapping[int | None, Sequence[Gone]]:
    """What was taken out of Xero in as many days as the chart shows, the newest first, by project."""
    found: dict[int | None, list[Gone]] = {}
    pages_at, at = procore_pages.at(parts), zone(parts)
    for move in reversed(taken_out_since(parts.engine, parts.now() - timedelta(days=DAYS))):
        pages = procore_page(pages_at, move), xero_page(parts.settings, move)
        one = Gone(
            title(move.kind, move.procore_id), move.called, move.what, move.at and move.at.astimezone(at), *pages
        )
        found.setdefault(move.project_id, []).append(one)
    return found


def _holds(parts: Parts) -> Mapping[int | None, Mapping[str, Sequence[Hold]]]:
    """By project, then by outcome."""
    found: dict[int | None, dict[str, list[Hold]]] = {}
    for outcome in (Outcome.HELD, Outcome.WAITING):
        for hold in open_holds(parts.engine, outcome):
            found.setdefault(hold.project_id, {}).setdefault(str(outcome), []).append(hold)
    return found
