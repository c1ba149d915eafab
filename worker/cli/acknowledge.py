"""`procore-xero acknowledge`: a person accepts held records, or differences that the audit found, with a reason.

They stay visible, with who accepted them, why and until when. What is said of them must not change: a value that moves,
or another reason, makes another one of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.arguments import AsJson, JobNumber, day
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.person import user
from worker.cli.programs import say_json
from worker.cli.progress import working
from worker.cli.retry import ask
from worker.cli.screen import complain
from worker.cli.which import RECORD, Key
from worker.counting import counted

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.audit.result import Difference

#: Of held records and of differences.
_ID = re.compile("[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A held record or a difference. `record` is a difference's first record."""

    id: str
    title: str
    heading: str
    sentence: str
    is_hold: bool
    record: Key | None = None


def command(
    job_number: JobNumber,
    named: Annotated[
        list[str] | None,
        typer.Argument(metavar="RECORD", help=f"Ids that `problems` or `audit` shows, or a record: {RECORD}"),
    ] = None,
    why: Annotated[str, typer.Option("--why", help="The reason, for those who read it later.")] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help="The last day on which it holds: 2026-08-31.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Who accepts it; else the user of this machine.")] = "",
    held: Annotated[bool, typer.Option("--held", help="All that is held of the project now.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="All that the project's audit shows now.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Accept held records or audit differences, with a reason: they stay listed, and fail no job any more."""
    from worker.ledger import accepted, watched
    from worker.ledger.accepted import Acceptance
    from worker.local_time import today

    if not why.strip():
        raise RefusedError('Give the reason: --why "paid by card, see mail of 3 August".')
    if sum((bool(named), held, everything)) != 1:
        raise RefusedError(
            "Name a record, or ids of differences (`procore-xero audit` shows them; --all is all of them) or of held "
            "records (`procore-xero problems` shows them; --held is all of them)."
        )
    ours = opened()
    last = day(until)
    if last is not None and last < today(ours):
        raise RefusedError(f"{last.isoformat()} is over. Name a day from today on, or leave --until out.")
    number, found = _chosen(ours, job_number.strip(), " ".join(named or ()).split(), held)
    if not yes:
        for one in found:
            complain(f"{one.id} {one.heading}: {one.sentence}")
        ask(f"Is {'this' if len(found) == 1 else 'each of these'} as it is to be?")
    rows = [(one.id, one.title, one.sentence) for one in found]
    who = by.strip() or user()
    accepted.acknowledge(ours.engine, number, rows, Acceptance(who, ours.now(), why.strip(), last))
    watched.accept(ours.engine, {one.record for one in found if one.record}, ours.now())
    if as_json:
        said = [{"id": one.id, "title": one.title} for one in found]
        say_json("acknowledge", said, acknowledged=len(found), until=last.isoformat() if last else None)
        return
    of_holds = sum(one.is_hold for one in found)
    parts = [counted(of_holds, "held record")] if of_holds else []
    parts += [counted(len(found) - of_holds, "difference")] if len(found) > of_holds else []
    ends = f" until {last.isoformat()}" if last else ""
    typer.echo(f"{' and '.join(parts)} of {number} acknowledged by {who}{ends}.")


def _chosen(parts: Parts, job_number: str, words: Sequence[str], held: bool) -> tuple[str, list[_Chosen]]:
    """The job number as it is written, and what is meant. What is held is read from the ledger alone, and the audit
    is asked only for what is not. Raises RefusedError where one is not there."""
    number, holds = _held(parts, job_number)
    if held:
        if not holds:
            raise RefusedError(f"Nothing is held of {number}.")
        return number, list(holds.values())
    by_id = {one.id: one for one in holds.values()}
    ids = [word.casefold() for word in words]
    rest = [id_ for id_ in ids if id_ not in by_id]
    if words and not rest:
        return number, [by_id[id_] for id_ in ids]
    key = _record(parts, number, holds, words) if words else None
    if key in holds:
        return number, [holds[key]]
    differences = chosen(parts, job_number, () if key else rest, key)
    found = [_Chosen(one.id, one.title, one.heading, one.sentence, False, *one.records[:1]) for one in differences]
    return differences[0].job_number, [by_id[id_] for id_ in ids if id_ in by_id] + found


def _record(parts: Parts, job_number: str, holds: Mapping[Key, _Chosen], words: Sequence[str]) -> Key | None:
    """The record that these words name; None where they can only be ids. Raises RefusedError.

    An invoice number may look like an id, so a record that is called so goes before.
    """
    from worker.cli import which

    text = " ".join(words).casefold()
    if key := next((key for key, one in holds.items() if one.title.casefold() == text), None):
        return key
    if all(_ID.fullmatch(word) for word in text.split()) and not which.called(parts, job_number, words):
        return None
    command = 'acknowledge {job} {record} --why "…"'
    return which.record(parts, job_number, words, command, lambda one: (one.kind, one.procore_id) in holds)


def _held(parts: Parts, job_number: str) -> tuple[str, dict[Key, _Chosen]]:
    """What is held of a project, by record; nothing of a job number that no project has."""
    from worker.ledger.holds import open_holds

    found: dict[Key, _Chosen] = {}
    number = job_number
    for row in parts.projects.numbered(job_number):
        number = row.job_number
        for hold in open_holds(parts.engine, project_id=row.procore_id):
            heading = hold.called.with_id(hold.title)
            found[hold.kind, hold.procore_id] = _Chosen(hold.short_id, hold.title, heading, hold.sentence, True)
    return number, found


def chosen(parts: Parts, job_number: str, ids: Collection[str], record: Key | None = None) -> list[Difference]:
    """The differences of these ids as the audit finds them now, those of this record, or all. Raises RefusedError where
    one is not there."""
    from tasks.audit import audit_books
    from worker.audit.result import NO_PROJECT
    from worker.ledger.names import in_words

    with working("Reading both sides") as tell:
        audited = audit_books(parts, "" if job_number == NO_PROJECT else job_number, tell)
    open_ones = {one.id: one for one in audited.differences if job_number != NO_PROJECT or one.job_number == NO_PROJECT}
    if record:
        found = [one for one in open_ones.values() if one.records[:1] == (record,)]
        if not found:
            name = in_words(parts.engine, *record)
            raise RefusedError(f"{name} of {job_number} is not held, and the audit finds it as it is to be.")
        return found
    missing = [id_ for id_ in ids if id_ not in open_ones]
    if missing or not open_ones:
        named = f"no difference {', '.join(missing)}" if missing else "no difference that is open"
        also = "Nothing is held by that id, and the" if missing else "The"
        raise RefusedError(f"{also} audit of {job_number} finds {named}. Run `procore-xero audit {job_number}` again.")
    return [open_ones[id_] for id_ in ids] if ids else list(open_ones.values())
