"""`procore-xero audit`: Procore against Xero's books, read from both anew; prints only what differs, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

from worker import sought
from worker.called import COLUMNS as CALLED
from worker.cli.arguments import AsCsv, AsJson, Find, MaybeJobNumber
from worker.cli.exits import Exit
from worker.cli.programs import moment, say_csv, say_json
from worker.cli.progress import working
from worker.cli.screen import address, console, paragraph
from worker.counting import counted

if TYPE_CHECKING:
    from tasks.audit import Audited
    from worker.audit.result import Accepted, Difference, Result

#: Of the CSV.
COLUMNS = (
    *(
        "job_number",
        "organisation",
        "id",
        "kind",
        "title",
        *CALLED,
        "sentence",
        "records",
        "procore",
        "xero",
        "remedy",
        "commands",
    ),
    *("outcome", "hold", "accepted_by", "accepted_at", "accepted_why"),
)


def command(
    job_number: MaybeJobNumber = "",
    find: Find = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Compare what Procore says is due with what Xero holds, and show what differs and what to do about it."""
    from tasks.audit import audit_books
    from worker.assembly import parts

    with working("Reading both sides") as tell:
        audited = audit_books(parts(), job_number, tell).fitting(sought.read(find))
    if as_csv:
        say_csv(COLUMNS, [_flat(result, one) for result in audited.results for one in result.differences])
    elif as_json:
        count = len(audited.unexplained)
        paused = [{"job_number": number, "reason": why} for number, why in audited.paused]
        counts = {"differences": count, "by_holds": len(audited.differences) - count}
        say_json("audit", map(_row, audited.results), **counts, paused=paused)
    else:
        _show(audited)
    raise typer.Exit(Exit.FAILED if audited.unexplained else Exit.DONE)


def _show(audited: Audited) -> None:
    open_ones = [one for one in audited.shown if one.accepted is None]
    _blocks(audited, open_ones)
    if audited.accepted:
        paragraph("Acknowledged", style="bold")
        _blocks(audited, audited.accepted)
    for number, why in audited.paused:
        paragraph(f"{number}  paused, and it has bills in Xero", style="bold")
        paragraph(f"{why}\n", indent=2)
    waiting = len(open_ones) - len(audited.differences)
    waits = f"; {waiting} only wait{'s' if waiting == 1 else ''} for something in Xero" if waiting else ""
    if audited.accepted:
        waits += f"; {len(audited.accepted)} acknowledged"
    projects = counted(audited.projects, "project")
    count = f"{audited.count[:1].upper()}{audited.count[1:]}" if audited.differences else "No difference"
    paragraph(f"{count} in {projects}{waits}. {audited.agreed[:1].upper()}{audited.agreed[1:]}")
    if audited.unexplained:
        paragraph('What is right as it is: procore-xero acknowledge JOB_NUMBER ID --why "REASON"')


def _blocks(audited: Audited, differences: Sequence[Difference]) -> None:
    """One below the other: a table would squeeze the sentences, and fold what is to be typed."""
    organisations = {result.job_number: result.organisation for result in audited.results}
    for one in differences:
        heading = Table.grid(expand=True, padding=(0, 1))
        heading.add_column()
        heading.add_column(justify="right", style="yellow")
        where = f" ({organisations[one.job_number]})" if organisations.get(one.job_number) else ""
        heading.add_row(Text(f"{one.job_number}{where}  {one.heading}", style="bold"), Text(one.id))
        console().print(heading)
        paragraph(one.sentence, indent=2)
        if one.members:
            paragraph(one.named, indent=2, style="dim")
        if one.amounts:
            paragraph(one.amounts, indent=2, style="dim")
        if one.hold:
            paragraph(f"It is {one.outcome}: {one.hold}", indent=2, style="yellow")
        if one.accepted:
            paragraph(one.accepted.in_words, indent=2, style="dim")
        else:
            paragraph(f"To do: {one.remedy}", indent=2, style="green")
            for command in one.commands:
                address(command, indent=4)
        console().print()


def _flat(result: Result, one: Difference) -> dict[str, object]:
    """One difference as a row of a spreadsheet."""
    by = one.accepted
    accepted = {"accepted_by": by.by, "accepted_at": moment(by.at), "accepted_why": by.why} if by else {}
    place = {"job_number": result.job_number, "organisation": result.organisation, "commands": "\n".join(one.commands)}
    place["records"] = ", ".join(one.members)
    return {**_difference(one), **place, **accepted}


def _row(result: Result) -> dict[str, object]:
    return {
        "job_number": result.job_number,
        "organisation": result.organisation or None,
        "agreed": [
            {"kind": kind, "currency": currency or None, "count": count, "amount": total}
            for (kind, currency), (count, total) in result.agreed.items()
        ],
        "differences": [_difference(one) for one in result.differences],
    }


def _difference(one: Difference) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind,
        "title": one.title,
        "sentence": one.sentence,
        "procore": one.procore,
        "xero": one.xero,
        **_called(one),
        "records": list(one.members),
        "remedy": one.remedy or None,
        "commands": one.commands,
        "outcome": one.outcome or None,
        "hold": one.hold or None,
        "accepted": _accepted(one.accepted) if one.accepted else None,
    }


def _called(one: Difference) -> dict[str, object]:
    """The currency is also that of both sides' amounts."""
    return one.called.row() | {"currency": one.currency or None}


def _accepted(one: Accepted) -> dict[str, object]:
    return {"by": one.by, "at": moment(one.at), "why": one.why, "until": one.until.isoformat() if one.until else None}
