"""`procore-xero recode`: bills sent earlier are coded as the mapping file says now, where nobody has touched them.

By itself a changed file counts for new bills and for drafts. What would change is shown first; what is paid, lies in a
locked period or was edited by a person is named and left.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import send
from worker.cli.arguments import AsJson, JobNumber
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.person import user
from worker.cli.progress import working
from worker.cli.retry import ask
from worker.cli.screen import complain
from worker.cli.send import Wait

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.plan.values import Plan, Step


def command(
    job_number: JobNumber,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Code bills that were sent earlier as the mapping file says now, unless they are paid, locked or edited."""
    from tasks import by_hand
    from tasks.planning import plan

    ours = opened()
    wanted = send.one(ours, job_number.strip())
    with working("Rehearsing") as tell:
        (found,) = plan(ours, wanted.job_number, tell, recode=True)
    steps = recoded(found)
    _show(found, steps)
    if not steps:
        raise RefusedError(f"No bill of {wanted.job_number} would be recoded by the mapping file as it is now.")
    if not yes:
        ask(f"Recode {'these' if len(steps) > 1 else 'this'} {len(steps):,} in Xero?")
    say(ours, found, steps)
    raise typer.Exit(send.go_on(ours, "recode", [by_hand.send(ours, wanted)], wait, as_json))


def recoded(found: Plan) -> list[Step]:
    """What of a rehearsal would be recoded."""
    going = found.recoding.outdated.keys() - found.recoding.left.keys()
    return [step for step in found.steps if (step.kind, step.procore_id) in going and step.action == "change"]


def say(parts: Parts, found: Plan, steps: list[Step]) -> None:
    """Write down that these are to be recoded; the next job does it. Raises RefusedError."""
    from worker.ledger import tying

    job = parts.jobs.latest(found.job_number).get(found.job_number)
    if job is not None and job.state == "running":
        raise RefusedError(f"The job of {found.job_number} is running just now. Try again when it has ended.")
    by_kind: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        by_kind[step.kind].append(step.procore_id)
    tenant_id = parts.at(found.organisation).organisation.tenant_id
    for kind, ids in by_kind.items():
        if tying.say_recode(parts.engine, tenant_id, kind, ids, found.recoding.mark, user()):
            raise RefusedError(f"A job is at some {kind} just now. Try again when it has ended.")


def _show(found: Plan, steps: list[Step]) -> None:
    """On standard error, beside what the command answers."""
    for step in steps:
        complain(f"{found.recoding.title(step.kind, step.procore_id)}: {'; '.join(step.details)}")
    for (kind, procore_id), why in sorted(found.recoding.left.items()):
        complain(f"{found.recoding.title(kind, procore_id)} is left as it is: {why}")
