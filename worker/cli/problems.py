"""`procore-xero problems`: what needs a person, each with its sentence, its remedy and both links.

What was left out of a document that is in Xero follows under a heading of its own: nothing is held for it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from worker.cli.screen import address, console, paragraph
from worker.holds import HoldCode, Outcome

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.tables import Hold

#: A held record and the job number of its project.
Problem = tuple[str, "Hold"]


def command(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """List every record that is held, and what to do about it; then what was left out."""
    from worker.assembly import parts
    from worker.http import exact_json
    from worker.ledger.database import require_migrated

    ours = parts()
    require_migrated(ours.engine)
    found, without = of(ours), left_out(ours)
    if as_json:
        typer.echo(exact_json.dumps([_as_json(number, hold) for number, hold in [*found, *without]]))
        return
    show(found)
    if without:
        paragraph("Left out", style="bold")
        show(without)
    paragraph(_summary(found, _failed_as_a_whole(ours, found)))


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


def show(found: Sequence[Problem]) -> None:
    """A block for each: a table would squeeze the sentences, and cut the links."""
    screen = console()
    for number, hold in found:
        heading = Table.grid(expand=True, padding=(0, 1))
        heading.add_column()
        heading.add_column(justify="right", style="yellow")
        heading.add_row(Text(f"{number}  {hold.title}", style="bold"), Text(hold.code))
        screen.print(heading)
        paragraph(hold.sentence, indent=2)
        paragraph(f"To do: {hold.remedy}", indent=2, style="green")
        for name, link in (("Procore", hold.procore_url), ("Xero", hold.xero_url)):
            address(f"{name + ':':8} {link or '(not there yet)'}", indent=2)
        screen.print()


def _failed_as_a_whole(parts: Parts, found: Sequence[Problem]) -> list[str]:
    with_holds = {number for number, _ in found}
    return sorted(n for n, job in parts.jobs.latest().items() if job.state == "failed" and n not in with_holds)


def _summary(found: Sequence[Problem], failed: Sequence[str]) -> str:
    count = f"{len(found)} record{'s are' if len(found) != 1 else ' is'} held." if found else "No record is held."
    retry = (
        " When you have done it, the next pass sends them, or at once: procore-xero send JOB_NUMBER" if found else ""
    )
    whole = f" But failed as a whole: {', '.join(failed)}; `procore-xero status` says why." if failed else ""
    return count + whole + retry


def _as_json(job_number: str, hold: Hold) -> dict[str, object]:
    return {
        "job_number": job_number,
        "kind": hold.kind,
        "procore_id": hold.procore_id,
        "title": hold.title,
        "outcome": hold.outcome,
        "code": hold.code,
        "sentence": hold.sentence,
        "remedy": hold.remedy,
        "procore_url": hold.procore_url,
        "xero_url": hold.xero_url,
        "opened_at": hold.opened_at.isoformat(),
    }
