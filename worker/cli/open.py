"""`procore-xero open`: the page of one record, and where it stands; from the ledger alone."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import which
from worker.cli.arguments import AsJson, JobNumber
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.programs import say_json
from worker.cli.screen import address, paragraph
from worker.cli.which import Record
from worker.holds import title

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.records import RecordState


def command(
    job_number: JobNumber,
    record: Record,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the addresses.")] = False,
    as_json: AsJson = False,
) -> None:
    """Open a record's page in Xero, or in Procore as long as it is not in Xero, and say where it stands."""
    from worker.cli import known, records

    ours = opened()
    number = known.job_number(ours, job_number)
    one = _state(ours, number, *which.record(ours, number, record, "open {job} {record}"))
    links = _links(ours, one)
    if as_json:
        say_json("open", [records.row(one, links["Xero"]) | {"procore_url": links["Procore"]}])
        return
    paragraph(f"{number}  {which.in_words(one)}", style="bold")
    for said in filter(None, (one.sentence, one.remedy and f"To do: {one.remedy}")):
        paragraph(said, indent=2)
    for name, link in links.items():
        address(f"{name + ':':8} {link or '(not there yet)'}", indent=2)
    if not no_browser:
        webbrowser.open(links["Xero"] or links["Procore"])


def _state(parts: Parts, job_number: str, kind: str, procore_id: str) -> RecordState:
    from worker.ledger.records import records

    projects = parts.projects.numbered(job_number)
    for one in (one for row in projects for one in records(parts.engine, row.procore_id)):
        if (one.kind, one.procore_id) == (kind, procore_id):
            return one
    raise RefusedError(f"No pass has seen {title(kind, procore_id)} of {job_number}.")


def _links(parts: Parts, one: RecordState) -> dict[str, str]:
    from worker import procore_pages
    from worker.cli import records
    from worker.ledger.projects import short_codes
    from worker.reports.links import procore_page

    pages = procore_pages.at(parts)
    in_xero = records.xero_page(parts, one, short_codes(parts.engine))
    return {"Procore": one.procore_url or procore_page(pages, one), "Xero": in_xero}
