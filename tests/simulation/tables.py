"""A table as it is printed and as it stands in the documents: Markdown, at most a hundred columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH = 100
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words; the first column stands left, all others right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    #: What it was measured on, or simulated with.
    source: str


def markdown(table: Table) -> str:
    widths = [max(map(len, column)) for column in zip(table.columns, *table.rows, strict=True)]
    return "\n".join([f"**{table.title}**", "", *_lines(table, widths), "", textwrap.fill(table.source, WIDTH)])


def _lines(table: Table, widths: Sequence[int]) -> Iterator[str]:
    yield _line(table.columns, widths)
    yield "|" + "|".join("-" * (width + 1) + (":" if number else "-") for number, width in enumerate(widths)) + "|"
    for row in table.rows:
        yield _line(row, widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    return "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]) + " |"


def lasting(seconds: float) -> str:
    """A time as one says it: 40 s, 12 min, 3.4 h, 2.1 d."""
    if seconds < 1.5 * _MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < 1.5 * _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    if seconds < 1.5 * _DAY_S:
        return f"{seconds / _HOUR_S:.1f} h"
    return f"{seconds / _DAY_S:.1f} d"


def count(number: float) -> str:
    return f"{number:,.0f}"
