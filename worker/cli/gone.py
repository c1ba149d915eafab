"""`procore-xero gone`: a person says that records which Procore no longer shows were deleted there.

A list that lacks them proves nothing, so their documents stay in Xero until somebody says so. What becomes of the
documents then is as the mapping file says; a record that Procore shows again is sent as before.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import send, which
from worker.cli.arguments import AsJson, JobNumber
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.retry import ask
from worker.cli.screen import complain
from worker.cli.send import Wait
from worker.cli.which import MaybeRecord

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.tables import Hold


def command(
    job_number: JobNumber,
    record: MaybeRecord = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Say that what Procore no longer shows was deleted there."""
    from tasks import by_hand

    ours = opened()
    wanted = send.one(ours, job_number.strip())
    kind, procore_id = ("", "")
    if record:
        kind, procore_id = which.record(
            ours, wanted.job_number, record, "gone {job} {record}", lambda one: one.code == _code()
        )
    found = missing(ours, wanted.job_number, kind, procore_id)
    if not yes:
        for hold in found:
            complain(f"{hold.called.with_id(hold.title)}: {hold.sentence}")
        ask(f"Were {'these' if len(found) > 1 else 'this'} {len(found):,} deleted in Procore?")
    let_go(ours, wanted.job_number, found)
    raise typer.Exit(send.go_on(ours, "gone", [by_hand.send(ours, wanted)], wait, as_json))


def missing(parts: Parts, job_number: str, kind: str = "", procore_id: str = "") -> list[Hold]:
    """What is held because Procore no longer shows it, or one of them. Raises RefusedError where there is nothing."""
    from worker.holds import Outcome, title
    from worker.ledger import names
    from worker.ledger.holds import open_holds

    found = [
        hold
        for row in parts.projects.numbered(job_number)
        for hold in open_holds(parts.engine, Outcome.HELD, row.procore_id)
        if hold.code == _code() and (kind, procore_id) in (("", ""), (hold.kind, hold.procore_id))
    ]
    if not found:
        if not kind:
            raise RefusedError(f"No record of {job_number} is held because Procore no longer shows it.")
        raise RefusedError(
            f"{names.in_words(parts.engine, kind, procore_id)} is not held as out of Procore's sight. Where it stands: "
            f"procore-xero open {shlex.quote(job_number)} {title(kind, procore_id)}"
        )
    return found


def let_go(parts: Parts, job_number: str, found: Sequence[Hold]) -> None:
    """Write down that these records are gone; the next job does what follows from it. Raises RefusedError."""
    from worker.ledger import tying
    from worker.local_time import today

    job = parts.jobs.latest(job_number).get(job_number)
    if job is not None and job.state == "running":
        raise RefusedError(f"The job of {job_number} is running just now. Try again when it has ended.")
    for hold in found:
        said = f"a person said so on {today(parts)}"
        if not tying.say_gone(parts.engine, hold.tenant_id, hold.kind, hold.procore_id, said):
            raise RefusedError(f"A job is at {hold.title} just now. Try again when it has ended.")


def _code() -> str:
    from worker.holds import HoldCode

    return HoldCode.OUT_OF_SIGHT.code
