"""`procore-xero unpark`: tries at once whether Procore and Xero answer again, instead of waiting out the time set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from worker.cli.arguments import AsJson
from worker.cli.exits import Exit, RefusedError
from worker.cli.opened import opened
from worker.cli.programs import job as job_row
from worker.cli.programs import say_json
from worker.cli.progress import working
from worker.cli.screen import paragraph

if TYPE_CHECKING:
    from tasks.unparking import Tried


def command(as_json: AsJson = False) -> None:
    """Ask Xero and Procore once, now; if they answer, what was parked goes on at once."""
    from tasks import unparking

    ours = opened()
    if not unparking.parked(ours):
        raise RefusedError(unparking.NOT_PARKED)
    with working("Asking Xero and Procore"):
        tried = unparking.try_now(ours)
    _say(tried, as_json)
    raise typer.Exit(Exit.DONE if tried.is_over else Exit.UNREACHABLE)


def _say(tried: Tried, as_json: bool) -> None:
    if as_json:
        say_json("unpark", map(job_row, tried.jobs), sentences=list(tried.sentences), is_over=tried.is_over)
        return
    for sentence in tried.sentences:
        paragraph(sentence)
    if tried.is_over:
        paragraph("The other projects go with the next pass, or at once: procore-xero send --all")
