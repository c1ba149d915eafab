"""`procore-xero send`: queues jobs ahead of the periodic ones, and on request shows them until they end.

A job number that discovery has judged eligible is queued at once. About any other one Procore is asked first, here: a
project that is new goes, and a mistyped number starts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import workers
from worker.cli.arguments import AsJson, job_numbers
from worker.cli.exits import Exit, RefusedError
from worker.cli.opened import opened
from worker.cli.programs import job as job_row
from worker.cli.programs import say_json
from worker.cli.progress import working
from worker.cli.screen import complain, paragraph

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.cli.which import Key
    from worker.ledger.jobs import Wanted
    from worker.ledger.records import RecordState
    from worker.ledger.tables import Job


Only = Annotated[
    str,
    typer.Option(
        "--only",
        help="Only this record, and what it names that is not in Xero yet: INV-2044, 'claim 58820', 'SC-001 claim 3', "
        "or the address of its page.",
        show_default=False,
    ),
]
Wait = Annotated[bool, typer.Option("--wait", help="Show the progress, and end when the jobs have ended.")]


def command(
    job_number: Annotated[
        str,
        typer.Argument(help="The project's job number, as in Procore.", autocompletion=job_numbers, show_default=False),
    ] = "",
    all_: Annotated[bool, typer.Option("--all", help="Send every eligible project.")] = False,
    only_: Only = "",
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Send one project, all of them, or one record to Xero now."""
    if bool(job_number.strip()) == all_:
        raise RefusedError("Give one job number, or --all. `procore-xero status` lists the projects.")
    if only_.strip() and all_:
        raise RefusedError("A record is of one project: give its job number beside --only.")
    from tasks import by_hand

    ours = opened()
    if only_.strip():
        wanted = one(ours, job_number.strip())
        raise typer.Exit(go_on(ours, "send", [only(ours, wanted, [only_])], wait, as_json))
    started = by_hand.send_all(ours) if all_ else [by_hand.send(ours, one(ours, job_number.strip()))]
    if not started:
        raise RefusedError(by_hand.NOTHING)
    raise typer.Exit(go_on(ours, "send", started, wait, as_json))


def one(parts: Parts, job_number: str) -> Wanted:
    """The one eligible project that is meant. Raises MissingReference saying why there is none."""
    from tasks import by_hand

    with working("Asking Procore"):
        return by_hand.one(parts, job_number)


def only(
    parts: Parts,
    wanted: Wanted,
    words: Sequence[str],
    command: str = "send {job} --only '{record}'",
    may_be: Callable[[RecordState], bool] = lambda one: True,
) -> Job:
    """The job of one record. Raises RefusedError."""
    from tasks import by_hand

    return by_hand.send_only(parts, wanted, *alone(parts, wanted.job_number, words, command, may_be))


def alone(
    parts: Parts,
    job_number: str,
    words: Sequence[str],
    command: str,
    may_be: Callable[[RecordState], bool] = lambda one: True,
) -> Key:
    """The record that is to go alone, which the ledger or, before it was ever read, Procore knows by this name.

    Where several are called so, it is the one that it may be. Raises RefusedError.
    """
    from tasks import by_hand
    from worker.cli import unread, which

    look = partial(unread.records, parts, job_number)
    kind, procore_id = which.record(parts, job_number, words, command, may_be, look)
    if kind not in by_hand.ALONE:
        raise RefusedError("The payment of a direct cost goes with the whole project: name the job number alone.")
    return kind, procore_id


def go_on(parts: Parts, command: str, started: Sequence[Job], wait: bool, as_json: bool) -> Exit:
    """Say what was started, or show how it ends; what a command does that has started jobs."""
    from tasks import by_hand

    if wait:
        return _wait(parts, command, started, as_json)
    if as_json:
        say_json(command, map(job_row, started))
    else:
        paragraph(f"{by_hand.said(started)} `procore-xero status` shows how they end.")
    if any(job.state == "queued" for job in started) and not workers.answering():
        complain(workers.NONE_RUNS)
    return Exit.DONE


def _wait(parts: Parts, command: str, jobs: Sequence[Job], as_json: bool) -> Exit:
    from tasks.stages import BY_NAME
    from worker.cli import call_limits, watch
    from worker.local_time import zone

    ids, used_up = [job.id for job in jobs], partial(call_limits.used_up, parts)
    try:
        ended = watch.follow(parts.jobs, ids, list(BY_NAME), zone(parts), used_up, workers.why_none_starts)
    except KeyboardInterrupt:
        complain("Not waiting any longer; what was queued goes on. `procore-xero status` shows it.")
        return Exit.INTERRUPTED
    if as_json:
        say_json(command, map(job_row, ended))
    else:
        _show(parts, ended)
    return Exit.DONE if all(job.state in ("done", "held") for job in ended) else Exit.FAILED


def _show(parts: Parts, ended: Sequence[Job]) -> None:
    from worker.cli import problems
    from worker.ledger.holds import concerns

    for job in sorted(ended, key=lambda job: job.job_number):
        paragraph(job.message if job.message.startswith(job.job_number) else f"{job.job_number}: {job.message}")
    typer.echo()
    only = {job.job_number: job.only for job in ended if job.state != "parked"}  # that one looked at no record
    found = problems.of(parts, only)
    held = [(number, hold) for number, hold in found if concerns(only[number], hold.kind, hold.procore_id)]
    problems.by_cause(held, problems.organisations(parts), problems.acknowledged(parts, held))
