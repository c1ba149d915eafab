"""`procore-xero doctor`: looks at every part once, and says for what is wrong what to click or type."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from worker.cli.arguments import AsJson
from worker.cli.exits import Exit
from worker.cli.programs import say_json
from worker.cli.progress import working
from worker.cli.screen import console, paragraph

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.doctor.finding import Finding

_COLOURS = {"ok": "green", "warn": "yellow", "wrong": "red"}
_INDENT = 20


def command(
    fix: Annotated[bool, typer.Option("--fix", help="Create the tracking categories that Xero lacks.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check settings, access, mapping file, Xero's and Procore's set-up, and the running processes."""
    from worker.assembly import parts
    from worker.doctor.finding import State, is_well

    found = []
    findings = examine(parts(), fix)
    while (finding := _next(findings)) is not None:
        found.append(finding)
        if not as_json:
            _show(finding)
    wrong, warned = (sum(finding.state is state for finding in found) for state in (State.WRONG, State.WARN))
    if as_json:
        say_json("doctor", map(_row, found), looked_at=len(found), wrong=wrong, to_keep_an_eye_on=warned)
    else:
        paragraph(f"\n{len(found)} looked at: {wrong} wrong, {warned} to keep an eye on.")
    raise typer.Exit(Exit.DONE if is_well(found) else Exit.FAILED)


def _next(findings: Iterator[Finding]) -> Finding | None:
    with working("Looking"):
        return next(findings, None)


def examine(parts: Parts, fix: bool = False) -> Iterator[Finding]:
    """Every finding, in the order in which things are set up, none of them twice. Creates nothing unless `fix`."""
    said: set[str] = set()
    for finding in _findings(parts, fix):
        if finding.state == "ok" or finding.sentence not in said:
            yield finding
        said.add(finding.sentence)


def _findings(parts: Parts, fix: bool) -> Iterator[Finding]:
    from tasks.eligibility import judge_all
    from worker.assembly import SYSTEMS
    from worker.broker import aside
    from worker.cli import workers
    from worker.doctor import clocks, env_file, logins, machine, organisations, procore, stated_tax, xero
    from worker.doctor.finding import is_well, wrong
    from worker.errors import ConfigError
    from worker.settings import ENV_FILE

    settings = parts.settings
    rules, said = machine.read_rules(settings)
    yield said
    yield from env_file.check(Path(ENV_FILE))
    yield from machine.check_ledger(parts)
    yield from machine.check_broker(
        parts, _broker, workers.answering, lambda: aside.count_if_reached(parts.broker, settings.key_prefix)
    )
    login = {system: list(logins.check(parts, system)) for system in SYSTEMS}
    yield from chain(*login.values())
    try:
        client = parts.procore
    except ConfigError as error:
        yield wrong("Procore", str(error))
    else:
        routes = rules.organisations if rules else ()
        judge = lambda found: judge_all(found, settings, set(), routes)  # noqa: E731
        yield from procore.check(client, settings, judge, rules, stated_tax.noted(parts))
        yield from _webhooks(parts)
    try:
        # without a login each organisation would say no more than that
        for one in (parts.each() if rules else [parts]) if is_well(login["xero"]) else ():
            own = rules and organisations.of_organisation(one, rules)
            yield from organisations.named(one, xero.check(one, own, parts.machine.now().date(), fix))
    except ConfigError as error:
        yield wrong("Xero", str(error))
    yield from xero.ending_scopes(settings)
    yield from clocks.check(parts)


def _webhooks(parts: Parts) -> Iterator[Finding]:
    """Of who uses none nothing is said."""
    from worker.doctor import hooks
    from worker.doctor.finding import looked
    from worker.procore.hooks import PERMIT, Hooks, namespace

    settings = parts.settings
    if secret := settings.listen_secret.get_secret_value():
        ours = Hooks(parts.procore.api, settings.procore_company_id, namespace(settings.installation))
        eligible = [row for row in parts.projects.all() if row.state == "eligible"]
        yield from looked(hooks.ABOUT, lambda: hooks.check(ours, secret, eligible), PERMIT)


def _broker(parts: Parts) -> str:
    from worker.broker import check, installation
    from worker.errors import SyncError

    said = check.look(parts.settings)
    try:
        parts.require_own_broker()
    except installation.NotOurs:
        raise
    except SyncError:  # of the ledger, which has a line of its own
        return said
    return f"{said}; this installation is '{parts.settings.installation}' there"


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


def _row(finding: Finding) -> dict[str, str | None]:
    return {
        "about": finding.about,
        "state": str(finding.state),
        "sentence": finding.sentence,
        "remedy": finding.remedy or None,
    }
