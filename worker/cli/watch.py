"""Jobs followed until they end: bars on a terminal, plain lines anywhere else. Reads the job table and nothing else.

All of it goes to standard error: what a command has to say in the end stands alone on standard output.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, tzinfo
from typing import Protocol

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from worker.cli.screen import complain, errors
from worker.http.used_up import UsedUp
from worker.ledger.jobs import ACTIVE, Jobs
from worker.ledger.tables import Job
from worker.local_time import goes_on

#: Seconds between two looks at the job table, and until somebody is told that no worker seems to run.
LOOK_EVERY_S = 0.3
WORKER_EXPECTED_S = 15.0
#: Bars at the same time; with more jobs than that, those that run are shown.
MOST_BARS = 12

#: Takes the jobs, and what keeps calls back.
Show = Callable[[Sequence[Job], UsedUp | None], None]


class Clock(Protocol):
    """Time as this module needs it; a test turns it by hand."""

    def monotonic(self) -> float: ...
    def sleep(self, seconds: float, /) -> None: ...


def follow(
    jobs: Jobs,
    ids: Sequence[int],
    stages: Sequence[str],
    at: tzinfo = UTC,
    used_up: Callable[[], UsedUp | None] = lambda: None,
    no_worker: Callable[[], str] = lambda: "",
    clock: Clock = time,
) -> list[Job]:
    """Show these jobs until all of them have ended; returns them as they ended.

    Times are told in this zone. `used_up` says what keeps calls back now, and `no_worker` why no job starts: it is
    asked once, where none has for a while.
    """
    began, told = clock.monotonic(), False
    with _bars(stages, at) if errors().is_interactive else _lines(at) as show:
        while True:
            rows = jobs.with_ids(ids)
            running = any(job.state == "running" for job in rows)
            show(rows, used_up() if running else None)
            if all(job.state not in ACTIVE for job in rows):
                return rows
            if not told and clock.monotonic() - began > WORKER_EXPECTED_S and all(job.attempt == 0 for job in rows):
                told = True
                complain(no_worker())
            clock.sleep(LOOK_EVERY_S)


def doing(job: Job, at: tzinfo) -> str:
    """What a job is at, in a few words: "claims · 13 sent, 2 held"."""
    if job.state == "queued":
        return goes_on(job.message, job.not_before, at) if job.message else "waits for a worker"
    total: Counter[str] = Counter()
    for outcomes in job.counts.values():
        total.update(outcomes)
    counted = ", ".join(f"{total[name]} {name}" for name in ("sent", "unchanged", "held", "waiting") if total[name])
    stage = next(reversed(job.counts), "starts") if job.state == "running" else job.state
    name = str(stage).replace("_", " ")
    return f"{name} · {counted}" if counted else name


@contextmanager
def _lines(at: tzinfo) -> Iterator[Show]:
    """A line whenever a job does something else, and when calls begin to be kept back, for logs and pipes."""
    said: dict[int, str] = {}
    limit = ""

    def show(rows: Sequence[Job], used_up: UsedUp | None) -> None:
        nonlocal limit
        if used_up and used_up.what != limit:
            complain(f"{used_up.said}.")
        limit = used_up.what if used_up else ""
        for job in rows:
            text = doing(job, at)
            if job.state in ACTIVE and said.get(job.id) != text:
                said[job.id] = text
                complain(f"{job.job_number}: {text}")

    yield show


@contextmanager
def _bars(stages: Sequence[str], at: tzinfo) -> Iterator[Show]:
    """A bar for each job, by stages; above them one for all, when there are several; below what keeps calls back."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[doing]}", markup=False, table_column=Column()),  # folded, or it squeezes the others
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors(), transient=True) as progress:
        bars: dict[int, TaskID] = {}
        together: list[TaskID] = []
        limit: list[TaskID] = []

        def show(rows: Sequence[Job], used_up: UsedUp | None) -> None:
            if len(rows) > 1:
                if not together:
                    together.append(progress.add_task("all", total=len(rows), doing=""))
                ended = sum(job.state not in ACTIVE for job in rows)
                progress.update(together[0], completed=ended, doing=f"{ended} of {len(rows)} jobs")
            for job in worth_a_bar(rows, bars):
                if job.id not in bars:
                    bars[job.id] = progress.add_task(job.job_number, total=len(stages), doing="")
                stage = next(reversed(job.counts), "")
                done = len(stages) if job.state not in ACTIVE else stages.index(stage) if stage in stages else 0
                progress.update(bars[job.id], completed=done, doing=doing(job, at))
            for job in rows:
                if len(rows) > MOST_BARS and job.state not in ACTIVE and job.id in bars:
                    progress.remove_task(bars.pop(job.id))
            for row in limit:
                progress.remove_task(row)
            limit[:] = [progress.add_task("", total=None, doing=used_up.said)] if used_up else []

        yield show


def worth_a_bar(rows: Sequence[Job], bars: Container[int]) -> list[Job]:
    """All jobs when they are few; else those that have a bar and, in what is left, those that run."""
    if len(rows) <= MOST_BARS:
        return list(rows)
    running = [job for job in rows if job.state == "running" and job.id not in bars]
    shown = [job for job in rows if job.id in bars]
    return shown + running[: MOST_BARS - len(shown)]
