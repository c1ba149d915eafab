"""What the demo shows: live progress on a terminal, plain lines without one; tables that fit 80 columns."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from worker.cli.reconcile import Line
from worker.cli.screen import address, paragraph
from worker.ledger.tables import Hold, Job, Pass, ProjectRow

console = Console(highlight=False)
Show = Callable[[Pass | None, Sequence[Job]], None]
_STYLES = {"running": "bold", "done": "green", "held": "yellow", "failed": "red", "parked": "yellow"}


def started(broker: str, flower: str) -> None:
    console.print(f"[bold]Running[/]  {broker}, two sandboxes, worker, beat, Flower")
    console.print(f"[bold]Flower[/]   {flower} (login demo, password demo)")
    console.print("Beat starts the first pass by itself.\n")


@contextmanager
def until_stopping() -> Iterator[None]:
    """At the end, whatever brings it: a word about the seconds that follow."""
    try:
        yield
    finally:
        console.print("\n[dim]Stopping everything …[/]")


@contextmanager
def progress(interval_s: float) -> Iterator[Show]:
    """Shows a pass and its jobs as they go; without a terminal, a line for each change."""
    if not console.is_interactive:
        said: set[str] = set()
        yield lambda found, jobs: _say_changes(said, found, jobs)
        return
    waiting = f"Waiting for beat, which starts a pass every {interval_s:g} seconds …"
    spinner = Spinner("dots", waiting)

    def show(found: Pass | None, jobs: Sequence[Job]) -> None:
        if found is not None:
            spinner.update(text=f"Pass {found.id}: {found.message or 'discovering projects …'}")
        live.update(Group(spinner, _jobs_table(jobs)))

    with Live(spinner, console=console, refresh_per_second=8, transient=True) as live:
        yield show


def _say_changes(said: set[str], found: Pass | None, jobs: Sequence[Job]) -> None:
    lines = [f"Pass {found.id} has started."] if found else []
    lines += [f"{job.job_number} {job.project_name}: {job.state}" for job in jobs]
    for line in lines:
        if line not in said:
            said.add(line)
            console.print(Text(line))


def _jobs_table(jobs: Sequence[Job]) -> Padding:
    table = Table.grid(padding=(0, 2))
    for job in jobs:
        state = Text(job.state, _STYLES.get(job.state, "dim"))
        table.add_row(Text(job.job_number), Text(job.project_name), state, _records(job))
    return Padding(table, (0, 0, 0, 2))


def _records(job: Job) -> str:
    records = sum(sum(outcomes.values()) for outcomes in job.counts.values())
    return f"{records} records" if records else ""


def first_pass(
    found: Pass,
    jobs: Sequence[Job],
    projects: Sequence[ProjectRow],
    books: Sequence[Line],
    holds: Sequence[Hold],
    calls: Mapping[str, Counter[str]],
) -> None:
    console.print(f"[bold]Pass {found.id}[/]: {found.message}")
    for job in jobs:
        paragraph(job.message, 2)
    paragraph(_calls(calls), 2)
    console.print("\n[bold]Not synced, and why[/]")
    for row in projects:
        if row.state != "eligible":
            paragraph(f"{row.job_number or '(none)'} {row.name}", 2)
            paragraph(row.reason, 4)
    console.print("\n[bold]Procore against Xero's books[/] (how many, and how much with tax)")
    console.print(_books_table(books))
    _holds(holds, {row.procore_id: row.job_number for row in projects})


def _books_table(books: Sequence[Line]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in (" job", "records"):
        table.add_column(name)
    for name in ("Procore", "held", "Xero", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    for before, line in zip([None, *books], books, strict=False):
        again = before is not None and before.job_number == line.job_number
        table.add_row(
            Text("" if again else f" {line.job_number}"),
            line.kind,
            _amount(line.procore),
            _amount(line.held),
            _amount(line.xero),
            Text(f"{line.difference:,.2f}", "red" if line.difference or line.missing else "green"),
            end_section=line.kind == "invoices",
        )
    return table


def _amount(side: tuple[int, Decimal]) -> str:
    return f"{side[0]}: {side[1]:,.2f}" if side[0] else "-"


def _holds(holds: Sequence[Hold], job_numbers: Mapping[int, str]) -> None:
    if not holds:
        return
    counted = ", ".join(f"{count} {outcome}" for outcome, count in Counter(hold.outcome for hold in holds).items())
    console.print(f"[bold]{counted}[/] (each says what to do; nothing was guessed)")
    for hold in holds:
        number = job_numbers.get(hold.project_id, "")
        paragraph(f"{number} {hold.called.with_id(hold.title)}: {hold.code}".strip(), 2, "bold")
        paragraph(hold.sentence, 4)
        paragraph(f"→ {hold.remedy}", 4)
    console.print()


def second_pass(found: Pass, calls: Mapping[str, Counter[str]]) -> None:
    console.print(f"[bold]Pass {found.id}, in which nothing was new[/]: {found.message}")
    paragraph(f"{calls['xero']['writes']} writes to Xero", 2)
    paragraph(_calls(calls), 2)


def _calls(calls: Mapping[str, Counter[str]]) -> str:
    each = (f"{name.capitalize()} {n['reads']} reads, {n['writes']} writes" for name, n in calls.items())
    return "Calls: " + "; ".join(each)


def stay(flower: str, page: str, enter: str, to_mend: Sequence[str], minutes: int) -> None:
    """Where everything is, and what to type; the lines are to be copied, so that none is folded."""
    address("")
    address(f"Everything stays up until Ctrl-C. Flower: {flower}")
    address("The failed job is there under Tasks, with its Retry button (login demo, password demo).", 2)
    address(f"Sandbox: {page}")
    address("There you enter a supplier, approve a claim, take Xero away and give it back.", 2)
    address(f"From now on a pass starts every {minutes} minutes; Retry, and send, start a job at once.")
    address("In another terminal:")
    address(enter, 2)
    address("procore-xero problems", 2)
    if to_mend:
        address("procore-xero init               # asks for the account that is missing", 2)
        address(f"procore-xero retry {shlex.quote(to_mend[-1])} --wait", 2)
