"""`procore-xero init`: a mapping file to start from, explained line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worker.cli.exits import RefusedError
from worker.settings import settings

TEMPLATE = Path(__file__).with_name("mapping_template.toml")
_NEXT = """\
{path} is written. What comes next:
  1. Open it and put in your account codes; every line is explained.
  2. Put the settings for Procore and Xero into a file named .env (docs/setup.md tells how).
  3. procore-xero migrate                      makes the ledger's tables
  4. celery -A worker.celery worker -Q manual,periodic
  5. procore-xero send JOB_NUMBER --wait       sends one project, and shows it
What has no account yet is held, never guessed: procore-xero problems lists it."""


def command(force: Annotated[bool, typer.Option("--force", help="Overwrite the file that is there.")] = False) -> None:
    """Write a commented mapping file (MAPPING_FILE) to start from."""
    path = settings().mapping_file
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        raise RefusedError(f"{path} is there already. Edit it, or overwrite it with --force.") from None
    except OSError as error:
        raise RefusedError(f"{path} cannot be written ({error.strerror}). MAPPING_FILE says where it goes.") from None
    typer.echo(_NEXT.format(path=path))
