"""What goes to programs instead of people: `--json`, the same shape from every command, and CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import typer

#: Stands in `procore-xero --help`.
SHAPE = (
    'With --json a command prints one object: "command"; "rows", a list of objects; "summary", an object. Times are in '
    "UTC, amounts exact numbers, and missing values null. The exit code is the same, and errors are "
    "sentences on standard error. "
    "With --csv it prints rows for a spreadsheet."
)
#: A spreadsheet takes a cell that begins so for a formula, whatever blanks go before; a quote before it makes it text.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BLANKS = ("\t", "\r", "\n")
#: Tells a spreadsheet that what follows is UTF-8.
_MARK = "\ufeff"


def say_json(command: str, rows: Iterable[Mapping[str, object]], **summary: object) -> None:
    """The one shape."""
    from worker.http import exact_json

    typer.echo(exact_json.dumps({"command": command, "rows": list(rows), "summary": summary}))


def say_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """These columns of the rows, first their names."""
    typer.echo(csv_text(columns, rows), nl=False)


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """The same, for a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    return _MARK + text.getvalue()


def cell(value: object) -> str:
    """A value as a spreadsheet may safely open it: what a vendor is called runs nothing on the bookkeeper's machine."""
    if isinstance(value, Decimal):
        return f"{value:f}"  # an amount is a number, also below zero
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BLANKS) or text.lstrip().startswith(_FORMULA) else text


def moment(then: datetime | None) -> str | None:
    """A time, for either, in UTC."""
    return None if then is None else then.astimezone(UTC).isoformat(timespec="seconds")


def job(row: Any) -> dict[str, object]:
    """A job of the job table, as every command tells of it."""
    return {
        "job_number": row.job_number,
        "project": row.project_name,
        "state": row.state,
        "trigger": row.trigger,
        "attempt": row.attempt,
        "message": row.message,
        "task_id": row.task_id,
        "queued_at": moment(row.queued_at),
        "started_at": moment(row.started_at),
        "finished_at": moment(row.finished_at),
        "calls": dict(row.calls),
    }
