"""Files that a command writes for people: pages for a browser, tables for a spreadsheet."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import typer

from worker.cli.exits import RefusedError

#: In place of a file: a container has none to write.
PRINTED = Path("-")


def wanted(*named: Path | None, as_json: bool) -> list[Path]:
    """The files that were asked for. Raises RefusedError for two on one output, or where there is no folder."""
    found = [file for file in named if file is not None]
    if found.count(PRINTED) + as_json > 1:
        raise RefusedError("Only one of --csv -, --html - and --json can be printed. Name a file for the others.")
    for file in found:
        refuse_unwritable(file)
    return found


def refuse_unwritable(file: Path) -> None:
    """Before both systems are read, which may take minutes."""
    if not file.parent.is_dir():
        raise RefusedError(f"There is no folder {file.parent}. Create it, or name another file.")


def put(file: Path, text: str) -> None:
    """Into the file, or printed. Raises RefusedError when it cannot be written."""
    if file == PRINTED:
        typer.echo(text, nl=False)
    else:
        write(file, text)


def write(file: Path, text: str) -> None:
    """Whole or not at all: whoever opens the file meanwhile sees the old page."""
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise RefusedError(f"{file} cannot be written ({error.strerror}). Name another file.") from None
