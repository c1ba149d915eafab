"""All commands in one place, and the one way in which each of them ends.

An error is one sentence on standard error and an exit code, never a traceback. A command is loaded when it is typed,
and what it needs when it runs: the others stay quick, and do without the sandbox's packages.
"""

from __future__ import annotations

import os
import select
import sys
import traceback
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from worker.cli.exits import MEANINGS, Exit, code_of
from worker.cli.helping import CONTEXT, Asking, Command, PlainFlags, examples
from worker.cli.programs import SHAPE
from worker.cli.screen import complain
from worker.errors import SyncError

#: Said by `run`: this process is for the command alone, and so is its log.
_OWN_PROCESS = object()
_EPILOG = "\n".join([SHAPE, "", "Exit codes:", *(f"{code.value} {meaning}" for code, meaning in MEANINGS.items())])
#: The commands by what they are for, as `--help` shows them; each is `command` of the module of its name.
_PANELS = {
    "Look": ("status", "problems", "open", "vendors", "history", "calls", "export"),
    "Send": ("send", "retry", "resend", "recode", "match", "gone", "tie", "untie", "unpark"),
    "Check": ("plan", "audit", "acknowledge", "report", "retention", "month-end", "doctor"),
    "Set up": ("init", "migrate", "connect", "start", "listen", "hooks"),
    "Try": ("sandbox", "demo"),
}
_PANEL_OF = {name: panel for panel, names in _PANELS.items() for name in names}
#: What reads both systems and starts nothing.
_ASKING = ("plan", "audit", "retention", "month-end", "doctor")


class _Loaded(Mapping[str, Any]):
    """The commands by name. Each is loaded when it is asked for: loading all takes as long as some of them run."""

    def __getitem__(self, name: str) -> Any:
        panel = _PANEL_OF[name]
        kind = Asking if name in _ASKING else Command
        module = import_module(f"worker.cli.{name.replace('-', '_')}")
        alone = typer.Typer(add_completion=False)
        alone.command(name, cls=kind, epilog=examples(name), rich_help_panel=panel)(module.command)
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(_PANEL_OF)

    def __len__(self) -> int:
        return len(_PANEL_OF)


class _Commands(PlainFlags, TyperGroup):
    """Runs a command and turns its error into a sentence."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Loaded()  # type: ignore[assignment]  # nobody adds one

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SyncError as error:
            complain(error.now)
            raise typer.Exit(code_of(error)) from None
        except typer.Abort:  # at a question, where Ctrl-C and the end of input are one
            raise typer.Exit(Exit.INTERRUPTED) from None


app = typer.Typer(
    cls=_Commands,
    help="Carries Procore projects' vendors, cost codes, claims, payments and invoices into Xero.",
    epilog=_EPILOG,
    context_settings=CONTEXT,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _say_version(asked: bool) -> None:
    """As pyproject.toml has it, through what was installed."""
    if asked:
        from importlib.metadata import version

        typer.echo(f"procore-xero {version('procore-xero')}")
        raise typer.Exit


@app.callback()
def program(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    if ctx.obj is _OWN_PROCESS and ctx.invoked_subcommand not in _PANELS["Look"]:  # they write no log
        from worker import logs

        logs.configure("WARNING")


def run() -> None:
    """Run the command that was typed, and leave the process; a mistake of ours is a sentence as well."""
    output = _copied_output()
    try:
        app(prog_name="procore-xero", obj=_OWN_PROCESS)
    except Exception as error:
        complain(_unexpected(error))
        sys.exit(Exit.OTHER)
    finally:
        if output is not None and _nobody_reads(output):
            sys.exit(Exit.UNREAD)


def _copied_output() -> int | None:
    """A copy of standard output: the library that prints puts /dev/null in its place when nobody reads any more."""
    try:
        return os.dup(1)
    except OSError:  # this process has none
        return None


def _nobody_reads(output: int) -> bool:
    """Whether the program that read what this one prints has ended, as `| head` does."""
    asked = select.poll()
    asked.register(output, 0)
    return any(event & select.POLLERR for _, event in asked.poll(0))


def _unexpected(error: Exception) -> str:
    """A mistake of ours: where it happened is what whoever repairs it needs."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "an unknown place"
    return f"Unexpected {type(error).__name__}: {error} ({where}). Please report this sentence."
