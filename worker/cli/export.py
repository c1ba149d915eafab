"""`procore-xero export`: what one pass moved and what it left held or waiting, record by record, for a spreadsheet.

From the ledger alone: the journal of requests says what went, the holds say what was open when each job ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from worker import sought
from worker.called import COLUMNS as CALLED
from worker.cli.arguments import AsJson, Find, job_numbers
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.programs import moment, say_csv, say_json
from worker.cli.progress import working
from worker.sought import ANYTHING, Sought

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.moved import Move
    from worker.ledger.tables import Hold, Job
    from worker.settings import Settings

COLUMNS = (
    *("pass", "job_number", "project", "organisation", "kind", "procore_id", "title", *CALLED, "outcome", "at"),
    *("code", "sentence", "remedy", "procore_url", "xero_url"),
)
Row = dict[str, object]


def command(
    number: Annotated[
        int,
        typer.Argument(metavar="[PASS]", help="As `history` shows it; without it the last one.", show_default=False),
    ] = 0,
    job: Annotated[
        str,
        typer.Option(
            help="Instead of a pass the last job of this job number, also one that a person started.",
            autocompletion=job_numbers,
            show_default=False,
        ),
    ] = "",
    find: Find = "",
    as_json: AsJson = False,
) -> None:
    """Print what a pass, or a job, created, updated, took back and left held, as CSV."""
    if number and job.strip():
        raise RefusedError("Name a pass or a job number, not both.")
    ours = opened()
    if job.strip():
        _of_job(ours, job.strip(), sought.read(find), as_json)
        return
    one = ours.passes.get(number) if number else ours.passes.latest()
    if one is None:
        what = f"There is no pass {number}." if number else "There was no pass yet."
        raise RefusedError(f"{what} `procore-xero history` lists them.")
    with working("Reading the ledger"):
        rows = list(_rows(ours, ours.jobs.of_pass(one.id), sought.read(find)))
    if as_json:
        summary = {"pass": one.id, "started_at": moment(one.started_at), "message": one.message}
        say_json("export", rows, **summary)
    else:
        say_csv(COLUMNS, rows)


def _of_job(parts: Parts, job_number: str, wanted: Sought, as_json: bool) -> None:
    from worker.cli import known

    its = parts.jobs.latest().get(known.job_number(parts, job_number))
    if its is None:
        raise RefusedError(f"{job_number} has had no job yet.")
    rows = list(_rows(parts, [its], wanted))
    if as_json:
        say_json("export", rows, **{"pass": its.pass_id, "started_at": moment(its.started_at), "message": its.message})
    else:
        say_csv(COLUMNS, rows)


def _rows(parts: Parts, jobs: Sequence[Job], wanted: Sought = ANYTHING) -> Iterator[Row]:
    """Job by job: what moved, then what was held or waited, of what is looked for."""
    from worker import procore_pages
    from worker.ledger import history, moved

    pages = procore_pages.at(parts)
    moves, held = moved.moves(parts.engine, [job.id for job in jobs]), history.held_after(parts.engine, jobs)
    moves = [move for move in moves if wanted.fits(move.called, move.procore_id)]
    held = [(job, hold) for job, hold in held if wanted.fits(hold.called, hold.title, hold.procore_id, hold.code)]
    organisations = {route.tenant_id: route.name for route in parts.routes()}
    for job in jobs:
        blank = dict.fromkeys(COLUMNS) | _of(job)
        for move in moves:
            if move.job_id == job.id:
                organisation = {"organisation": organisations.get(move.tenant_id)}
                yield blank | organisation | _moved(parts.settings, pages, move)
        for its_job, hold in held:
            if its_job.id == job.id:
                yield blank | {"organisation": organisations.get(hold.tenant_id)} | _held(hold)


def _of(job: Job) -> Row:
    return {"pass": job.pass_id, "job_number": job.job_number, "project": job.project_name}


def _moved(settings: Settings, pages: str, move: Move) -> Row:
    from worker.holds import title
    from worker.reports import links

    return {
        "kind": move.kind,
        "procore_id": move.procore_id,
        "title": title(move.kind, move.procore_id),
        **move.called.row(),
        "outcome": move.done,
        "at": moment(move.at),
        "sentence": move.what or None,
        "procore_url": links.procore_page(pages, move),
        "xero_url": links.xero_page(settings, move) or None,
    }


def _held(hold: Hold) -> Row:
    return {
        "kind": hold.kind,
        "procore_id": hold.procore_id,
        "title": hold.title,
        **hold.called.row(),
        "outcome": hold.outcome,
        "at": moment(hold.opened_at),
        "code": hold.code,
        "sentence": hold.sentence,
        "remedy": hold.remedy,
        "procore_url": hold.procore_url or None,
        "xero_url": hold.xero_url or None,
    }
