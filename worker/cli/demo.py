"""`procore-xero demo`: the whole sync on this machine. What runs it needs the sandbox's packages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worker.cli.sandbox import its_errors_in_ours


def command(
    stay: Annotated[bool, typer.Option("--stay", help="Keep everything running, with Flower's address.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the result here.")] = None,
    seed: Annotated[Path | None, typer.Option(help="Start from this seed file.")] = None,
) -> None:
    """Run the whole sync once on this machine, against a sandbox of both APIs."""
    with its_errors_in_ours():
        from worker.cli.demo_run import run_demo

        raise typer.Exit(run_demo(stay, json_file, seed))
