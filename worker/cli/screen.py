"""What goes to the terminal, and how: 80 columns are enough, and nothing is lost without a terminal or colour."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.text import Text

from worker.plain_text import plain

#: Columns beyond which no line is read any more, and what stands at its right end is far from its beginning.
WIDEST = 120
#: Columns below which a table leaves out what is least asked for.
NARROW = 80
#: What a job has come to, as it is coloured everywhere.
JOB_COLOURS = {
    "done": "green",
    "held": "yellow",
    "failed": "red",
    "parked": "yellow",
    "running": "cyan",
    "queued": "cyan",
}


def console() -> Console:
    """Standard output. Titles and sentences hold brackets and numbers, so neither is given a meaning."""
    screen = Console(highlight=False, markup=False, emoji=False)
    screen.width = min(screen.width, WIDEST)
    return screen


def errors() -> Console:
    """Standard error, where progress is shown: what a command says can be piped on all the same."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def paragraph(text: str, indent: int = 0, style: str = "") -> None:
    """Folded between words at the edge of the terminal, every line indented alike."""
    screen = console()
    for line in Text(text, style=style).wrap(screen, max(20, screen.width - indent)):
        line.rstrip()
        screen.print(Text(" " * indent) + line, soft_wrap=True)


def address(line: str, indent: int = 0) -> None:
    """A line that is to be copied: never folded, however narrow the terminal is."""
    console().print(Text(" " * indent + line), soft_wrap=True)


def complain(sentence: str) -> None:
    """One sentence on standard error; an error from a library may come in several lines.

    On a terminal it is folded between words. Programs and logs get it in one line.
    """
    text, screen = " ".join(plain(sentence).split()), errors()
    if screen.is_terminal:
        for line in Text(text).wrap(screen, max(20, screen.width)):
            line.rstrip()
            screen.print(line, soft_wrap=True)
    else:
        typer.echo(text, err=True)


def nothing_yet(ledger: str) -> None:
    """In place of what passes have done; with the ledger's name, for whoever looks into another one than they mean."""
    paragraph("There was no pass yet in this ledger:")
    address(ledger, indent=2)
    paragraph("`procore-xero start`, or beat, begins one. To send one project while workers run:")
    address("procore-xero send JOB_NUMBER", indent=2)
