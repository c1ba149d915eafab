"""`procore-xero report`: both sides on one page for the bookkeeper, in a file that a browser opens.

It reads both systems anew, as `audit` does, and writes nothing but the file. That something differs is no failure of
this command: the page is there to say it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.arguments import AsJson, MaybeJobNumber
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.programs import moment, say_json
from worker.cli.progress import working
from worker.cli.screen import paragraph

#: In place of a file: a container has none to write.
PRINTED = Path("-")

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
    _refuse_unwritable(html)
    with working("Reading both sides") as tell:
        found = books(ours, audit_books(ours, job_number, tell).results)
    text = page.html(found)
    if html == PRINTED:
        typer.echo(text)
        return
    _write(html, text)
    if as_json:
        summary = {"file": str(html), "organisation": found.organisation, "made_at": moment(found.made_at)}
        say_json("report", map(_row, found.projects), **summary, differing=found.different)
        return
    differing = f"{found.different} of {len(found.projects)} projects differ" if found.different else "nothing differs"
    paragraph(f"{html}: {differing}, {found.held} records are held, {found.waiting} wait.")


def _refuse_unwritable(file: Path) -> None:
    """Before both systems are read, which may take minutes."""
    if not file.parent.is_dir():
        raise RefusedError(f"There is no folder {file.parent}. Create it, or name another file.")


def _write(file: Path, text: str) -> None:
    """Whole or not at all: whoever opens the file meanwhile sees the old page."""
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise RefusedError(f"{file} cannot be written ({error.strerror}). Name another file.") from None


def _row(project: Project) -> dict[str, object]:
    return {
        "job_number": project.job_number,
        "project": project.name,
        "agrees": project.agrees,
        "totals": {total.label: {"procore": total.procore, "xero": total.xero} for total in project.totals},
        "differences": len(project.differences),
        "held": len(project.held),
        "waiting": len(project.waiting),
        "withdrawn": [
            {"title": one.title, "document": one.what, "at": moment(one.at), "xero_url": one.xero_url or None}
            for one in project.gone
        ],
    }
