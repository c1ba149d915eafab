"""`procore-xero send`: queues jobs ahead of the periodic ones, and on request shows them until they end.

A job number that discovery has judged eligible is queued at once. About any other one Procore is asked first, here: a
project that is new goes, and a mistyped number starts nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.exits import Exit, RefusedError
from worker.cli.screen import paragraph
from worker.errors import MissingReference

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.tables import Job

#: How alike a job number must be to be suggested; 24-107 is meant to find 24-017.
_ALIKE = 0.6


def command(
    job_number: Annotated[str, typer.Argument(help="The project's job number, as in Procore.")] = "",
    all_: Annotated[bool, typer.Option("--all", help="Send every eligible project.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Show the progress, and end when the jobs have ended.")] = False,
) -> None:
    """Send one project, or all of them, to Xero now."""
    if bool(job_number.strip()) == all_:
        raise RefusedError("Give one job number, or --all. `procore-xero status` lists the projects.")
    from worker.assembly import parts
    from worker.ledger.database import require_migrated

    ours = parts()
    require_migrated(ours.engine)
    wanted = _eligible(ours) if all_ else [one(ours, job_number.strip())]
    started = queue(ours, wanted)
    if not wait:
        typer.echo(said(started))
        return
    raise typer.Exit(_wait(ours, started))


def _eligible(parts: Parts) -> list[tuple[str, str]]:
    found = [(row.job_number, row.name) for row in parts.projects.all() if row.state == "eligible"]
    if not found:
        raise RefusedError("No eligible project is known yet. The next pass looks for them; or give one job number.")
    return found


def one(parts: Parts, job_number: str) -> tuple[str, str]:
    """Job number and name of the one eligible project that is meant. Raises RefusedError saying why there is none."""
    from tasks.eligibility import one_eligible

    known = [row for row in parts.projects.numbered(job_number) if row.state == "eligible"]
    if len(known) == 1:
        return known[0].job_number, known[0].name
    try:
        project = one_eligible(parts, job_number)
    except MissingReference as refused:
        raise RefusedError(refused.sentence + _alike(parts, job_number)) from None
    return project.job_number.strip(), project.name


def _alike(parts: Parts, job_number: str) -> str:
    if parts.projects.numbered(job_number):
        return ""
    numbers = sorted({row.job_number for row in parts.projects.all() if row.job_number})
    near = difflib.get_close_matches(job_number, numbers, cutoff=_ALIKE)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def queue(parts: Parts, wanted: Sequence[tuple[str, str]]) -> list[Job]:
    """Queue and publish; what is running already is not started a second time, but counts as started."""
    import tasks.project  # noqa: F401 - registers the task that is published
    from tasks import publishing

    queued = {number: parts.jobs.hurry(number, name) for number, name in wanted}
    publishing.publish([job for job in queued.values() if job], parts.settings)
    latest = parts.jobs.latest()
    return [job or latest[number] for number, job in queued.items()]


def said(jobs: Sequence[Job]) -> str:
    running = [job.job_number for job in jobs if job.state != "queued"]
    queued = [job.job_number for job in jobs if job.state == "queued"]
    lines = [f"Queued: {', '.join(queued)}."] if queued else []
    lines += [f"Running already: {', '.join(running)}."] if running else []
    return " ".join([*lines, "`procore-xero status` shows how they end."])


def _wait(parts: Parts, jobs: Sequence[Job]) -> Exit:
    from tasks.stages import BY_NAME
    from worker.cli import problems, watch

    try:
        ended = watch.follow(parts.jobs, [job.id for job in jobs], list(BY_NAME))
    except KeyboardInterrupt:
        typer.echo("Not waiting any longer; what was queued goes on. `procore-xero status` shows it.", err=True)
        return Exit.INTERRUPTED
    for job in sorted(ended, key=lambda job: job.job_number):
        paragraph(job.message if job.message.startswith(job.job_number) else f"{job.job_number}: {job.message}")
    typer.echo()
    problems.show(problems.of(parts, {job.job_number for job in ended}))
    return Exit.DONE if all(job.state == "done" for job in ended) else Exit.FAILED
