"""The figures of a run, each with what it was measured on and the bound that it must keep, where there is one.

Only counts are bound. Times and memory depend on the machine: they are told, and never fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.benchmarks.fan_out import FanOut
from tests.benchmarks.generate import Size
from tests.benchmarks.growth import Grown
from tests.benchmarks.limits import Met, Scale
from tests.benchmarks.run import Pass, Run
from worker.xero.client import PAGE_SIZE

DOCUMENTS_PER_REQUEST = 50
#: Of a first sync however large, while the organisation's bills are few pages: six of settings, contacts and tracking;
#: bills are looked for by their numbers once, and then among all of them.
MOST_READS = 10
#: Of discovery; of claims, both kinds of contracts and direct costs; of the lines of the newest direct costs.
PROJECTS, LISTS, LINES = 1, 4, 1
PER_PAGE = 100
#: One to publish through, one that Celery's pool keeps, and our own, which asks whose Redis this is.
MOST_CONNECTIONS = 3
JOURNAL_XERO, JOURNAL_PROCORE, WORKER = "Xero's journal", "Procore's journal", "worker process"
CALLERS = "calling processes"
DISCOVERY, QUEUE, POSTGRES = "discovery process", "Redis", "PostgreSQL"
#: Of a job in which nothing changed and of its discovery, whatever the number of records.
MOST_STATEMENTS = 33
#: Of discovery beside its projects and jobs.
MOST_OF_DISCOVERY = 42


@dataclass(frozen=True, slots=True)
class Bound:
    """`exactly` or at most `number`."""

    number: int
    exactly: bool = False

    def holds(self, value: float) -> bool:
        return value == self.number if self.exactly else value <= self.number

    def __str__(self) -> str:
        return f"{'=' if self.exactly else '≤'} {self.number:,}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    measured_on: str
    bound: Bound | None = None

    @property
    def holds(self) -> bool:
        return self.bound is None or self.bound.holds(self.value)


def requests(documents: int) -> int:
    """Full requests, and one for the rest."""
    return -(-documents // DOCUMENTS_PER_REQUEST)


def most_writes(size: Size) -> dict[str, int]:
    """Requests by kind. Of options the project's own goes by itself, and two before the others, to see whether several
    are taken; credit notes would be requests apart."""
    return {
        "Contacts": requests(size.vendors),
        "Options": 1 + 1 + requests(size.cost_codes - 2),
        "Invoices": requests(size.claims) + requests(size.invoices),
        "Payments": requests(size.payments),
    }


def documents(size: Size) -> dict[str, int]:
    """What must be in Xero after the first pass, by kind."""
    return {
        "Contacts": size.vendors,
        "Options": size.cost_codes + 1,
        "Invoices": size.bills,
        "Payments": size.payments,
    }


def more_contracts(size: Size) -> int:
    """Further pages of contracts, of which each vendor has one."""
    return -(-size.vendors // PER_PAGE) - 1


def first_pass(run: Run) -> Iterator[Figure]:
    """Everything is written, once, in full requests."""
    calls, cost = run.first.calls, run.first.cost
    yield Figure("records sent", cost.came("sent"), WORKER, Bound(run.size.records, exactly=True))
    written = calls.xero_writes
    for kind, number in most_writes(run.size).items():
        expected = documents(run.size)[kind]
        documents_figure = Bound(expected, exactly=True)
        yield Figure(f"{kind}: documents", calls.xero_documents.get(kind, 0), JOURNAL_XERO, documents_figure)
        yield Figure(f"{kind}: write calls", written.get(kind, 0), JOURNAL_XERO, Bound(number, exactly=True))
    all_writes = Bound(sum(most_writes(run.size).values()), exactly=True)
    yield Figure("write calls to Xero, all", sum(written.values()), JOURNAL_XERO, all_writes)
    yield Figure("read calls to Xero", calls.xero_reads, JOURNAL_XERO, Bound(MOST_READS))
    yield Figure("failed calls", calls.failed, "both journals", Bound(0))
    yield Figure("records a second", run.size.records / cost.seconds, WORKER)
    yield Figure("CPU ms a record", 1000 * cost.cpu_s / run.size.records, WORKER)
    claims_s = cost.stages["claims"]["cpu_s"]
    yield Figure("CPU ms a claim, its whole stage", 1000 * claims_s / run.size.claims, WORKER)
    yield Figure("CPU ms a bill, all counted", 1000 * cost.cpu_s / run.size.bills, WORKER)
    yield from _costs(run.first)


def second_pass(run: Run) -> Iterator[Figure]:
    """Nothing changed, so nothing is asked of Xero, and of Procore no list that cannot be filtered."""
    yield Figure("calls to Xero", run.second.calls.xero, JOURNAL_XERO, Bound(0))
    yield Figure("records sent", run.second.cost.came("sent"), WORKER, Bound(0))
    yield Figure("SQL, discovery and job", run.second.cost.sql_statements, WORKER, Bound(MOST_STATEMENTS))
    yield from _costs(run.second, Bound(PROJECTS + LISTS + LINES + more_contracts(run.size)))


def watched_pass(run: Run) -> Iterator[Figure]:
    """One list of what moved for bills and one for payments, in pages; the project has no credit notes. The first
    such pass is told of all that the first sync made."""
    pages = sum(moved // PAGE_SIZE + 1 for moved in (run.size.bills, run.size.payments))
    yield Figure("calls to Xero", run.watched.calls.xero, JOURNAL_XERO, Bound(pages))
    yield Figure("records sent", run.watched.cost.came("sent"), WORKER, Bound(0))
    yield from _costs(run.watched)


def statements(runs: Sequence[Run]) -> Iterator[Figure]:
    """What one more full request costs the ledger: the same between a quarter and a half as beyond."""
    for less, more in pairwise(runs):
        sql = more.first.cost.sql_statements - less.first.cost.sql_statements
        writes = sum(most_writes(more.size).values()) - sum(most_writes(less.size).values())
        name = f"{less.size.claims:,} to {more.size.claims:,} claims"
        yield Figure(f"{name}, a request", sql / writes, WORKER)


def fan_out(measured: FanOut) -> Iterator[Figure]:
    """Every project has one message, none has two, and a second discovery adds none."""
    projects, first, again = measured.projects, measured.first, measured.again
    statements = Bound(MOST_OF_DISCOVERY + 2 * -(-projects // 500))  # projects and jobs, five hundred in each
    yield Figure("messages after two passes", measured.messages, QUEUE, Bound(projects, exactly=True))
    yield Figure("different jobs in them", measured.different, QUEUE, Bound(projects, exactly=True))
    yield Figure("connections to the broker", measured.connections, QUEUE, Bound(MOST_CONNECTIONS))
    for name, cost in (
        ("all queued", first),
        ("none queued, all wait", again),
        ("all queued, lists planned", measured.planned),
    ):
        yield Figure(f"{name}: seconds", cost.seconds, DISCOVERY)
        yield Figure(f"{name}: CPU seconds", cost.cpu_s, DISCOVERY)
        yield Figure(f"{name}: SQL statements", cost.sql_statements, DISCOVERY, statements)
        yield Figure(f"{name}: peak above idle, MB", cost.peak_mb - cost.start_mb, DISCOVERY)


def growth(small: Grown, large: Grown) -> Iterator[Figure]:
    """The same project in a small and in a large ledger: statements are the same, pages grow by an index's depth."""
    for name, few, many in (("first sync", small.first, large.first), ("unchanged", small.second, large.second)):
        yield Figure(f"{name}: statements", many.statements, WORKER, Bound(few.statements, exactly=True))
        for entries, cost in ((small.entries, few), (large.entries, many)):
            yield Figure(f"{name}: pages, {entries:,} entries", cost.pages, POSTGRES)
            yield Figure(f"{name}: CPU s, {entries:,} entries", cost.cpu_s, WORKER)
    for table, taken in sorted(large.bytes_of.items(), key=lambda item: -item[1])[:4]:
        yield Figure(f"{table} with indexes, MB", taken / 1_000_000, POSTGRES)


def memory(runs: Sequence[Run]) -> Iterator[Figure]:
    """Peak memory of the first pass above an idle worker's, the smallest project first, and what the largest adds."""
    added = {run.size: run.first.cost.peak_mb - run.first.cost.start_mb for run in runs}
    for run in runs:
        yield Figure(f"{run.size.claims:,} claims, MB", added[run.size], WORKER)
    few, many = runs[0], runs[-1]
    times = many.first.calls.procore_bytes / few.first.calls.procore_bytes
    yield Figure(f"{times:.1f} × the pages add, MB", added[many.size] - added[few.size], WORKER)


def limits(runs: Mapping[int, Met], scale: Scale) -> Iterator[Figure]:
    """How so many processes fare on one organisation's limits; of several the last is a small job among large ones."""
    for processes, met in runs.items():
        who = f"{processes} processes" if processes > 1 else "1 process"
        yield Figure(f"{who}: share used, %", 100 * met.share(scale.windows), JOURNAL_XERO)
        yield Figure(f"{who}: 429s", met.too_many, JOURNAL_XERO, Bound(0))
        yield Figure(f"{who}: a call waits, s", met.mean_s, CALLERS)
        yield Figure(f"{who}: the longest, s", met.longest_s, CALLERS)
        yield Figure(f"{who}: a job waits, s", met.waits_s(scale.latency_s), CALLERS)
        if processes > 1:
            small = met.took_s[-1]
            yield Figure("  small job's call 1, windows", small[0] / scale.minute_s, CALLERS)
            yield Figure("  its longest call, s", max(small), CALLERS)


def _costs(this_pass: Pass, most_calls: Bound | None = None) -> Iterator[Figure]:
    calls, cost = this_pass.calls, this_pass.cost
    yield Figure("calls to Procore", calls.procore_reads, JOURNAL_PROCORE, most_calls)
    yield Figure("read from Procore, MB", calls.procore_bytes / 1_000_000, JOURNAL_PROCORE)
    yield Figure("SQL statements", cost.sql_statements, WORKER)
    yield Figure("seconds", cost.seconds, WORKER)
    yield Figure("CPU seconds", cost.cpu_s, WORKER)
    yield Figure("peak memory, MB", cost.peak_mb, WORKER)
