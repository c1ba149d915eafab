"""Jobs followed until they end: bars on a terminal, plain lines anywhere else. Reads the job table and nothing else.

All of it goes to standard error: what a command has to say in the end stands alone on standard output.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from worker.cli.screen import errors
from worker.ledger.jobs import ACTIVE, Jobs
from worker.ledger.tables import Job

#: Seconds between two looks at the job table, and until somebody is told that no worker seems to run.
LOOK_EVERY_S = 0.3
WORKER_EXPECTED_S = 15.0
#: Bars at the same time; with more jobs than that, those that run are shown.
MOST_BARS = 12
_NO_WORKER = "No job has started yet. Is a worker running? `procore-xero doctor` says; `procore-xero start` starts one."

Show = Callable[[Sequence[Job]], None]


class Clock(Protocol):
    """Time as this module needs it; a test turns it by hand."""

    def monotonic(self) -> float: ...
    def sleep(self, seconds: float, /) -> None: ...


def follow(jobs: Jobs, ids: Sequence[int], stages: Sequence[str], clock: Clock = time) -> list[Job]:
    """Show these jobs until all of them have ended; returns them as they ended."""
    began, told = clock.monotonic(), False
    with _bars(stages) if errors().is_interactive else _lines() as show:
        while True:
            rows = jobs.with_ids(ids)
            show(rows)
            if all(job.state not in ACTIVE for job in rows):
                return rows
            if not told and clock.monotonic() - began > WORKER_EXPECTED_S and all(job.attempt == 0 for job in rows):
                told = True
                typer.echo(_NO_WORKER, err=True)
            clock.sleep(LOOK_EVERY_S)


def doing(job: Job) -> str:
    """What a job is at, in a few words: "claims · 13 sent, 2 held"."""
    if job.state == "queued":
        return f"comes back: {job.message}" if job.message else "waits for a worker"
    total: Counter[str] = Counter()
    for outcomes in job.counts.values():
        total.update(outcomes)
    counted = ", ".join(f"{total[name]} {name}" for name in ("sent", "unchanged", "held", "waiting") if total[name])
    stage = next(reversed(job.counts), "starts") if job.state == "running" else job.state
    name = str(stage).replace("_", " ")
    return f"{name} · {counted}" if counted else name


@contextmanager
def _lines() -> Iterator[Show]:
    """A line whenever a job does something else, for logs and pipes."""
    said: dict[int, str] = {}

    def show(rows: Sequence[Job]) -> None:
        for job in rows:
            text = doing(job)
            if job.state in ACTIVE and said.get(job.id) != text:
                said[job.id] = text
                typer.echo(f"{job.job_number}: {text}", err=True)

    yield show


@contextmanager
def _bars(stages: Sequence[str]) -> Iterator[Show]:
    """A bar for each job, by stages; above them one for all, when there are several."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[doing]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors(), transient=True) as progress:
        bars: dict[int, TaskID] = {}
        together: list[TaskID] = []

        def show(rows: Sequence[Job]) -> None:
            if len(rows) > 1:
                if not together:
                    together.append(progress.add_task("all", total=len(rows), doing=""))
                ended = sum(job.state not in ACTIVE for job in rows)
                progress.update(together[0], completed=ended, doing=f"{ended} of {len(rows)} jobs")
            for job in worth_a_bar(rows, bars):
                if job.id not in bars:
                    bars[job.id] = progress.add_task(job.job_number, total=len(stages), doing="")
                at = next(reversed(job.counts), "")
                done = len(stages) if job.state not in ACTIVE else stages.index(at) if at in stages else 0
                progress.update(bars[job.id], completed=done, doing=doing(job))
            for job in rows:
                if len(rows) > MOST_BARS and job.state not in ACTIVE and job.id in bars:
                    progress.remove_task(bars.pop(job.id))

        yield show


def worth_a_bar(rows: Sequence[Job], bars: Container[int]) -> list[Job]:
    """All jobs when they are few; else those that have a bar and, in what is left, those that run."""
    if len(rows) <= MOST_BARS:
        return list(rows)
    running = [job for job in rows if job.state == "running" and job.id not in bars]
    shown = [job for job in rows if job.id in bars]
    return shown + running[: MOST_BARS - len(shown)]
