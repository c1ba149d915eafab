"""`procore-xero problems`: what needs a person, each with its sentence, its remedy and both links.

What was left out of a document that is in Xero follows under a heading of its own: nothing is held for it.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from worker.called import COLUMNS as CALLED
from worker.cli.arguments import AsCsv, AsJson, Find, job_numbers
from worker.cli.opened import opened
from worker.cli.programs import moment, say_csv, say_json
from worker.cli.screen import address, console, nothing_yet, paragraph
from worker.cli.wanted import NotSent, Wanted, read
from worker.counting import counted
from worker.holds import HoldCode, Outcome

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.accepted import Acceptance
    from worker.ledger.paused import Paused
    from worker.ledger.tables import Hold
    from worker.reports.causes import Cause

#: Of what nobody has acknowledged anything.
NONE: Mapping[int, Acceptance] = {}
#: A held record and the job number of its project.
Problem = tuple[str, "Hold"]
#: Of the CSV.
COLUMNS = (
    *("job_number", "organisation", "kind", "procore_id", "title", *CALLED, "outcome", "code", "sentence", "remedy"),
    *("procore_url", "xero_url", "opened_at", "id", "acknowledged_by", "acknowledged_why", "acknowledged_until"),
)


def command(
    project: Annotated[
        str, typer.Option(help="Only this project: its job number.", autocompletion=job_numbers, show_default=False)
    ] = "",
    kind: Annotated[str, typer.Option(help="Only this kind of record, such as claims.", show_default=False)] = "",
    code: Annotated[str, typer.Option(help="Only this reason, such as vendor_missing.", show_default=False)] = "",
    outcome: Annotated[NotSent | None, typer.Option(help="Instead of what is held.", show_default=False)] = None,
    find: Find = "",
    details: Annotated[
        bool, typer.Option("--details", help="Each record with what to do about it, and its addresses.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List what is held, grouped by cause, with what to do and a line for each record; then what was left out."""
    from worker.ledger import history
    from worker.ledger.database import name_of
    from worker.reports.causes import causes

    ours = opened()
    wanted = read(ours, project, kind, code, outcome, find)
    found = [one for one in _open(ours, Outcome(wanted.outcome or Outcome.HELD)) if wanted.fits(*one)]
    without = [] if wanted.outcome else [one for one in left_out(ours) if wanted.fits(*one)]
    where, known = organisations(ours), acknowledged(ours, found)
    rows = [_row(number, hold, where) | _known(known.get(hold.id)) for number, hold in [*found, *without]]
    paused = [] if wanted.is_narrow else _paused(ours, wanted.job_number)
    if as_csv:
        say_csv(COLUMNS, rows)
    elif as_json:
        failed = _failed_as_a_whole(ours, wanted.job_number)
        by = [_cause_row(one) for one in causes([hold for _, hold in found])]
        counts = {"count": len(found), "left_out": len(without)}
        say_json("problems", rows, **counts, causes=by, failed_as_a_whole=failed, paused=list(map(_paused_row, paused)))
    else:
        how = show if details else by_cause
        how(found, where, known)
        if without:
            paragraph("Sent, and worth a look\n", style="bold")
            how(without, where)
        for one in paused:
            title = f"{one.row.job_number}  {one.row.name}".strip()
            paragraph(f"{title}: paused, and it has bills in Xero", style="bold")
            paragraph(one.reason, indent=2)
            command = f"procore-xero audit {shlex.quote(one.row.job_number)}".removesuffix(" ''")
            paragraph(f"What is still open there: {command}\n", indent=2, style="green")
        failed = [] if wanted.is_narrow else _failed_as_a_whole(ours, wanted.job_number)
        is_new = not rows and not history.passes(ours.engine, 1)  # nothing is held where nothing was ever sent
        if is_new:
            nothing_yet(name_of(ours.engine))
        else:
            paragraph(_summary(wanted, len(found), failed))
            if rows and not details:
                paragraph("Each with its own words and addresses: procore-xero problems --details")


def of(parts: Parts, job_numbers: Collection[str] | None = None) -> list[Problem]:
    """Every open hold, by job number, or those of these job numbers."""
    return [one for one in _open(parts, Outcome.HELD) if job_numbers is None or one[0] in job_numbers]


def left_out(parts: Parts) -> list[Problem]:
    """What is ignored, and yet a person may want to see to in Xero."""
    codes = {code.code for code in HoldCode if code.is_left_out}
    return [(number, hold) for number, hold in _open(parts, Outcome.IGNORED) if hold.code in codes]


def _open(parts: Parts, outcome: Outcome) -> list[Problem]:
    from worker.ledger.holds import open_holds

    numbers = {row.procore_id: row.job_number for row in parts.projects.all()}
    found = [(numbers.get(hold.project_id, ""), hold) for hold in open_holds(parts.engine, outcome)]
    return sorted(found, key=lambda problem: problem[0])


def organisations(parts: Parts) -> dict[int, str]:
    """Project id to the organisation that the project goes to; empty where there is but one."""
    return {row.procore_id: row.organisation for row in parts.projects.all() if row.organisation}


def acknowledged(parts: Parts, found: Sequence[Problem]) -> dict[int, Acceptance]:
    """Which of these were acknowledged, by the hold's id."""
    from worker.ledger import accepted
    from worker.local_time import today

    numbers = {hold.project_id: number for number, hold in found}
    return accepted.of_holds(parts.engine, (hold for _, hold in found), numbers, today(parts))


def by_cause(
    found: Sequence[Problem], organisations: Mapping[int, str], acknowledged: Mapping[int, Acceptance] = NONE
) -> None:
    """What holds them, in the order of the sync, and below each cause a line for each record."""
    from worker.reports.causes import causes

    numbers = {hold.id: number for number, hold in found}
    for cause in causes([hold for _, hold in found]):
        say_cause(cause)
        for hold in cause.records:
            where = f" ({organisations[hold.project_id]})" if hold.project_id in organisations else ""
            said = f"{numbers[hold.id]}{where}  {hold.called.said or hold.title}"
            said += f"  [{hold.title}, {hold.short_id}]" if hold.called.said else f"  [{hold.short_id}]"
            said += f"  {acknowledged[hold.id].said}" if hold.id in acknowledged else ""
            paragraph(said, indent=2, style="dim" if hold.id in acknowledged else "")
        console().print()


def say_cause(cause: Cause[Any], prefix: str = "", indent: int = 0) -> None:
    """Why its records did not go, and what to do about it."""
    console().print(Padding(_heading(f"{prefix}{cause.said}", cause.code), (0, 0, 0, indent)))
    paragraph(f"To do: {cause.remedy}", indent=indent + 2, style="green")


def _heading(said: str, code: str) -> Table:
    heading = Table.grid(expand=True, padding=(0, 1))
    heading.add_column(overflow="fold", ratio=1)
    heading.add_column(justify="right", style="yellow")
    heading.add_row(Text(said, style="bold"), Text(code))
    return heading


def show(
    found: Sequence[Problem], organisations: Mapping[int, str], acknowledged: Mapping[int, Acceptance] = NONE
) -> None:
    """A block for each: a table would squeeze the sentences, and cut the links."""
    screen = console()
    for number, hold in found:
        where = f" ({organisations[hold.project_id]})" if hold.project_id in organisations else ""
        screen.print(_heading(f"{number}{where}  {hold.called.said or hold.title}", hold.code))
        paragraph(f"{hold.title}, {hold.short_id}" if hold.called.said else hold.short_id, indent=2, style="dim")
        paragraph(hold.sentence, indent=2)
        paragraph(f"To do: {hold.remedy}", indent=2, style="green")
        if hold.id in acknowledged:
            paragraph(
                f"{acknowledged[hold.id].said[:1].upper()}{acknowledged[hold.id].said[1:]}", indent=2, style="dim"
            )
        for name, link in (("Procore", hold.procore_url), ("Xero", hold.xero_url)):
            address(f"{name + ':':8} {link or '(not there yet)'}", indent=2)
        screen.print()


def _paused(parts: Parts, job_number: str) -> list[Paused]:
    """Projects of which nothing is sent any more, and of which something is or may be open."""
    from worker.ledger.paused import paused

    return [one for one in paused(parts.engine) if job_number in ("", one.row.job_number)]


def _paused_row(one: Paused) -> dict[str, object]:
    said = {"reason": one.row.reason, "still_open": one.still_open or None}
    return {"job_number": one.row.job_number, **said}


def _failed_as_a_whole(parts: Parts, job_number: str) -> list[str]:
    """Jobs that failed before they came to any record."""
    with_holds = {number for number, _ in of(parts)}
    failed = (number for number, job in parts.jobs.latest().items() if job.state == "failed")
    return sorted(number for number in failed if number not in with_holds and job_number in ("", number))


def _summary(wanted: Wanted, found: int, failed: Sequence[str]) -> str:
    outcome = wanted.outcome or Outcome.HELD.value
    of = f" of {wanted.job_number}" if wanted.job_number else ""
    of += " like that" if wanted.is_narrow else ""
    count = f"{counted(found, 'record') if found else 'No record'}{of} {'are' if found > 1 else 'is'} {outcome}."
    go = "they go" if found > 1 else "it goes"
    retry = f" When you have done it, {go} within an hour, or at once: procore-xero send JOB_NUMBER"
    whole = f" But failed as a whole: {', '.join(failed)}; `procore-xero status` says why." if failed else ""
    return count + whole + (retry if found and outcome == Outcome.HELD else "")


def _row(job_number: str, hold: Hold, organisations: Mapping[int, str]) -> dict[str, object]:
    return {
        "job_number": job_number,
        "organisation": organisations.get(hold.project_id),
        "kind": hold.kind,
        "procore_id": hold.procore_id,
        "title": hold.title,
        **hold.called.row(),
        "outcome": hold.outcome,
        "code": hold.code,
        "sentence": hold.sentence,
        "remedy": hold.remedy,
        "procore_url": hold.procore_url or None,
        "xero_url": hold.xero_url or None,
        "opened_at": moment(hold.opened_at),
        "id": hold.short_id,
    }


def _cause_row(one: Cause[Hold]) -> dict[str, object]:
    return {"code": one.code, "sentence": one.sentence, "remedy": one.remedy, "count": len(one.records)} | {
        "amounts": dict(one.amounts)
    }


def _known(said: Acceptance | None) -> dict[str, object]:
    values = (said.by, said.why, said.until.isoformat() if said.until else None) if said else (None, None, None)
    return dict(zip(("acknowledged_by", "acknowledged_why", "acknowledged_until"), values, strict=True))
