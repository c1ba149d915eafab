"""What comes after two days in which no pass read anything, and when many projects are added at once.

Whether Procore, Xero, Redis or the worker was away: nothing that is due later than all of it can come of any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from tests.simulation import company
from tests.simulation.reading import run
from tests.simulation.tables import Table, count, lasting
from tests.simulation.values import DAY, HOUR, START, Came, Setting

_KINDS = {company.APPROVED: "approved in review", company.PAID: "payment", company.COST: "direct cost"}
#: Projects, and how many of them are busy.
COMPANIES = ((100, 20), (300, 60), (1000, 50))
EVERY, A_DAY = timedelta(minutes=30), 48
AWAY, BACK = START + 6 * DAY, START + 8 * DAY
#: On a morning.
MORE, ADDED = 200, START + 4 * DAY + 9 * HOUR


def after_two_days() -> Table:
    """From when everything answers again."""
    rows = []
    for projects, busy in COMPANIES:
        came = run(
            range(projects), [*company.changes(projects, busy, 12)], 12 * A_DAY, Setting(EVERY, away=(AWAY, BACK))
        )
        hours = list(_hours(came))
        waited = [(change, change.at + late - BACK) for change, late in came.seen if AWAY <= change.at < BACK]
        since = [(change, late) for change, late in came.seen if BACK <= change.at < BACK + DAY]
        place = 8 * A_DAY - 1  # of the first pass after it
        rows.append([
            f"{count(projects)} ({busy})", ", ".join(map(count, hours[place : place + 6 : 2])), count(max(hours)),
            *(_half_and_last([late for change, late in waited if change.kind == kind]) for kind in _KINDS),
            lasting(max(late for _, late in since).total_seconds()),
        ])  # fmt: skip
    columns = ("projects (busy)", "calls, first hours", "busiest", *_KINDS.values(), "what came later")
    source = (
        "Simulated with the worker's own functions, 600 calls an hour: two days in which nothing is read. Calls to "
        "Procore in the first three hours after them, and in the busiest hour of all; how long after their end half "
        "and all of what happened meanwhile is seen; and the longest that a change of the day after them waits."
    )
    return Table("After two days in which nothing was read", columns, rows, source)


def added_at_once() -> Table:
    """Beside projects that are in the books."""
    rows = []
    for projects, busy in COMPANIES:
        setting = Setting(EVERY, added=dict.fromkeys(range(projects, projects + MORE), ADDED))
        came = run(range(projects + MORE), [*company.changes(projects, busy, 8)], 8 * A_DAY, setting)
        begun = sorted(came.begun[id_] - ADDED for id_ in setting.added)
        meanwhile = [(change, late) for change, late in came.seen if ADDED <= change.at < ADDED + begun[-1]]
        rows.append([
            f"{count(projects)} ({busy})", _half_and_last(begun), count(max(_hours(came))),
            *(_half_and_last([late for change, late in meanwhile if change.kind == kind]) for kind in _KINDS),
        ])  # fmt: skip
    columns = ("projects (busy)", f"{MORE} are begun", "busiest", *_KINDS.values())
    source = (
        f"Simulated with the worker's own functions, 600 calls an hour: {MORE} projects appear in Procore at once, of "
        "18 calls each at least. By when half and all of them are begun; calls to Procore in the busiest hour; and by "
        "when half and all of what happens meanwhile in the other projects is seen."
    )
    return Table(f"{MORE} projects that are added at once", columns, rows, source)


def _hours(came: Came) -> Iterator[int]:
    """Calls of each hour, one beginning with each pass."""
    return (sum(came.calls[place : place + 2]) for place in range(len(came.calls) - 1))


def _half_and_last(late: Sequence[timedelta]) -> str:
    return ", ".join(lasting(sorted(late)[place].total_seconds()) for place in (len(late) // 2, -1)) if late else ""
