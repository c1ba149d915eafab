"""The questions, each answered by some simulated runs and told as a table.

The two APIs' own latency cannot be measured without them: it is assumed, and one table says what it changes. What our
own code takes is CPU time, since a process in earnest does not share its core with five others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tests.simulation.demand import DAY_S, HOUR_S
from tests.simulation.inputs import Inputs
from tests.simulation.limits import Window
from tests.simulation.model import PROCORE_HOUR, PROCORE_SPIKE, Allowed, Costs
from tests.simulation.queues import FirstCome, InTurn, Order, SmallFirst
from tests.simulation.runs import PROJECT, Came, Firm, run
from tests.simulation.tables import Table, count, lasting

#: Seconds until an answer, assumed.
XERO_S, PROCORE_S = 1.0, 0.5
TIERS = {"5,000 a day": Allowed(), "1,000 a day": Allowed(per_day=1000)}
PROCESSES = 4
RATES = (1, 2, 5, 10, 20, 50, 100)
INTERVALS_MIN = (30, 120)
DAYS = 4
BUSY_H = 2.0
QUEUES: dict[type[Order], str] = {FirstCome: "one queue, first come", InTurn: "a queue each, in turn"}
_SIMULATED = f"Simulated; Xero {XERO_S:g} s and Procore {PROCORE_S:g} s a call (assumed)."

#: By tier, minutes between passes, and changes a day and project.
Changing = Mapping[tuple[str, int, int], Came]


def costs(inputs: Inputs, xero_s: float = XERO_S, procore_s: float = PROCORE_S) -> Costs:
    """One process: the APIs' latency, and our own CPU."""
    return Costs(
        xero_s=xero_s + inputs.xero_cpu_s,
        procore_s=procore_s,
        record_s=inputs.record_cpu_s,
        job_s=inputs.job_cpu_s,
        unchanged_reads=inputs.unchanged_reads,
    )


def first_sync(our: Costs) -> Table:
    """How long until an organisation's books are there, by size, tier and processes."""
    rows = []
    documented = Allowed(hour=PROCORE_HOUR, spike=PROCORE_SPIKE)
    for projects in (20, 100, 500):
        firm = Firm(projects, new=projects, allowed=documented, reads_when_due=True)
        by_processes = [run([firm], our, processes) for processes in (1, 2, 4, 8)]
        wide = run([replace(firm, allowed=Allowed(hour=Window(3600, HOUR_S), spike=Window(100, 10.0)))], our, PROCESSES)
        free = run([replace(firm, allowed=replace(documented, per_day=1000))], our, PROCESSES)
        times = [lasting(came.seen[0].first_done_at) for came in (*by_processes, wide, free)]
        one = by_processes[2]
        rows.append([count(projects), count(one.seen[0].first_sent), count(one.xero_calls), *times])
    names = ("1 process", "2", "4", "8", "4, Procore 3,600/h", "4, Xero 1,000/d")
    source = (
        f"{_SIMULATED} A project: {PROJECT.claims} claims, {PROJECT.payments} payments, {PROJECT.invoices} invoices, "
        f"{PROJECT.vendors} vendors; 200 cost codes in all. Where nothing else is said Xero allows 5,000 calls a day "
        "and Procore 600 an hour."
    )
    columns = ("projects", "records", "Xero calls", *names)
    return Table("First sync: time until everything is in the books", columns, rows, source)


def ceiling(our: Costs) -> Table:
    """What one organisation's limits allow at most: more is there to be sent than ever can be."""
    days, rows = 2, []
    for tier, allowed in TIERS.items():
        new = run([Firm(2000, new=2000, allowed=allowed)], our, 8, until_s=days * DAY_S)
        most = [_most_changes(our, allowed, every_min, days) for every_min in (30, 120, 480)]
        rows.append([tier, count(new.seen[0].first_sent / days), *map(count, most)])
    columns = ("Xero's day", "first sync", "changes, every 30 min", "every 120 min", "every 480 min")
    source = (
        f"{_SIMULATED} 8 processes, without Procore's limits. Changes in 100 projects: the most of which 95 % are in "
        "the books within twelve hours."
    )
    return Table("At most in one organisation: records a day", columns, rows, source)


def _most_changes(our: Costs, allowed: Allowed, every_min: int, days: int) -> int:
    most = 0
    for rate in (*RATES, 200, 400, 800):
        came = run([Firm(100, per_day=rate, allowed=allowed, every_min=every_min)], our, 8, until_s=days * DAY_S)
        if came.late_s()[1] > DAY_S / 2:
            break
        most = 100 * rate
    return most


def changing(our: Costs) -> Changing:
    """An organisation of a hundred projects that are in the books and change."""
    return {
        (tier, every_min, rate): run(
            [Firm(100, per_day=rate, allowed=allowed, every_min=every_min)], our, PROCESSES, until_s=DAYS * DAY_S
        )
        for tier, allowed in TIERS.items()
        for every_min in INTERVALS_MIN
        for rate in RATES
    }


def lines(came: Changing) -> dict[str, list[tuple[float, float]]]:
    """What the plot draws: changes a day, and seconds until 95 % of them are in the books."""
    return {
        f"Xero's {tier}, a pass every {every_min} min": [
            (100.0 * rate, came[tier, every_min, rate].late_s()[1]) for rate in RATES
        ]
        for tier in TIERS
        for every_min in INTERVALS_MIN
    }


def changes(came: Changing, tier: str) -> Table:
    """How late a change comes into the books, by how much changes and how often is looked."""
    rows = []
    for rate in RATES:
        row = [count(100 * rate)]
        for every_min in INTERVALS_MIN:
            one = came[tier, every_min, rate]
            row += [*map(lasting, one.late_s()), count(one.xero_calls / DAYS)]
        rows.append(row)
    names = [f"{name}" for every in INTERVALS_MIN for name in (f"every {every} min: half", "95 %", "calls a day")]
    return Table(
        f"Changes with Xero's {tier}: time until they are in the books", ("changes a day", *names), rows,
        f"{_SIMULATED} 100 projects, {PROCESSES} processes, {DAYS} days, changes between 8 and 18 o'clock.",
    )  # fmt: skip


def policies(our: Costs) -> Table:
    """Who waits for whom, when one organisation of ten has a first sync, and when a firm adds projects."""
    begins_s, until_s = 9 * HOUR_S, 10.5 * HOUR_S
    large = Firm(400, new=400, begins_s=begins_s)
    others = [Firm(30, per_day=5, begins_s=8 * HOUR_S + 180.0 * number) for number in range(1, 10)]
    mixed = Firm(300, new=200, per_day=5, begins_s=8.25 * HOUR_S)
    one_queue: list[tuple[str, Callable[[], Order]]] = [("first come", FirstCome), ("small jobs first", SmallFirst)]
    ways = [(f"10 shared, {how}", order, False) for how, order in (*one_queue, ("a queue each", InTurn))]
    rows = []
    for name, order, each in (*ways, ("1 process for each", FirstCome, True)):
        number = 1 if each else 10
        came = run([large, *others], our, number, order=order, until_s=until_s, each_its_own=each)
        rows.append(["ten organisations", name, *_policy(came, range(1, 10), begins_s)])
    for name, order in one_queue:
        came = run([mixed], our, PROCESSES, order=order, until_s=until_s)
        rows.append(["one organisation", f"{PROCESSES} processes, {name}", *_policy(came, [0], 8.25 * HOUR_S)])
    source = (
        f"{_SIMULATED} 8:00 to 10:30, without Procore's hour. Ten: 400 new projects in one at 9:00, 30 projects with 5 "
        "changes a day in each of the others. One: 200 new projects at 8:15 beside 100 with 5 changes a day."
    )
    columns = ("case", "how", "first sync", "others' changes: half", "95 %")
    return Table("Scheduling: a first sync, and everybody else's changes", columns, rows, source)


def _policy(came: Came, others: Sequence[int], begins_s: float) -> list[str]:
    done_at = came.seen[0].first_done_at
    took = lasting(done_at - begins_s) if done_at else f"> {lasting(came.lasted_s - begins_s)}"
    return [took, *map(lasting, came.late_s(others))]


def organisations(our: Costs, inputs: Inputs) -> Table:
    """Processes and calls for so many organisations, in the busiest hours of a day, by how their jobs are queued."""
    fewest = {(order, number): _fewest(our, number, order) for order in QUEUES for number in (10, 100)}
    cases: list[tuple[int, type[Order], int]] = [(number, order, most) for (order, number), most in fewest.items()]
    cases += [(1000, order, 10 * fewest[InTurn, 100]) for order in QUEUES]
    cases.append((1000, FirstCome, 30 * fewest[InTurn, 100]))
    rows = []
    for number, order, processes in sorted(cases, key=lambda case: case[0]):
        came = _busy_hours(our, number, processes, order)
        jobs = sum(seen.jobs for seen in came.seen)
        records = sum(len(seen.late_s) for seen in came.seen)
        cpu_s = came.xero_calls * inputs.xero_cpu_s + jobs * inputs.job_cpu_s + records * inputs.record_cpu_s
        rows.append([
            count(number), QUEUES[order], count(processes), lasting(came.late_s()[1]), count(jobs / BUSY_H),
            f"{cpu_s / BUSY_H / HOUR_S:.2f}", count(came.xero_calls / BUSY_H / 60), count(came.procore_calls / BUSY_H),
        ])  # fmt: skip
    columns = ("organisations", "how", "processes", "95 % within", "jobs/h", "cores", "Xero/min", "Procore/h")
    source = (
        f"{_SIMULATED} 30 projects each with 5 changes a day, passes every 30 minutes, 8:00 to 10:00. For 10 and 100 "
        "the fewest processes with which 95 % of the changes are in the books within a pass and a tenth. Cores: for "
        "the workers' own CPU time."
    )
    return Table("Organisations that share their processes", columns, rows, source)


def _fewest(our: Costs, number: int, order: type[Order]) -> int:
    """The fewest processes that keep up, found by halving."""
    few, many = 1, 4 + number // 2
    while few < many:
        middle = (few + many) // 2
        keeps_up = _busy_hours(our, number, middle, order).late_s()[1] <= 1.1 * 1800
        few, many = (few, middle) if keeps_up else (middle + 1, many)
    return many


def _busy_hours(our: Costs, number: int, processes: int, order: type[Order]) -> Came:
    begins_s = 8 * HOUR_S
    firms = [Firm(30, per_day=5, begins_s=begins_s + 1800 * at / number) for at in range(number)]
    return run(firms, our, processes, order=order, until_s=begins_s + BUSY_H * HOUR_S)


def latency(inputs: Inputs) -> Table:
    """What the assumed latency changes."""
    rows = []
    for xero_s, procore_s in ((0.3, 0.2), (XERO_S, PROCORE_S), (3.0, 1.5)):
        our = costs(inputs, xero_s, procore_s)
        times = [run([Firm(100, new=100)], our, processes).seen[0].first_done_at for processes in (1, 2, 4, 8)]
        passing = run([Firm(100, per_day=5)], our, PROCESSES, until_s=DAY_S)
        rows.append([f"{xero_s:g} s / {procore_s:g} s", *map(lasting, times), f"{passing.processes_busy:.2f}"])
    columns = ("Xero / Procore a call", "1 process", "2", "4", "8", "busy with changes")
    return Table(
        "What the assumed latency changes: a first sync of 100 projects", columns, rows,
        "Simulated. Busy: processes on the day's average, with 5 changes a day and project.",
    )  # fmt: skip
