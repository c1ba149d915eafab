"""`procore-xero status`: where every project stands, from the ledger alone; no call goes to Procore or Xero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from worker import sought
from worker.cli.arguments import AsJson, Find, job_numbers
from worker.cli.job_line import in_words
from worker.cli.opened import opened
from worker.cli.programs import job, moment, say_json
from worker.cli.progress import working
from worker.cli.screen import JOB_COLOURS, NARROW, console, nothing_yet, paragraph
from worker.local_time import ago

if TYPE_CHECKING:
    from worker.ledger.standing import Standing
    from worker.ledger.tables import Job, Pass

#: How few characters each column takes.
LEAST = {"Job number": 6, "Project": 10, "Xero": 5, "Stage": 5, "Last result": 8}


def command(
    job_number: Annotated[
        str,
        typer.Argument(
            help="One project's job number: shows each of its records.", autocompletion=job_numbers, show_default=False
        ),
    ] = "",
    find: Find = "",
    as_json: AsJson = False,
) -> None:
    """Show all projects: stage, last result, what is sent, held and waiting. Or one project, record by record."""
    from worker.cli import records
    from worker.ledger.database import name_of
    from worker.ledger.standing import standings
    from worker.local_time import present

    ours = opened()
    if job_number.strip():
        records.show(ours, job_number.strip(), as_json, sought.read(find))
        return
    if find.strip():
        records.search(ours, sought.read(find), as_json)
        return
    with working("Reading the ledger"):
        found = standings(ours.engine, ours.projects.all(), ours.jobs.latest())
    last_pass = ours.passes.latest()
    if as_json:
        say_json("status", map(project_row, found), last_pass=_pass(last_pass))
    else:
        _show(found, present(ours))
        if last_pass is None:
            nothing_yet(name_of(ours.engine))
        else:
            when = ago(last_pass.started_at, ours.now())
            paragraph(f"\nLast pass {when}: {last_pass.message or 'not at its end yet'}")


def _show(found: Sequence[Standing], now: datetime) -> None:
    """`now` is told in the zone in which people are."""
    synced = [one for one in found if one.project is not None and one.project.state != "refused"]
    if synced:
        console().print(_table(synced, now))
    _list(
        "Not done",
        [(_name(one), in_words(one.job, now.tzinfo or UTC)) for one in found if one.job and _is_not_done(one.job)],
    )
    for title, state in (("Paused", "paused"), ("Not synced", "refused")):
        some = [one for one in found if one.project is not None and one.project.state == state]
        _list(title, [(_name(one), one.project.reason if one.project else "") for one in some])


def _table(synced: Sequence[Standing], now: datetime) -> Table:
    several = any(one.project is not None and one.project.organisation for one in synced)
    is_narrow = console().width < NARROW  # the stage is the one that is set up, as a rule
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0 if is_narrow else (0, 1))
    wide = [*(["Xero"] if several else []), "Stage"]
    for title in ("Job number", "Project", *(wide if not is_narrow else [])):
        table.add_column(title, overflow="fold", min_width=LEAST[title])
    table.add_column("Last result", overflow="fold", min_width=LEAST["Last result"])
    for title in ("Sent", "Held", "Waiting"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in synced:
        counts = (sum(one.sent.values()), one.held, one.waiting)
        name, stage = (one.project.name, one.project.stage) if one.project else ("", "")
        organisation = one.project.organisation if one.project else ""
        cells = [name, *([organisation] if several else []), stage]
        if is_narrow:
            cells = [f"{name} ({organisation})" if organisation else name]
        table.add_row(one.job_number, *cells, _result(one, now), *(str(count) for count in counts))
    return table


def _result(one: Standing, now: datetime) -> Text:
    job = one.job
    if job is None:
        return Text("none yet")
    then = job.finished_at or job.started_at or job.queued_at
    state = (f"done, {one.held} held" if one.held else "done") if job.state == "held" else job.state
    return Text.assemble((state, JOB_COLOURS.get(job.state, "")), f"\n{ago(then, now)}")


def _list(title: str, lines: Sequence[tuple[str, str]]) -> None:
    if not lines:
        return
    paragraph(f"\n{title}", style="bold")
    for name, why in lines:
        paragraph(f"{name}: {why}", indent=2)


def _name(one: Standing) -> str:
    number = one.job_number or "(no job number)"
    return f"{number} {one.project.name}" if one.project is not None else number


def _is_not_done(job: Job) -> bool:
    """Failed, parked, or queued again after something got in its way."""
    return job.state in ("failed", "parked") or (job.state == "queued" and bool(job.message))


def _pass(last: Pass | None) -> dict[str, object] | None:
    if last is None:
        return None
    return {"pass": last.id, "started_at": moment(last.started_at), "message": last.message}


def project_row(one: Standing) -> dict[str, object]:
    """A project for programs."""
    project, its_job = one.project, one.job
    return {
        "job_number": one.job_number,
        "project": project.name if project else None,
        "procore_id": project.procore_id if project else None,
        "stage": project.stage if project else None,
        "state": project.state if project else None,
        "code": (project.code or None) if project else None,
        "reason": (project.reason or None) if project else None,
        "organisation": (project.organisation or None) if project else None,
        "job": None if its_job is None else job(its_job),
        "sent": dict(one.sent),
        "held": one.held,
        "waiting": one.waiting,
    }
