"""`procore-xero retention`: what is held back from each subcontractor, by Procore's claims and by Xero's retention
account, as of a day. It reads both systems anew, as `audit` does, and writes nothing but the files that are asked for.

That something differs is no failure of this command: the ledger is there to say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from worker.cli import files
from worker.cli.arguments import AsJson, day, job_numbers
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.programs import csv_text, moment, say_json
from worker.cli.progress import working
from worker.cli.screen import console, paragraph
from worker.counting import counted, money

if TYPE_CHECKING:
    from worker.retention.values import Figures, Group, Ledger

#: Of the CSV: a line for each commitment, which a spreadsheet adds up within a currency.
COLUMNS = (
    *("as_of", "organisation", "job_number", "project", "supplier", "commitment", "currency"),
    *("opening", "withheld", "released", "held", "tax_deferred"),
    *("xero_withheld", "xero_released", "xero_held", "xero_tax_deferred", "difference", "differs", "notes"),
)
CENTS = Decimal("0.00")
#: Of the terminal's columns.
_HEADINGS = ("Opening", "Withheld", "Released", "Held", "Tax\ndeferred", "Xero\ndiffers")


def command(
    numbers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[JOB_NUMBER]...",
            help="Only these projects; without one all that were ever sent.",
            autocompletion=job_numbers,
            show_default=False,
        ),
    ] = None,
    as_of: Annotated[
        str, typer.Option(help="The last day that counts, like 2026-08-31; today without it.", show_default=False)
    ] = "",
    csv: Annotated[
        Path | None, typer.Option(help="Where to write a table; - prints it.", dir_okay=False, show_default=False)
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Where to write a page; - prints it.", dir_okay=False, show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is held back from each subcontractor, in Procore and in Xero."""
    from tasks.retention import retention_ledger
    from worker.local_time import present, today
    from worker.reports import retention

    wanted, last = files.wanted(csv, html, as_json=as_json), day(as_of)
    ours = opened()
    if last is not None and last > today(ours):
        raise RefusedError(f"{last.isoformat()} has not come yet. Name today or a day before it.")
    with working("Reading both sides") as tell:
        ledger = retention_ledger(ours, numbers or (), last, tell)
    if csv is not None:
        files.put(csv, table(ledger))
    if html is not None:
        files.put(html, retention.html(ledger, ours.title, present(ours)))
    if as_json:
        _say_json(ledger, ours.now())
    elif not wanted:
        _show(ledger)
    elif files.PRINTED not in wanted:
        paragraph(f"{', '.join(map(str, wanted))}: {_summary(ledger)}")


def table(ledger: Ledger) -> str:
    """The file for a spreadsheet."""
    return csv_text(COLUMNS, map(_plain, _rows(ledger)))


def _rows(ledger: Ledger) -> Iterator[dict[str, object]]:
    for row in ledger.rows:
        named = {name: getattr(row, name) for name in ("organisation", "job_number", "project", "supplier")}
        named |= {"commitment": row.commitment, "currency": row.currency}
        yield {
            "as_of": ledger.as_of.isoformat(),
            **{name: text or None for name, text in named.items()},
            **_amounts(row.figures),
            "differs": list(row.differences),
            "notes": list(row.notes),
        }


def _plain(row: dict[str, object]) -> dict[str, object]:
    """For a spreadsheet: several sentences in a cell."""
    return {name: " ".join(value) if isinstance(value, list) else value for name, value in row.items()}


def _amounts(figures: Figures) -> dict[str, Decimal]:
    names = (*("opening", "withheld", "released", "held", "tax_deferred"), *COLUMNS[12:17])
    return {name: getattr(figures, name) + CENTS for name in names}


def _say_json(ledger: Ledger, now: datetime) -> None:
    totals = [
        {"organisation": one.organisation or None, "currency": one.currency or None, **_amounts(one.figures)}
        for one in ledger.totals
    ]
    summary = {"as_of": ledger.as_of.isoformat(), "made_at": moment(now), "differing": len(ledger.differing)}
    say_json("retention", _rows(ledger), **summary, totals=totals, gaps=list(ledger.gaps))


def _summary(ledger: Ledger) -> str:
    held = " and ".join(map(_held, ledger.totals)) or "nothing"
    count = len(ledger.differing)
    said = f"{counted(count, 'row')} differ{'s' if count == 1 else ''}" if count else "nothing differs"
    gaps = f" {' '.join(ledger.gaps)}" if ledger.gaps else ""
    return f"{held[:1].upper()}{held[1:]} held as of {ledger.as_of}; {said}.{gaps}"


def _held(one: Group) -> str:
    """ "4,448.84 AUD", "4,448.84 AUD of North" where there are several organisations"""
    return money(one.figures.held, one.currency) + (f" of {one.organisation}" if one.organisation else "")


def _show(ledger: Ledger) -> None:
    for whole in ledger.totals:
        place = (whole.organisation, whole.currency)
        paragraph(" ".join(filter(None, ("Retention", *place, f"as of {ledger.as_of}"))), style="bold")
        groups = [one for one in ledger.suppliers if (one.organisation, one.currency) == place]
        _show_groups(whole, groups)
    if ledger.differing:
        paragraph("What differs", style="bold")
    for row in ledger.differing:
        paragraph(row.of_whom, style="bold", indent=2)
        for sentence in row.differences:
            paragraph(sentence, indent=4)
    for row in ledger.noted:
        paragraph(f"{row.of_whom}: {' '.join(row.notes)}")
    for sentence in ledger.not_read:
        paragraph(sentence, style="dim")
    paragraph(_summary(ledger))


def _show_groups(whole: Group, groups: Sequence[Group]) -> None:
    """Amounts stand below each other through all suppliers, whose names have lines of their own."""
    sums = [whole.figures, *(group.figures for group in groups), *(row.figures for row in whole.rows)]
    columns = zip(*map(_cells, sums), strict=True)
    widths = [
        max(len(text) for text in (*name.split("\n"), *cells)) for name, cells in zip(_HEADINGS, columns, strict=True)
    ]
    _print(widths, "", _HEADINGS)
    for group in groups:
        paragraph(group.supplier or "No contact", style="bold")
        for row in group.rows:
            _print(widths, f"  {row.title}", _cells(row.figures), "red" if row.differences else "")
        if len(group.rows) > 1:
            _print(widths, "  together", _cells(group.figures), "bold")
    _print(widths, "All", _cells(whole.figures), "bold")


def _print(widths: Sequence[int], title: str, cells: Sequence[str], style: str = "") -> None:
    """A line; the title has one of its own where the amounts leave it no room."""
    screen = console()
    room = screen.width - sum(widths) - len(widths)
    if title and len(title) > room:
        paragraph(title.strip(), indent=2, style=style)
        title = ""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=max(room, 0) or None)
    for width in widths:
        table.add_column(justify="right", overflow="fold", width=width)
    table.add_row(title, *cells, style=style)
    screen.print(table)


def _cells(one: Figures) -> list[str]:
    amounts = [f"{amount:,.2f}" for amount in (one.opening, one.withheld, one.released, one.held, one.tax_deferred)]
    return [*amounts, f"{one.difference:+,.2f}" if one.difference else ""]
