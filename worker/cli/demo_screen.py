"""What the demo shows: live progress on a terminal, plain lines without one; tables that fit 80 columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from worker.cli.reconcile import Line
from worker.ledger.tables import Hold, Job, Pass, ProjectRow

console = Console(highlight=False)
Show = Callable[[Pass | None, Sequence[Job]], None]
_MARKS = {"queued": "waiting", "running": "running", "done": "[green]done[/]", "failed": "[red]failed[/]"}


def started(broker: str, flower: str) -> None:
    console.print(f"[bold]Running[/]  {broker}, two sandboxes, worker, beat, Flower")
    console.print(f"[bold]Flower[/]   {flower} (login demo, password demo)")
    console.print("Beat starts the first pass by itself.\n")


@contextmanager
def progress() -> Iterator[Show]:
    """Shows a pass and its jobs as they go; without a terminal, a line for each change."""
    if not console.is_terminal:
        said: set[str] = set()
        yield lambda found, jobs: _say_changes(said, found, jobs)
        return
    with Live(Text("Waiting for beat …"), console=console, refresh_per_second=8, transient=True) as live:
        yield lambda found, jobs: live.update(_now(found, jobs))


def _say_changes(said: set[str], found: Pass | None, jobs: Sequence[Job]) -> None:
    lines = [f"Pass {found.id} has started."] if found else []
    lines += [f"{job.job_number} {job.project_name}: {job.state}" for job in jobs]
    for line in lines:
        if line not in said:
            said.add(line)
            console.print(line)


def _now(found: Pass | None, jobs: Sequence[Job]) -> Group | Text:
    if found is None:
        return Text("Waiting for beat …")
    table = Table.grid(padding=(0, 2))
    for job in jobs:
        table.add_row(job.job_number, job.project_name, _MARKS.get(job.state, job.state), _records(job))
    return Group(Text(f"Pass {found.id}: {found.message or 'discovering projects …'}"), Padding(table, (0, 0, 0, 2)))


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
    console.print(f"[bold]First pass[/]: {found.message}")
    for job in jobs:
        _indented(job.message)
    console.print("\n[bold]Not synced, and why[/]")
    for row in projects:
        if row.state != "eligible":
            _indented(f"{row.job_number or '(none)'} {row.name}: {row.reason}")
    console.print()
    console.print(_books_table(books))
    _holds(holds)
    console.print(f"Calls: {_calls(calls)}\n")


def _books_table(books: Sequence[Line]) -> Table:
    table = Table(title="Procore against Xero's books, with tax", title_justify="left", title_style="bold")
    for name in ("job", "records"):
        table.add_column(name)
    for name in ("Procore", "held", "Xero", "difference"):
        table.add_column(name, justify="right")
    for line in books:
        table.add_row(
            line.job_number,
            line.kind,
            _amount(line.procore),
            _amount(line.held),
            _amount(line.xero),
            f"[green]{line.difference:,.2f}[/]" if not line.difference else f"[red]{line.difference:,.2f}[/]",
            end_section=line.kind == "invoices",
        )
    return table


def _amount(side: tuple[int, Decimal]) -> str:
    return f"{side[0]}: {side[1]:,.2f}" if side[0] else "-"


def _holds(holds: Sequence[Hold]) -> None:
    if not holds:
        return
    console.print(f"\n[bold]{len(holds)} held[/] (each says what to do; nothing was guessed)")
    for hold in holds:
        console.print(f"  [bold]{hold.title}[/] {hold.code}")
        _indented(f"{hold.sentence}\n→ {hold.remedy}", 4)
    console.print()


def _indented(text: str, by: int = 2) -> None:
    """Text of others, brackets and all, wrapped under its own indent."""
    console.print(Padding(Text(text), (0, 0, 0, by)))


def second_pass(found: Pass, calls: Mapping[str, Counter[str]]) -> None:
    console.print(f"[bold]Second pass[/]: {found.message}")
    console.print(f"  {calls['xero']['writes']} writes to Xero. Calls: {_calls(calls)}")


def _calls(calls: Mapping[str, Counter[str]]) -> str:
    return ", ".join(
        f"{name.capitalize()} {counts['reads']} reads and {counts['writes']} writes" for name, counts in calls.items()
    )


def stay(flower: str) -> None:
    console.print(f"\nEverything stays up. Flower: {flower} (login demo, password demo). Ctrl-C ends it.")
