"""What an operator with so many projects should expect: tables of simulated weeks, by the worker's own rhythm.

`python -m tests.simulation.readings` prints them alone, in a minute or two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

from tests.simulation import afterwards, company
from tests.simulation.reading import run
from tests.simulation.tables import Table, count, lasting, markdown
from tests.simulation.values import Came, Messages, Setting

_KINDS = {
    company.APPROVED: "approved in review",
    company.ENTERED: "approved unseen",
    company.PAID: "payment",
    company.COST: "direct cost",
}
_SOURCE = (
    "Simulated with the worker's own functions. A busy project has ten contracts with a claim a month, four of five of "
    "them in review for one to five days, a payment for each, and a direct cost a week; a quiet one moves once a "
    "month; a message's job starts 20 s after it. Calls to Procore in an hour, in the busiest one, and for a project "
    "in a pass; by when half and 95 % of the changes are seen; the longest that a list of claims, contracts or direct "
    "costs was not read."
)


@dataclass(frozen=True, slots=True)
class Case:
    """So many projects, how many of them are busy, what Procore allows, and how often is looked."""

    projects: int
    busy: int
    calls_per_hour: int = 600
    every_min: int = 30
    days: int = 28
    messages: Messages | None = None

    def came(self) -> Came:
        """Of the second half: the first one starts from everything read at once."""
        setting = Setting(timedelta(minutes=self.every_min), self.calls_per_hour, messages=self.messages)
        passes = self.days * 24 * 60 // self.every_min
        changes = list(company.changes(self.projects, self.busy, self.days))
        return run(range(self.projects), changes, passes, setting, skip=passes // 2)


SIZES = (
    *(Case(20, 10), Case(60, 20), Case(100, 20), Case(300, 60)),
    *(Case(1000, 50, days=14), Case(1000, 100, days=14)),
)
#: Ten times the projects on ten times the calls are read as often: a tenth of ten thousand, and of 3,600 and 14,400.
LARGE = {"3,600": Case(1000, 50, 360, days=14), "14,400": Case(1000, 50, 1440, days=14)}
INSIDE = ("payments", "invoices")
TOLD = {
    "none": None,
    "payments, direct costs": Messages(INSIDE),
    "the same, 5 % are lost": Messages(INSIDE, 0.05),
    "claims as well, 5 % are lost": Messages((*INSIDE, "claims"), 0.05),
}
OFTEN = tuple(Case(100, 20, every_min=every) for every in (10, 15, 30, 60, 120))


def tables(pool: Executor) -> Iterator[Table]:
    """One after the other; each case is simulated once, however many tables tell of it."""
    sizes = [(f"{count(case.projects)} ({case.busy})", case) for case in SIZES]
    told = [(name, replace(SIZES[-2], messages=messages)) for name, messages in TOLD.items()]
    large, often = list(LARGE.items()), [(f"{case.every_min} min", case) for case in OFTEN]
    cases = list(dict.fromkeys(case for _, case in (*sizes, *told, *large, *often)))
    others = [pool.submit(table) for table in (afterwards.after_two_days, afterwards.added_at_once)]
    came = dict(zip(cases, pool.map(Case.came, cases), strict=True))

    def of(title: str, first: str, some: Sequence[tuple[str, Case]]) -> Table:
        columns = (first, "calls/h", "busiest", "a project", *_KINDS.values(), "unread")
        return Table(title, columns, [[name, *_row(case, came[case])] for name, case in some], _SOURCE)

    yield of("Procore's 600 calls an hour, a pass every 30 minutes", "projects (busy)", sizes)
    yield of("A thousand projects (50 busy), 600 calls an hour, with webhooks", "messages about", told)
    yield of("Ten thousand projects (500 busy), by a tenth of them", "calls an hour", large)
    yield of("A hundred projects (20 busy), 600 calls an hour", "every", often)
    yield from (other.result() for other in others)


def _row(case: Case, came: Came) -> Iterator[str]:
    passes = len(came.calls)
    in_hour = max(1, 60 // case.every_min)
    yield count(sum(came.calls) / passes * 60 / case.every_min)
    hours = came.calls if in_hour == 1 else [sum(came.calls[at : at + in_hour]) for at in range(passes - in_hour + 1)]
    yield count(max(hours))
    yield f"{sum(came.calls) / passes / case.projects:.2f}"
    for kind in _KINDS:
        yield ", ".join(lasting(late.total_seconds()) for late in came.half_and_most(kind))
    yield lasting(came.unread.total_seconds())


def main() -> None:
    with ProcessPoolExecutor() as pool:
        for table in tables(pool):
            print(f"{markdown(table)}\n", flush=True)


if __name__ == "__main__":
    main()
