"""`procore-xero history`: passes and jobs that were, from the ledger alone: when, how long, calls used, moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from worker import sought
from worker.cli.arguments import AsJson, Find, job_numbers
from worker.cli.opened import opened
from worker.cli.programs import moment, say_json
from worker.cli.progress import working
from worker.cli.screen import JOB_COLOURS, NARROW, console, nothing_yet, paragraph
from worker.counting import lasting

if TYPE_CHECKING:
    from worker.ledger.history import Run

_APIS = ("procore", "xero")
_CALLS = "Procore and Xero are calls made to them. "
_NOTE = "Moved is what was written to Xero, Out what was taken out of it. A retry is a job of its own, started by hand."


def command(
    job: Annotated[
        str, typer.Option(help="The jobs of this job number.", autocompletion=job_numbers, show_default=False)
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many to show, the newest first.")] = 20,
    find: Find = "",
    as_json: AsJson = False,
) -> None:
    """Show the last passes, and the jobs that were started by hand; or the jobs of one project.

    With --find: the jobs that moved such a record.
    """
    from worker.cli import known
    from worker.ledger import history
    from worker.ledger.database import name_of
    from worker.local_time import zone

    ours = opened()
    number = known.job_number(ours, job) if job.strip() else ""
    with working("Reading the ledger"):
        if find.strip():
            found = history.jobs_that_moved(ours.engine, sought.read(find), number, limit)
        else:
            found = history.jobs_of(ours.engine, number, limit) if number else history.passes(ours.engine, limit)
    if as_json:
        say_json("history", map(_row, found), job_number=number or None)
        return
    if find.strip() and not found:
        paragraph("No job that is still remembered moved a record that is called so.")
        return
    if not found:
        nothing_yet(name_of(ours.engine))
        return
    console().print(_table(found, number, zone(ours)))
    paragraph(_NOTE if _is_narrow() else f"{_CALLS}{_NOTE}")
    if not number and not find.strip():
        paragraph("What moved in a pass, record by record: procore-xero export PASS > pass.csv")


def _table(found: Sequence[Run], job_number: str, at: tzinfo) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0)
    zones = {f"{run.started_at.astimezone(at):%Z}" for run in found}  # two where clocks were put back or forward
    table.add_column("Began" if len(zones) > 1 else f"Began ({', '.join(zones)})", no_wrap=True)
    table.add_column(job_number or "What", overflow="fold")
    table.add_column("Result", overflow="fold")
    effort = () if _is_narrow() else ("Took", "Procore", "Xero")
    for title in (*effort, "Moved", "Out", "Held"):
        table.add_column(title, justify="right", no_wrap=True)
    for run in found:
        spent = (took(run.took_s), *(f"{run.calls.get(api, 0):,}" for api in _APIS)) if effort else ()
        moved = (f"{count:,}" for count in (run.moved, run.withdrawn, run.held))
        there = run.started_at.astimezone(at)
        began = f"{there:%Y-%m-%d %H:%M %Z}" if len(zones) > 1 else f"{there:%Y-%m-%d %H:%M}"
        table.add_row(began, _what(run, bool(job_number)), _result(run), *spent, *moved)
    return table


def _is_narrow() -> bool:
    return console().width < NARROW


def _what(run: Run, alone: bool) -> str:
    """ "pass 12", "24-017 by hand"; without the job number where it stands above the column."""
    if not run.job_number:
        return f"pass {run.pass_id}"
    in_pass = "by a message" if run.pass_id is None else f"in pass {run.pass_id}"
    how = "by hand" if run.trigger == "manual" else in_pass
    return how if alone else f"{run.job_number} {how}"


def _result(run: Run) -> Text:
    """Of a pass with jobs that did not end well, how many."""
    state = f"done, {run.held} held" if run.state == "held" else run.state
    said = Text(state, style=JOB_COLOURS.get(run.state, ""))
    counted = [f"{run.jobs[state]} {state}" for state in ("failed", "parked") if run.jobs.get(state)]
    return Text("\n").join([Text(line, style=JOB_COLOURS[line.split()[-1]]) for line in counted]) if counted else said


def took(seconds: float | None) -> str:
    """Blank while it goes on."""
    return "" if seconds is None else lasting(seconds)


def _row(run: Run) -> dict[str, object]:
    return {
        "pass": run.pass_id,
        "job_number": run.job_number or None,
        "project": run.project or None,
        "trigger": run.trigger,
        "state": run.state,
        "started_at": moment(run.started_at),
        "ended_at": moment(run.ended_at),
        "took_s": None if run.took_s is None else round(run.took_s, 3),
        "calls": {api: run.calls.get(api, 0) for api in _APIS},
        "moved": run.moved,
        "withdrawn": run.withdrawn,
        "held": run.held,
        "jobs": dict(run.jobs) if not run.job_number else None,
        "message": run.message or None,
    }
