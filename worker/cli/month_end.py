"""`procore-xero month-end`: what is signed at a month's end, as one page to print and tables for a spreadsheet.

It reads both systems once, as `audit` does, and writes nothing but the folder. That something differs is no failure of
this command: the pack is there to say it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import folder, retention
from worker.cli.arguments import AsJson
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.programs import csv_text, moment, say_json
from worker.cli.progress import working
from worker.cli.screen import paragraph
from worker.counting import counted

if TYPE_CHECKING:
    from worker.month_end.pack import Pack
    from worker.month_end.tables import Table

PAGE, RETENTION = "month-end.html", "retention.csv"


def command(
    month: Annotated[str, typer.Argument(help="Year and month, as in 2026-10.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="The folder to write; an earlier pack in it is replaced.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Write the month-end pack: what differs, cost by cost code, retention, open bills, what is held, contractors."""
    from importlib.metadata import version

    from tasks.month_end import month_end
    from worker.month_end import page
    from worker.month_end.period import NoMonthError, first_day
    from worker.month_end.tables import NAMES, tables

    ours = opened()
    try:
        first = first_day(month, ours.now())
    except NoMonthError as error:
        raise RefusedError(str(error)) from None
    folder.refuse_unwritable(out, {PAGE, RETENTION, *NAMES})
    with working("Reading both sides") as tell:
        pack = month_end(ours, first, version("procore-xero"), tell)
    made = tables(pack)
    texts = {PAGE: page.html(pack), RETENTION: retention.table(pack.retention)}
    folder.write(out, texts | {one.name: csv_text(one.columns, one.rows) for one in made})
    if as_json:
        say_json("month-end", map(_row, made), **_summary(out, pack))
    else:
        projects = counted(pack.projects, "project")
        paragraph(f"{out / PAGE}: {pack.period.name} as of {pack.period.as_of}, {pack.count} in {projects}.")


def _row(table: Table) -> dict[str, object]:
    return {"file": table.name, "rows": len(table.rows)}


def _summary(out: Path, pack: Pack) -> dict[str, object]:
    return {
        "folder": str(out),
        "page": PAGE,
        "month": f"{pack.period.first:%Y-%m}",
        "as_of": pack.period.as_of.isoformat(),
        "made_at": moment(pack.made_at),
        "differences": len(pack.differences),
        "accepted": len(pack.accepted),
        "held": len(pack.held),
    }
