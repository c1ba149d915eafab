"""`procore-xero plan`: what a sync would do, before it does it. Writes nothing, neither to Xero nor to the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.table import Table

from worker.cli.arguments import AsJson, MaybeJobNumber
from worker.cli.exits import Exit
from worker.cli.programs import say_json
from worker.cli.progress import working
from worker.cli.screen import console, paragraph
from worker.counting import counted

if TYPE_CHECKING:
    from tasks.planning import Plan, Step

#: What is counted only: there is nothing to look at, or nothing to do about it.
_COUNTED = ("unchanged", "ignored")
_COLOURS = {
    "create": "green",
    "change": "cyan",
    "adopt": "cyan",
    "withdraw": "red",
    "held": "yellow",
    "waiting": "yellow",
}


def command(
    job_number: MaybeJobNumber = "",
    as_json: AsJson = False,
) -> None:
    """Show what a sync would create, change, adopt and hold, and what it would cost."""
    from tasks.planning import plan
    from worker.assembly import parts

    with working("Rehearsing") as tell:
        plans = plan(parts(), job_number, tell)
    if as_json:
        writes, reads = _cost(plans)
        say_json("plan", map(_row, plans), writes=writes, reads=reads)
    else:
        _show(plans)
    raise typer.Exit(Exit.FAILED if any(one.stopped for one in plans) else Exit.DONE)


def _show(plans: Sequence[Plan]) -> None:
    for one in plans:
        where = f" → {one.organisation}" if one.organisation else ""
        paragraph(f"{one.job_number}  {one.name}{where}", style="bold")
        if one.stopped:
            paragraph(one.stopped, indent=2, style="red")
        else:
            console().print(_table(one))
            for said in filter(None, (one.opening, one.payments, one.coding)):
                paragraph(said, indent=2)
            for step in one.steps:
                if step.action not in _COUNTED:
                    _show_step(step)
        typer.echo()
    writes, reads = _cost(plans)
    if not plans:
        paragraph("No project is eligible. `procore-xero doctor` says what is missing.")
        return
    wrote, read = counted(writes, "call"), counted(reads, "call")
    paragraph(f"A sync would write to Xero in {wrote}, and read in {read} as this look did.")
    paragraph("Nothing was written. To do it: procore-xero send JOB_NUMBER")


def _cost(plans: Sequence[Plan]) -> tuple[int, int]:
    """Calls to Xero: writes, reads."""
    return sum(one.writes for one in plans), sum(one.reads for one in plans)


def _table(one: Plan) -> Table:
    from tasks.planning import Action

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("", no_wrap=True)
    actions = [action for action in Action if any(action in counts for counts in one.counts.values())]
    for action in actions:
        table.add_column(str(action), justify="right", no_wrap=True)
    for kind, counts in one.counts.items():
        cells = (str(counts[action]) if action in counts else "" for action in actions)
        table.add_row(kind.replace("_", " "), *cells)
    return table


def _show_step(step: Step) -> None:
    paragraph(f"{step.action} {step.title}", indent=2, style=_COLOURS.get(step.action, ""))
    if step.called.said:
        paragraph(step.called.said, indent=4, style="bold")
    lines = step.details
    if step.code:
        sentence, remedy = lines
        lines = (f"{step.code}: {sentence}", f"To do: {remedy}")
    for line in lines:
        paragraph(line, indent=4)


def _row(one: Plan) -> dict[str, object]:
    return {
        "job_number": one.job_number,
        "project": one.name,
        "organisation": one.organisation or None,
        "stopped": one.stopped or None,
        "opening": one.opening or None,
        "payments": one.payments or None,
        "coding": one.coding or None,
        "writes": one.writes,
        "reads": one.reads,
        "counts": {kind: {str(action): n for action, n in row.items()} for kind, row in one.counts.items()},
        "steps": [
            {
                "kind": step.kind,
                "procore_id": step.procore_id,
                "title": step.title,
                **step.called.row(),
                "action": str(step.action),
                "code": step.code or None,
                "details": list(step.details),
            }
            for step in one.steps
        ],
    }
