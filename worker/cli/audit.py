"""`procore-xero audit`: Procore against Xero's books, read from both anew; prints only what differs, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from worker.cli.arguments import AsJson, MaybeJobNumber
from worker.cli.exits import Exit
from worker.cli.programs import moment, say_json
from worker.cli.progress import working
from worker.cli.screen import console, paragraph

if TYPE_CHECKING:
    from tasks.audit import Audited
    from worker.audit.result import Accepted, Difference, Result


def command(
    job_number: MaybeJobNumber = "",
    as_json: AsJson = False,
) -> None:
    """Compare what Procore says is due with what Xero holds, and show the differences."""
    from tasks.audit import audit_books
    from worker.assembly import parts

    with working("Reading both sides") as tell:
        audited = audit_books(parts(), job_number, tell)
    if as_json:
        say_json("audit", map(_row, audited.results), differences=len(audited.differences))
    else:
        _show(audited)
    raise typer.Exit(Exit.FAILED if audited.differences else Exit.DONE)


def _show(audited: Audited) -> None:
    open_ones = [one for one in audited.shown if one.accepted is None]
    if open_ones:
        console().print(_table(audited, open_ones))
    if audited.accepted:
        paragraph("Acknowledged:")
        console().print(_table(audited, audited.accepted))
    count, waiting = len(audited.differences), len(open_ones) - len(audited.differences)
    found = f"{count} difference{'' if count == 1 else 's'}" if count else "No difference"
    waits = f"; {waiting} only wait{'s' if waiting == 1 else ''} for something in Xero" if waiting else ""
    if audited.accepted:
        waits += f"; {len(audited.accepted)} acknowledged"
    projects = f"{audited.projects} project{'' if audited.projects == 1 else 's'}"
    paragraph(f"{found} in {projects}{waits}. {audited.agreed[:1].upper()}{audited.agreed[1:]}")


def _table(audited: Audited, differences: Sequence[Difference]) -> Table:
    organisations = {result.job_number: result.organisation for result in audited.results}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Job", overflow="fold")
    table.add_column("What differs", overflow="fold", ratio=1)
    for side in ("Procore", "Xero"):
        table.add_column(side, justify="right", no_wrap=True)
    for one in differences:
        said = Text.assemble((one.title, "bold"), f"\n{one.sentence}")
        if one.hold:
            said.append(f" ({one.outcome}: {one.hold})", style="yellow")
        if one.accepted:
            said.append(f"\n{one.accepted.in_words}", style="dim")
        job = "\n".join(filter(None, (one.job_number, organisations.get(one.job_number), one.id)))
        table.add_row(job, said, _amount(one.procore), _amount(one.xero))
    return table


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def _row(result: Result) -> dict[str, object]:
    return {
        "job_number": result.job_number,
        "organisation": result.organisation or None,
        "agreed": {kind: {"count": count, "amount": total} for kind, (count, total) in result.agreed.items()},
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
        "outcome": one.outcome or None,
        "hold": one.hold or None,
        "accepted": _accepted(one.accepted) if one.accepted else None,
    }


def _accepted(one: Accepted) -> dict[str, object]:
    return {"by": one.by, "at": moment(one.at), "why": one.why}
