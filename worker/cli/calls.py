"""`procore-xero calls`: how much of Xero's call limits is used, from the budget that all processes share in Redis.

It makes no call itself. What Xero's answers said of calls that others made for the organisation is counted, too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from worker.cli.arguments import AsJson
from worker.cli.opened import opened
from worker.cli.programs import moment, say_json
from worker.cli.screen import console, paragraph
from worker.local_time import local, zone

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.http.used_up import UsedUp
    from worker.ledger.tables import Organisation

#: Share of a limit from which it is coloured.
_MUCH = 0.8


@dataclass(frozen=True, slots=True)
class Used:
    """One of Xero's limits; `left` is None where none is set."""

    window: str
    limit: int
    left: int | None

    @property
    def used(self) -> int | None:
        return None if self.left is None else self.limit - self.left


@dataclass(frozen=True, slots=True)
class Standing:
    """One organisation's limits, and whether anything may go. `known` is None before the first call."""

    name: str
    known: Organisation | None
    used: Sequence[Used]
    parked: Organisation | None
    blocked_until: datetime | None
    used_up: UsedUp | None
    #: In which its times are told.
    zone: tzinfo

    @property
    def line(self) -> str:
        """Whether anything may go."""
        if self.parked is not None and self.parked.parked_until is not None:
            return f"Parked until {local(self.parked.parked_until, self.zone)}: {self.parked.parked_why}"
        if self.blocked_until is not None:
            return (
                f"Xero asked for no calls until {self.blocked_until.astimezone(self.zone):%H:%M:%S %Z}; the jobs wait."
            )
        return f"{self.used_up.said}; the jobs wait." if self.used_up else "Not parked."


def command(as_json: AsJson = False) -> None:
    """Show today's calls to Xero, of each organisation: used, left, and until when it is parked."""
    from worker.ledger.calls import calls_since

    with _not_found("opentelemetry"):
        from worker.xero.limits import DAY_S

    ours = opened()
    found = [_standing(one) for one in ours.each()]
    since = ours.now() - timedelta(seconds=DAY_S)
    of_jobs = calls_since(ours.engine, since, since, "xero")
    if as_json:
        say_json("calls", [_row(one, used) for one in found for used in one.used], by_passes_and_jobs=of_jobs)
        return
    for one in found:
        paragraph(one.name or "No call to Xero was made yet.", style="bold")
        console().print(_table(one.used))
        paragraph(one.line)
    paragraph("Counted backwards from now: the last minute, the last 24 hours.")
    paragraph(
        f"Passes and jobs made {of_jobs:,} in the last 24 hours, as `history` and the report count them; what was made "
        "beside that, commands (doctor, plan, audit) or other programs made."
    )


@contextmanager
def _not_found(package: str) -> Iterator[None]:
    """Within the block this package counts as not installed.

    redis-py loads OpenTelemetry wherever it is, and tells it nothing unless it is asked to. Here nobody asks it,
    and loading it takes a twelfth of the command.
    """
    is_new = package not in sys.modules
    sys.modules.setdefault(package, None)  # type: ignore[arg-type] # as Python marks what is not to be found
    try:
        yield
    finally:
        if is_new:
            del sys.modules[package]


def _standing(parts: Parts) -> Standing:
    known, blocked_s = parts.known_organisation(), parts.xero_budget.blocked_s()
    parked = parts.organisations.parked(known.tenant_id) if known is not None else None
    blocked_until = parts.now() + timedelta(seconds=blocked_s) if blocked_s else None
    used_up = parts.xero_budget.used_up()
    return Standing(parts.title, known, _used(parts), parked, blocked_until, used_up, zone(parts))


def _used(parts: Parts) -> list[Used]:
    from worker.xero.limits import DAY_S, MINUTE_S

    left, settings = parts.xero_budget.left(), parts.settings
    limits = {
        "minute": (MINUTE_S, settings.xero_calls_per_minute),
        "day": (DAY_S, settings.xero_calls_per_day),
    }
    return [Used(window, limit, left.get(seconds)) for window, (seconds, limit) in limits.items()]


def _table(found: Sequence[Used]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Calls to Xero")
    for title in ("Used", "Left", "Limit"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in found:
        if one.left is None or one.used is None:
            table.add_row(f"in a {one.window}", "", "", "none")
            continue
        much = one.used >= _MUCH * one.limit
        used = Text(f"{one.used:,}", style="yellow" if much else "")
        table.add_row(f"in a {one.window}", used, f"{one.left:,}", f"{one.limit:,}")
    return table


def _row(one: Standing, used: Used) -> dict[str, object]:
    return {
        "organisation": one.name or None,
        "tenant_id": one.known.tenant_id if one.known else None,
        "window": used.window,
        "used": used.used,
        "left": used.left,
        "limit": used.limit if used.left is not None else None,
        "parked_until": moment(one.parked.parked_until) if one.parked else None,
        "parked_why": one.parked.parked_why if one.parked else None,
        "blocked_until": moment(one.blocked_until),
    }
