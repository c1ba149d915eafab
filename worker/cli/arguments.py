"""What several commands let be typed: a job number, completed by the shell, and `--json`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from worker.cli.exits import RefusedError


def job_numbers(incomplete: str) -> list[str]:
    """The job numbers that begin so, for the shell; a ledger that cannot be read completes nothing."""
    from worker.assembly import parts
    from worker.errors import SyncError

    try:
        numbers = {row.job_number for row in parts().projects.all()}
    except SyncError:
        return []
    return sorted(number for number in numbers if number and number.casefold().startswith(incomplete.casefold()))


def day(typed: str) -> date | None:
    """A day as it is typed, 2026-08-31; None for a blank. Raises RefusedError."""
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise RefusedError(f"'{typed}' is no date. Write it like 2026-08-31.") from None


#: A project that is meant.
JobNumber = Annotated[
    str, typer.Argument(help="The project's job number, as in Procore.", autocompletion=job_numbers, show_default=False)
]
#: One project, or without it all of them.
MaybeJobNumber = Annotated[
    str,
    typer.Argument(
        help="One project's job number; without it all eligible ones.", autocompletion=job_numbers, show_default=False
    ),
]
#: One of several organisations of Xero.
Organisation = Annotated[
    str, typer.Option(help="Which one, as the mapping file names it, where there are several.", show_default=False)
]
#: A search; `worker.sought` says what fits.
Find = Annotated[
    str,
    typer.Option(
        help="Only what has all these words: supplier, commitment, number, date or amount.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help='For programs: one object of "command", "rows" and "summary".')]
AsCsv = Annotated[bool, typer.Option("--csv", help="For a spreadsheet; no cell is taken for a formula.")]
