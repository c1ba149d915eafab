"""`procore-xero acknowledge`: a person accepts differences that the audit found, once, with a reason.

They stay visible, apart, with who accepted them and why. What an audit says of them must not change: a value that moves
makes another difference of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.arguments import AsJson, JobNumber
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.person import user
from worker.cli.programs import say_json
from worker.cli.progress import working
from worker.cli.retry import ask
from worker.counting import counted

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.audit.result import Difference


def command(
    job_number: JobNumber,
    ids: Annotated[
        list[str] | None, typer.Argument(help="The differences, by the ids that `audit` shows.", show_default=False)
    ] = None,
    why: Annotated[str, typer.Option("--why", help="The reason, for who reads the audit later.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who accepts it; else the user of this machine.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that the project's audit shows now.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Accept differences that the audit found, with a reason; they are shown apart from then on."""
    from worker.ledger import accepted, watched
    from worker.ledger.accepted import Acceptance

    if not why.strip():
        raise RefusedError('Give the reason: --why "paid by card, see mail of 3 August".')
    if bool(ids) == everything:
        raise RefusedError("Name differences by their ids, or all of them by --all: `procore-xero audit` shows them.")
    ours = opened()
    found = chosen(ours, job_number.strip(), [one.strip().casefold() for one in ids or ()])
    if not yes:
        for one in found:
            typer.echo(f"{one.id} {one.heading}: {one.sentence}", err=True)
        ask(f"Is {'this' if len(found) == 1 else 'each of these'} as it is to be?")
    rows = [(one.id, one.title, one.sentence) for one in found]
    who = by.strip() or user()
    new = accepted.acknowledge(ours.engine, found[0].job_number, rows, Acceptance(who, ours.now(), why.strip()))
    watched.accept(ours.engine, {record for one in found for record in one.records[:1]}, ours.now())
    if as_json:
        say_json("acknowledge", [{"id": one.id, "title": one.title} for one in found], acknowledged=new)
    else:
        typer.echo(f"{counted(new, 'difference')} of {found[0].job_number} acknowledged by {who}.")


def chosen(parts: Parts, job_number: str, ids: list[str]) -> list[Difference]:
    """The differences of these ids as the audit finds them now, or all. Raises RefusedError where one is not there."""
    from tasks.audit import audit_books
    from worker.audit.result import NO_PROJECT

    with working("Reading both sides") as tell:
        audited = audit_books(parts, "" if job_number == NO_PROJECT else job_number, tell)
    open_ones = {one.id: one for one in audited.differences if job_number != NO_PROJECT or one.job_number == NO_PROJECT}
    missing = [id_ for id_ in ids if id_ not in open_ones]
    if missing or not open_ones:
        named = f"no difference {', '.join(missing)}" if missing else "no difference that is open"
        raise RefusedError(f"The audit of {job_number} finds {named}. Run `procore-xero audit {job_number}` again.")
    return [open_ones[id_] for id_ in ids] if ids else list(open_ones.values())
