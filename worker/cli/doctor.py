"""`procore-xero doctor`: looks at every part once, and says for what is wrong what to click or type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from worker.cli.exits import Exit
from worker.cli.screen import console, paragraph

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.doctor.finding import Finding

#: Seconds that running workers have to answer.
ANSWER_S = 1.0
_COLOURS = {"ok": "green", "warn": "yellow", "wrong": "red"}
_INDENT = 20


def command(
    fix: Annotated[bool, typer.Option("--fix", help="Create the tracking categories that Xero lacks.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check settings, access, mapping file, Xero's and Procore's set-up, and the running processes."""
    from worker.assembly import parts
    from worker.doctor.finding import State, is_well
    from worker.http import exact_json

    found = []
    for finding in examine(parts(), fix):
        found.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        typer.echo(exact_json.dumps([_as_json(finding) for finding in found]))
    else:
        wrong, warned = (sum(finding.state is state for finding in found) for state in (State.WRONG, State.WARN))
        paragraph(f"\n{len(found)} looked at: {wrong} wrong, {warned} to keep an eye on.")
    raise typer.Exit(Exit.DONE if is_well(found) else Exit.FAILED)


def examine(parts: Parts, fix: bool = False) -> Iterator[Finding]:
    """Every finding, in the order in which things are set up. Creates nothing unless `fix`."""
    from tasks.eligibility import judge_all
    from worker.doctor import logins, machine, procore, xero
    from worker.doctor.finding import wrong
    from worker.errors import ConfigError

    settings = parts.settings
    rules, said = machine.read_rules(settings)
    yield said
    yield from machine.check_ledger(parts)
    yield from machine.check_broker(lambda: _broker(settings.redis_url), _workers)
    yield from logins.check(parts)
    try:
        client = parts.procore
    except ConfigError as error:
        yield wrong("Procore", str(error))
    else:
        yield from procore.check(client, settings, lambda found: judge_all(found, settings, set()), rules)
    try:
        books = parts.xero
    except ConfigError as error:
        yield wrong("Xero", str(error))
    else:
        yield from xero.check(books, rules, datetime.now(UTC).date(), fix)


def _broker(url: str) -> str:
    from worker.cli import broker

    with broker.start(url, Path()) as running:
        return running.description


def _workers() -> Sequence[str]:
    """The names of the workers that answer a ping, as beat does too; a broker that goes away meanwhile has none."""
    from celery.beat import NODENAME_DEFAULT  # type: ignore[attr-defined]  # newer than celery's types
    from kombu.exceptions import OperationalError

    from worker.celery import app

    with suppress(OSError, OperationalError):
        answered = app.control.inspect(timeout=ANSWER_S).ping() or {}
        return sorted(name for name in answered if not name.startswith(f"{NODENAME_DEFAULT}@"))
    return []


def _show(finding: Finding) -> None:
    """State and name to the left, and everything there is to read beside them."""
    screen = console()
    head = Text.assemble((f"{finding.state:<6}", _COLOURS[finding.state]), f"{finding.about:<{_INDENT - 6}}")
    lines = Text(finding.sentence).wrap(screen, max(20, screen.width - _INDENT))
    for number, line in enumerate(lines):
        line.rstrip()
        screen.print((head if number == 0 else Text(" " * _INDENT)) + line, soft_wrap=True)
    if finding.remedy:
        paragraph(f"To do: {finding.remedy}", indent=_INDENT, style="green")


def _as_json(finding: Finding) -> dict[str, str]:
    return {
        "about": finding.about,
        "state": str(finding.state),
        "sentence": finding.sentence,
        "remedy": finding.remedy,
    }
