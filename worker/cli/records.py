"""`procore-xero status JOB_NUMBER`: every record of one project and what became of it, from the ledger alone."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from worker.cli.job_line import in_words
from worker.cli.programs import job as job_row
from worker.cli.programs import moment, say_json
from worker.cli.progress import working
from worker.cli.screen import address, console, paragraph
from worker.local_time import ago, ahead
from worker.sought import Sought

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.lists import Listed
    from worker.ledger.records import RecordState
    from worker.ledger.tables import Job, ProjectRow

_COLOURS = {"sent": "green", "held": "red", "waiting": "yellow", "sending": "cyan"}
_SHARED = ("vendors", "cost_codes")
_NOTE = "Vendors and cost codes go once for all projects; each stands with the project that it went first with."


def show(parts: Parts, job_number: str, as_json: bool, wanted: Sought) -> None:
    """All projects with this job number, of their records those that fit; several with one number are all refused."""
    from worker.cli import known
    from worker.local_time import present

    number = known.job_number(parts, job_number)
    projects, job = parts.projects.numbered(number), parts.jobs.latest().get(number)
    with working("Reading the ledger"):
        found = [one for project in projects for one in _fitting(parts, project.procore_id, wanted)]
    links = _links(parts, found)
    if as_json:
        told = None if job is None else job_row(job)
        rows = [row(one, links.get(one.xero_id, "")) for one in found]
        told_of = [_project(one) | {"lists": [*map(_listed, _lists(parts, one))]} for one in projects]
        say_json("status", rows, job_number=number, projects=told_of, job=told)
        return
    for project in projects:
        paragraph(f"{number}  {project.name}", style="bold")
        paragraph(project.reason or f"Stage: {project.stage}")
    if not projects:
        paragraph(number, style="bold")
    paragraph(_last(job, present(parts)))
    if said := [_read(one, parts.now()) for project in projects for one in _lists(parts, project)]:
        paragraph(f"Procore's lists: {'; '.join(said)}.")
    _list(found, links, parts.now())
    if any(one.state == "held" for one in found):
        paragraph(f"\nWhat to do: procore-xero problems --project {shlex.quote(number)}")


def search(parts: Parts, wanted: Sought, as_json: bool) -> None:
    """The records of all projects whose names fit."""
    from worker.ledger.names import projects_with

    with working("Reading the ledger"):
        projects = filter(None, map(parts.projects.find, projects_with(parts.engine, wanted)))
        found = {project.job_number: _fitting(parts, project.procore_id, wanted) for project in projects}
    if as_json:
        links = _links(parts, [one for its in found.values() for one in its])
        rows = (
            {"job_number": number} | row(one, links.get(one.xero_id, ""))
            for number, its in found.items()
            for one in its
        )
        say_json("status", rows)
        return
    for number, its in sorted(found.items()):
        if its:
            paragraph(number, style="bold")
            _list(its, _links(parts, its), parts.now())
            paragraph("")
    if not any(found.values()):
        paragraph("No record is called so. A record's number in Procore is found with its job number.")


def _fitting(parts: Parts, project_id: int, wanted: Sought) -> list[RecordState]:
    from worker.ledger.records import records

    found = records(parts.engine, project_id)
    return [one for one in found if one.fits(wanted)]


def _links(parts: Parts, found: Sequence[RecordState]) -> dict[str, str]:
    from worker.ledger.projects import short_codes

    codes = short_codes(parts.engine)
    return {one.xero_id: xero_page(parts, one, codes) for one in found if one.xero_id}


def xero_page(parts: Parts, one: RecordState, short_codes: Mapping[str, str]) -> str:
    from worker.xero import links

    return links.page(parts.settings.xero_web_url, one.wrapper, one.xero_id, short_codes.get(one.tenant_id, ""))


def _lists(parts: Parts, project: ProjectRow) -> list[Listed]:
    """When each was read and is due, where that is planned."""
    from worker.ledger.lists import lists_of

    return lists_of(parts.engine, project.procore_id) if parts.settings.read_lists == "when_due" else []


def _read(one: Listed, now: datetime) -> str:
    """ "claims read 12 min ago, due in 48 min" """
    return f"{one.name.replace('_', ' ')} read {ago(one.read_at, now)}, due {ahead(one.due_at, now)}"


def _listed(one: Listed) -> dict[str, object]:
    times = {"read_at": one.read_at, "changed_at": one.changed_at, "due_at": one.due_at}
    return {"list": one.name} | {name: moment(at) for name, at in times.items()}


def _last(job: Job | None, now: datetime) -> str:
    if job is None:
        return "It has had no job yet. To send it: procore-xero send JOB_NUMBER"
    then = job.finished_at or job.started_at or job.queued_at
    return f"Last job, {ago(then, now)}: {in_words(job, now.tzinfo or UTC)}"


def _list(found: Sequence[RecordState], links: Mapping[str, str], now: datetime) -> None:
    """A line for each record, its document's address below it: a table would cut the address."""
    from worker.mapping.payees import in_words

    screen = console()
    for kind, group in groupby(found, key=lambda one: one.kind):
        rows = list(group)
        counts = Counter(one.state for one in rows)
        screen.print()
        screen.print(_two(kind.replace("_", " "), ", ".join(f"{n} {state}" for state, n in counts.items()), "bold"))
        for one in rows:
            state = Text.assemble((one.state, _COLOURS.get(one.state, "")), f" {one.code}" if one.code else "")
            since = f"  {ago(one.since, now)}" if one.since else ""
            screen.print(_two(one.called.said or one.title, state + Text(since), indent=2))
            id_, payee = one.title if one.called.said else "", in_words(one.payee) if one.payee else ""
            if beside := ", ".join(filter(None, (id_, payee))):
                paragraph(beside, indent=4)
            if link := links.get(one.xero_id):
                address(link, indent=4)
    if any(one.kind in _SHARED for one in found):
        paragraph(f"\n{_NOTE}")


def _two(left: str, right: str | Text, style: str = "", indent: int = 0) -> Padding:
    line = Table.grid(expand=True, padding=(0, 1))
    line.add_column(overflow="fold", ratio=1)
    line.add_column(justify="right", overflow="fold")
    line.add_row(Text(left, style=style), right if isinstance(right, Text) else Text(right, style=style))
    return Padding(line, (0, 0, 0, indent))


def row(one: RecordState, xero_url: str) -> dict[str, object]:
    return {
        "kind": one.kind,
        "procore_id": one.procore_id,
        "title": one.title,
        **one.called.row(),
        "state": one.state,
        "since": moment(one.since),
        "code": one.code or None,
        "sentence": one.sentence or None,
        "xero_id": one.xero_id or None,
        "xero_url": xero_url or None,
        "paid_as": (one.payee or {}).get("contact") or None,
        "paid_as_by": (one.payee or {}).get("by"),
    }


def _project(row: ProjectRow) -> dict[str, object]:
    return {
        "procore_id": row.procore_id,
        "project": row.name,
        "stage": row.stage,
        "state": row.state,
        "code": row.code or None,
        "reason": row.reason or None,
    }
