"""`procore-xero retry`: runs a failed job again, by the same function as Flower's Retry: both make one run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import send
from worker.cli.arguments import AsJson, job_numbers
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.send import Wait
from worker.cli.which import MaybeRecord

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.tables import Job


def command(
    job_number: Annotated[
        str, typer.Argument(help="The job number of a job that failed.", autocompletion=job_numbers, show_default=False)
    ] = "",
    record: MaybeRecord = None,
    all_failed: Annotated[bool, typer.Option("--all-failed", help="Retry every job that failed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before all of them.")] = False,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Run a failed or parked job again, one record of it alone, or every job that failed."""
    if bool(job_number.strip()) == all_failed:
        raise RefusedError("Give one job number, or --all-failed. `procore-xero status` says which failed.")
    ours = opened()
    if record:
        started = [_record(ours, job_number.strip(), record)]
    else:
        started = _all(ours, yes) if all_failed else [_one(ours, job_number.strip())]
    raise typer.Exit(send.go_on(ours, "retry", started, wait, as_json))


def _one(parts: Parts, job_number: str) -> Job:
    from tasks import by_hand
    from worker.cli import known

    number = known.job_number(parts, job_number)
    job = parts.jobs.latest().get(number)
    if job is None:
        raise RefusedError(f"{number} has had no job yet. To send it: procore-xero send {number}")
    try:
        return by_hand.retry(parts, job.task_id)
    except by_hand.NothingToRetry as nothing:
        raise RefusedError(str(nothing)) from None


def _record(parts: Parts, job_number: str, words: Sequence[str]) -> Job:
    """One record alone, as `send --only` does; where several are called so, the one that did not go."""
    wanted = send.one(parts, job_number)
    return send.only(parts, wanted, words, "retry {job} {record}", lambda one: one.state in ("held", "waiting"))


def _all(parts: Parts, yes: bool) -> list[Job]:
    from tasks import by_hand

    count = len(by_hand.failed(parts))
    if not count:
        raise RefusedError(by_hand.NONE_FAILED)
    if not yes:
        ask(f"Retry {'all ' if count > 1 else 'the '}{count:,} job{'s' if count > 1 else ''} that failed?")
    if started := by_hand.retry_failed(parts):
        return started
    raise RefusedError(by_hand.NONE_FAILED)


def ask(question: str) -> None:
    """Raises RefusedError unless a person says yes."""
    if not sys.stdin.isatty():
        raise RefusedError(f"{question} Nobody is there to ask; say so with --yes.")
    if not typer.confirm(question, err=True):
        raise RefusedError("Nothing was started.")
