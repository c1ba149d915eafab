"""All commands in one place, and the one way in which each of them ends.

An error is one sentence on standard error and an exit code, never a traceback. What a command needs is imported when
it runs: `--help` stays quick, and the sandbox's packages are not needed by the others.
"""

from __future__ import annotations

import os
import select
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from worker.cli import (
    acknowledge,
    audit,
    calls,
    connect,
    doctor,
    export,
    gone,
    history,
    hooks,
    init,
    listen,
    match,
    migrate,
    month_end,
    open,
    plan,
    problems,
    recode,
    report,
    resend,
    retention,
    retry,
    sandbox,
    send,
    start,
    status,
    tie,
    unpark,
    untie,
    vendors,
)
from worker.cli.exits import MEANINGS, Exit, code_of
from worker.cli.helping import CONTEXT, Asking, Command, PlainFlags, examples
from worker.cli.programs import SHAPE
from worker.cli.screen import complain
from worker.errors import SyncError

_EPILOG = "\n".join([SHAPE, "", "Exit codes:", *(f"{code.value} {meaning}" for code, meaning in MEANINGS.items())])
#: The commands by what they are for, as `--help` shows them.
_GROUPS = {
    "Look": (status, problems, open, vendors, history, calls, export),
    "Send": (send, retry, resend, recode, match, gone, tie, untie, unpark),
    "Check": (plan, audit, acknowledge, report, retention, month_end, doctor),
    "Set up": (init, migrate, connect, start, listen, hooks),
    "Try": (sandbox,),
}


class _Commands(PlainFlags, TyperGroup):
    """Runs a command and turns its error into a sentence."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SyncError as error:
            complain(str(error))
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
#: What reads both systems and starts nothing.
_ASKING = (plan, audit, retention, month_end, doctor)
for _panel, _modules in _GROUPS.items():
    for _module in _modules:
        _name = _module.__name__.rpartition(".")[2].replace("_", "-")
        _kind = Asking if _module in _ASKING else Command
        app.command(_name, cls=_kind, epilog=examples(_name), rich_help_panel=_panel)(_module.command)


def _say_version(asked: bool) -> None:
    """As pyproject.toml has it, through what was installed."""
    from importlib.metadata import version

    if asked:
        typer.echo(f"procore-xero {version('procore-xero')}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    pass


@app.command(cls=Command, epilog=examples("demo"), rich_help_panel="Try")
def demo(
    stay: Annotated[bool, typer.Option("--stay", help="Keep everything running, with Flower's address.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the result here.")] = None,
    seed: Annotated[Path | None, typer.Option(help="Start from this seed file.")] = None,
) -> None:
    """Run the whole sync once on this machine, against a sandbox of both APIs."""
    with sandbox.its_errors_in_ours():
        from worker.cli.demo import run_demo

        raise typer.Exit(run_demo(stay, json_file, seed))


def run() -> None:
    """Run the command that was typed, and leave the process; a mistake of ours is a sentence as well."""
    output = _copied_output()
    try:
        app(prog_name="procore-xero")
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
