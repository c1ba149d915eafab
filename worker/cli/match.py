"""`procore-xero match`: a person says whether a held record is what stands in Xero already, or another one."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import send, which
from worker.cli.arguments import AsJson, JobNumber
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.person import user
from worker.cli.send import Wait
from worker.cli.which import Record

if TYPE_CHECKING:
    from worker.assembly import Parts


def command(
    job_number: JobNumber,
    record: Record,
    another: Annotated[bool, typer.Option("--another", help="It is not what stands in Xero: send it.")] = False,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Say that a held record is in Xero already, or that it is another one."""
    from tasks import by_hand

    ours = opened()
    wanted = send.one(ours, job_number.strip())
    kind, procore_id = which.record(
        ours, wanted.job_number, record, "match {job} {record}", lambda one: one.code in _codes()
    )
    note(ours, wanted.job_number, kind, procore_id, another)
    raise typer.Exit(send.go_on(ours, "match", [by_hand.send(ours, wanted)], wait, as_json))


def note(parts: Parts, job_number: str, kind: str, procore_id: str, another: bool) -> None:
    """Write down what the person says; the next job ties the two, or sends the record. Raises RefusedError."""
    from worker.holds import Outcome, title
    from worker.ledger import likeness, names
    from worker.ledger.holds import open_holds

    name = names.in_words(parts.engine, kind, procore_id)
    found = [
        hold
        for row in parts.projects.numbered(job_number)
        for hold in open_holds(parts.engine, Outcome.HELD, row.procore_id)
        if (hold.kind, hold.procore_id) == (kind, procore_id) and hold.code in _codes()
    ]
    if not found:
        raise RefusedError(
            f"{name} is not held as in Xero already, so there is nothing to match. Where it stands: "
            f"procore-xero open {shlex.quote(job_number)} {title(kind, procore_id)}"
        )
    tenant_id, who, at = found[0].tenant_id, user(), parts.now()
    if owner := likeness.say(parts.engine, tenant_id, kind, procore_id, another=another, by=who, at=at):
        raise RefusedError(f"What stands in Xero is {owner} already. If {name} is another one, add --another.")


def _codes() -> tuple[str, ...]:
    """Of what may be in Xero already."""
    from worker.holds import HoldCode

    return tuple(code.code for code in (HoldCode.MAY_BE_PAID, HoldCode.MAY_BE_IN_XERO, HoldCode.ALREADY_IN_XERO))
