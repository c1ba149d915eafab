"""`procore-xero report`: both sides on one page for the bookkeeper, in a file that a browser opens.

It reads both systems anew, as `audit` does, and writes nothing but the file. That something differs is no failure of
this command: the page is there to say it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import files
from worker.cli.arguments import AsJson, MaybeJobNumber
from worker.cli.opened import opened
from worker.cli.programs import moment, say_json
from worker.cli.progress import working
from worker.cli.screen import paragraph
from worker.counting import counted

if TYPE_CHECKING:
    from worker.reports.page import Project


def command(
    html: Annotated[
        Path, typer.Option("--html", help="Where to write the page; - prints it.", dir_okay=False, show_default=False)
    ],
    job_number: MaybeJobNumber = "",
    as_json: AsJson = False,
) -> None:
    """Write a page that shows Procore against Xero, what is held and what waits, for each project."""
    from tasks.audit import audit_books
    from worker.reports import page
    from worker.reports.books import books

    ours = opened()
    files.refuse_unwritable(html)
    with working("Reading both sides") as tell:
        found = books(ours, audit_books(ours, job_number, tell).results)
    text = page.html(found)
    if html == files.PRINTED:
        typer.echo(text)
        return
    files.write(html, text)
    if as_json:
        summary = {"file": str(html), "organisation": found.organisation, "made_at": moment(found.made_at)}
        say_json("report", map(_row, found.projects), **summary, differing=found.different)
        return
    differ = "differs" if found.different == 1 else "differ"
    of_all = f"{found.different} of {counted(len(found.projects), 'project')} {differ}" if found.different else ""
    paragraph(f"{html}: {of_all or 'nothing differs'}; {counted(found.held, 'record')} held, {found.waiting} waiting.")


def _row(project: Project) -> dict[str, object]:
    return {
        "job_number": project.job_number,
        "project": project.name,
        "agrees": project.agrees,
        "totals": [
            {"what": one.label, "currency": one.currency or None, "procore": one.procore, "xero": one.xero}
            for one in project.totals
        ],
        "differences": len(project.differences),
        "held": len(project.held),
        "waiting": len(project.waiting),
        "withdrawn": [
            {"title": one.title, "document": one.what, "at": moment(one.at), "xero_url": one.xero_url or None}
            for one in project.gone
        ],
    }
