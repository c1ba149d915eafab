"""`procore-xero plan`: what a sync would do, before it does it. Writes nothing, neither to Xero nor to the ledger."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from worker import called, sought
from worker.cli import files, send
from worker.cli.arguments import AsJson, Find, MaybeJobNumber
from worker.cli.exits import Exit, RefusedError
from worker.cli.problems import say_cause
from worker.cli.programs import csv_text, say_json
from worker.cli.progress import working
from worker.cli.screen import console, paragraph
from worker.cli.send import Only
from worker.counting import counted

if TYPE_CHECKING:
    from worker.plan.values import Plan, Step
    from worker.sought import Sought

#: Of the CSV: a line for each record, which a spreadsheet adds up within a currency.
COLUMNS = ("job_number", "project", "organisation", "action", "kind", "procore_id", *called.COLUMNS, "code", "details")
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
    only: Only = "",
    csv: Annotated[
        Path | None, typer.Option(help="Where to write a table; - prints it.", dir_okay=False, show_default=False)
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Where to write a page; - prints it.", dir_okay=False, show_default=False)
    ] = None,
    find: Find = "",
    as_json: AsJson = False,
) -> None:
    """Show what a sync would create, change, adopt and hold, and what it would cost."""
    from tasks.planning import plan
    from worker.assembly import parts

    wanted = files.wanted(csv, html, as_json=as_json)
    if only.strip() and not job_number.strip():
        raise RefusedError("A record is of one project: give its job number beside --only.")
    ours = parts()
    number, one = job_number.strip(), only.strip()
    key = send.alone(ours, number, [one], "plan {job} --only '{record}'") if one else None
    with working("Rehearsing") as tell:
        plans = plan(ours, number, tell, only=key)
    if find.strip():
        plans = _found(plans, sought.read(find))
    if csv is not None:
        files.put(csv, csv_text(COLUMNS, _csv_rows(plans)))
    if html is not None:
        from worker.local_time import present
        from worker.reports import plan as page

        files.put(html, page.html(plans, ours.title, present(ours)))
    if as_json:
        writes, reads = _cost(plans)
        say_json("plan", map(_row, plans), writes=writes, reads=reads)
    elif not wanted:
        _show(plans, shlex.join(["send", number or "JOB_NUMBER", *(["--only", one] if one else [])]))
    elif files.PRINTED not in wanted:
        paragraph(f"{', '.join(map(str, wanted))}: {_summary(plans)}")
    raise typer.Exit(Exit.FAILED if any(one.stopped for one in plans) else Exit.DONE)


def _found(plans: Sequence[Plan], wanted: Sought) -> list[Plan]:
    """What is looked for, and what could not be looked at. Raises RefusedError where there is nothing."""
    fitting = [one if one.stopped else one.fitting(wanted) for one in plans]
    if not any(one.stopped or one.steps for one in fitting):
        raise RefusedError("No record that a sync would look at is called so.")
    return [one for one in fitting if one.stopped or one.steps]


def _show(plans: Sequence[Plan], then: str) -> None:
    """`then` is what to type to have it done."""
    from worker.plan.values import SETTLED, STOPPED, in_calls

    for one in plans:
        where = f" → {one.organisation}" if one.organisation else ""
        paragraph(f"{one.job_number}  {one.name}{where}", style="bold")
        if one.stopped:
            paragraph(one.stopped, indent=2, style="red")
        else:
            console().print(_table(one))
            for said in filter(None, (_totals(one), one.opening, one.payments, one.coding)):
                paragraph(said, indent=2)
            for action in STOPPED:
                _show_stopped([step for step in one.steps if step.action is action])
            for step in one.steps:
                if step.action not in (*SETTLED, *STOPPED):
                    _show_step(step)
        typer.echo()
    writes, reads = _cost(plans)
    if not plans:
        paragraph("No project is eligible. `procore-xero doctor` says what is missing.")
        return
    paragraph(f"A sync would make {in_calls(writes, reads)}.")
    paragraph("Nothing was written." + (f" To do it: procore-xero {then}" if writes else ""))


def _totals(one: Plan) -> str:
    """ "create 3 claims 12,345.60 AUD, 2 payments 500.00 AUD; held 1 claim 90.00 AUD" """
    from worker.plan.values import SETTLED, totals

    found: dict[str, list[str]] = {}
    for total in totals(one.steps):
        if total.action not in SETTLED and total.amount is not None:
            found.setdefault(str(total.action), []).append(total.said)
    said = "; ".join(f"{action} {', '.join(some)}" for action, some in found.items())
    return "Nothing to do." if one.is_done else said


def _summary(plans: Sequence[Plan]) -> str:
    if all(one.is_done for one in plans):
        return "nothing to do."
    counts = Counter(step.action for one in plans for step in one.steps)
    said = ", ".join(f"{counts[action]} {action}" for action in sorted(counts))
    stopped = sum(bool(one.stopped) for one in plans)
    return f"{said}." + (f" {counted(stopped, 'project')} could not be looked at." if stopped else "")


def _csv_rows(plans: Sequence[Plan]) -> Iterator[dict[str, object]]:
    """A project of which there is nothing to tell has a line all the same."""
    for one in plans:
        project = {"job_number": one.job_number, "project": one.name, "organisation": one.organisation}
        if one.stopped:
            yield {**project, "action": "stopped", "details": one.stopped}
        elif one.is_done:
            yield {**project, "action": "nothing to do"}
        for step in one.steps:
            named = {"action": str(step.action), "kind": step.kind, "procore_id": step.procore_id, "code": step.code}
            yield {**project, **named, **step.called.row(), "details": " ".join(step.details)}


def _cost(plans: Sequence[Plan]) -> tuple[int, int]:
    """Calls to Xero: writes, reads."""
    return sum(one.writes for one in plans), sum(one.reads for one in plans)


def _table(one: Plan) -> Table:
    from worker.plan.values import Action

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("", no_wrap=True)
    actions = [action for action in Action if any(action in counts for counts in one.counts.values())]
    for action in actions:
        table.add_column(str(action), justify="right", no_wrap=True)
    for kind, counts in one.counts.items():
        cells = (str(counts[action]) if action in counts else "" for action in actions)
        table.add_row(kind.replace("_", " "), *cells)
    return table


def _show_stopped(steps: Sequence[Step]) -> None:
    """By cause, as `problems`: before the first sync one account that is missing holds hundreds."""
    from worker.reports.causes import causes

    for cause in causes(steps):
        say_cause(cause, f"{cause.records[0].action}: ", indent=2)
        for step in cause.records:
            paragraph(step.called.with_id(step.title), indent=4, style=_COLOURS[step.action])
            if cause.is_template:
                paragraph(step.sentence, indent=6)


def _show_step(step: Step) -> None:
    paragraph(f"{step.action} {step.called.with_id(step.title)}", indent=2, style=_COLOURS.get(step.action, ""))
    for line in step.details:
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
