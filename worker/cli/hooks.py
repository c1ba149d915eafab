"""`procore-xero hooks`: tells Procore where to send its webhook messages, and that it is to send none any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from worker.cli.arguments import AsJson
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.programs import say_json
from worker.cli.screen import paragraph
from worker.errors import NotPermitted

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.procore.hook_set_up import Scope


class Action(StrEnum):
    """What is done, as it is typed."""

    SET_UP = "set-up"
    SHOW = "show"
    TAKE_DOWN = "take-down"


def command(
    action: Annotated[Action, typer.Argument(help="Set up, show, or take down what is this installation's.")],
    url: Annotated[
        str, typer.Argument(help="Where Procore sends to: an https address that leads to `listen`.", show_default=False)
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Set up Procore's webhooks for `listen`, show them, or take them down. Hooks of others are left alone."""
    _refuse(action, url)
    ours = opened()
    names = {row.procore_id: row.job_number for row in ours.projects.all() if row.state == "eligible"}
    if action is Action.SET_UP:
        ours.settings.require("listen_secret")
    else:
        names |= {row.procore_id: row.job_number for row in ours.projects.begun().values()}
    rows = []
    try:
        for scope in _done(ours, action, url, sorted(names)):
            rows.append(_row(scope, names))
            if not as_json:
                _show(scope, names)
    except NotPermitted as refused:
        from worker.procore.hooks import PERMIT

        raise RefusedError(f"{refused} {PERMIT}") from None
    if as_json:
        say_json("hooks", rows)
    elif not rows:
        paragraph("There are no hooks of this installation in Procore.")


def _refuse(action: Action, url: str) -> None:
    if action is not Action.SET_UP:
        if url:
            raise RefusedError(f"`hooks {action}` takes no address.")
        return
    parts = urlsplit(url)
    is_here = (parts.scheme, parts.hostname) == ("http", "127.0.0.1")
    if not parts.hostname or not (parts.scheme == "https" or is_here):
        raise RefusedError(
            "Give the https address that leads to `listen`: procore-xero hooks set-up https://HOST/procore"
        )


def _done(parts: Parts, action: Action, url: str, project_ids: list[int]) -> Iterator[Scope]:
    from worker.procore import hook_set_up
    from worker.procore.hooks import Hooks, namespace

    settings = parts.settings
    hooks = Hooks(parts.procore.api, settings.procore_company_id, namespace(settings.installation))
    if action is Action.SET_UP:
        return hook_set_up.set_up(hooks, url, settings.listen_secret.get_secret_value(), project_ids)
    if action is Action.TAKE_DOWN:
        return hook_set_up.take_down(hooks, project_ids)
    return hook_set_up.look(hooks, project_ids)


def _show(scope: Scope, names: Mapping[int, str]) -> None:
    where = "Company" if scope.project_id is None else names[scope.project_id]
    paragraph(f"{where}: {scope.did}{f' ({scope.url})' if scope.url else ''}. {scope.why}".rstrip())
    resources: dict[str, list[str]] = {}
    for trigger in scope.triggers:
        resources.setdefault(trigger.resource, []).append(trigger.event)
    for resource, events in resources.items():
        paragraph(f"{resource}: {', '.join(events)}", indent=2)


def _row(scope: Scope, names: Mapping[int, str]) -> dict[str, object]:
    return {
        "job_number": None if scope.project_id is None else names[scope.project_id],
        "did": scope.did,
        "url": scope.url or None,
        "triggers": [{"resource": one.resource, "event": one.event} for one in scope.triggers],
        "why": scope.why or None,
    }
