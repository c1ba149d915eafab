"""Procore's side: the app gets in, sees the company and its tools, and projects are set up to be found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from worker.counting import counted
from worker.doctor import claims, payments, stated_tax
from worker.doctor.finding import Finding, looked, ok, stopped, warn, wrong
from worker.doctor.named import tax_codes
from worker.errors import SyncError
from worker.ledger.projects import FOR_A_PERSON, Seen, folded
from worker.mapping.routing import need_regions
from worker.mapping.rules import Rules
from worker.procore.client import CONTRACTS, Procore
from worker.procore.records import Contract, Named, Project, Unreadable
from worker.settings import Settings

#: Judges projects as discovery does: eligible, or refused with code and reason.
Judge = Callable[[Iterable[Project | Unreadable]], list[Seen]]
#: Eligible projects whose tools are tried: one look at each tool is a call or two.
TRIED = 5
_PERMIT = (
    "In Procore: Company Admin > App management > this app: permit the project, and give its service account read "
    "access to the tool."
)
_STAGES = "In Procore: Company Admin > Defaults > Project stages"


def check(
    procore: Procore, settings: Settings, judge: Judge, rules: Rules | None, taxed: Mapping[str, str]
) -> Iterator[Finding]:
    """Every finding about Procore; `taxed` are records of which the ledger knows that they state a tax.

    Nothing more is asked when Procore does not let us in.
    """
    try:
        companies = [row for row in procore.companies() if isinstance(row, Named)]
    except SyncError as error:
        yield stopped("Procore", error, "Check PROCORE_CLIENT_ID, PROCORE_CLIENT_SECRET and PROCORE_COMPANY_ID.")
        return
    yield _company(companies, settings.procore_company_id)
    yield from looked("Stage", lambda: _stages(procore, settings), _PERMIT)
    regions = need_regions(rules.organisations if rules else ())
    yield from looked("Job numbers", lambda: _projects(procore, judge, regions, rules, taxed), _PERMIT)
    if rules is not None:
        in_use = (row.code for row in procore.tax_codes() if not row.archived)
        yield from looked("Tax codes", lambda: tax_codes(rules, in_use), _PERMIT)


def _company(companies: Sequence[Named], company_id: int) -> Finding:
    mine = next((one for one in companies if one.id == company_id), None)
    if mine is not None:
        return ok("Procore", f"The credentials work; company {mine.name}.")
    others = ", ".join(f"{one.id} ({one.name})" for one in companies) or "none at all"
    return wrong(
        "Procore",
        f"The credentials work, but this app does not see company {company_id}; it sees {others}.",
        "Correct PROCORE_COMPANY_ID, or install the app in the company: Company Admin > App management.",
    )


def _stages(procore: Procore, settings: Settings) -> Iterator[Finding]:
    there = {folded(row.name) for row in procore.project_stages() if isinstance(row, Named)}
    for stage in settings.eligible_stages:
        if folded(stage) in there:
            yield ok("Stage", f"The project stage '{stage}' is there.")
        else:
            click = f"{_STAGES} > Create, type {stage}; or correct ELIGIBLE_STAGES."
            yield wrong("Stage", f"Procore has no project stage '{stage}'.", click)
    if not settings.eligible_stages:
        yield wrong("Stage", "No project stage is named.", "Set ELIGIBLE_STAGES, for example to: Send to Xero")


def _projects(
    procore: Procore, judge: Judge, with_region: bool, rules: Rules | None, taxed: Mapping[str, str]
) -> Iterator[Finding]:
    seen = judge(procore.projects(with_region=with_region))
    for project in seen:
        if project.code in FOR_A_PERSON:
            # one project that does not go breaks none of the others
            yield warn("Job numbers", *_sentence_and_remedy(f"{project.name}: {project.reason}"))
    eligible = [project for project in seen if project.state == "eligible"]
    if not eligible:
        click = "In Procore: Project > Admin > General: choose the stage, and enter the job number as Project Number."
        yield warn("Job numbers", f"None of {counted(len(seen), 'project')} is eligible yet.", click)
        return
    yield ok("Job numbers", f"{counted(len(eligible), 'eligible project')}, of {len(seen)} that this app sees.")
    yield from _tools(procore, eligible)
    if rules is not None:
        yield from looked(claims.ABOUT, lambda: claims.check(procore, eligible[:TRIED], rules), _PERMIT)
        yield from looked(payments.ABOUT, lambda: payments.check(procore, eligible[:TRIED], rules), _PERMIT)
        look = lambda: stated_tax.check(procore, eligible[:TRIED], rules, taxed)  # noqa: E731
        yield from looked(stated_tax.ABOUT, look, _PERMIT)


def _sentence_and_remedy(reason: str) -> tuple[str, str]:
    """A refusal's last sentence is what to do about it, when it has two."""
    said, dot, remedy = reason.rpartition(". ")
    return (f"{said}.", remedy) if dot else (reason, "")


def _tools(procore: Procore, eligible: Sequence[Seen]) -> Iterator[Finding]:
    """Each tool of a few projects is read once, by the very calls of the sync."""
    tried = eligible[:TRIED]
    refused = [finding for project in tried for finding in _tools_of(procore, project)]
    yield from refused
    if not refused:
        said = "all eligible projects" if len(tried) == len(eligible) else f"{len(tried)} of {len(eligible)} projects"
        yield ok("Tools", f"Vendors, cost codes, commitments, payments, claims and direct costs answer in {said}.")


def _tools_of(procore: Procore, project: Seen) -> Iterator[Finding]:
    id_ = project.procore_id
    looks: dict[str, Callable[[], Iterable[object]]] = {
        "Directory": lambda: procore.vendors(id_),
        "Admin (cost codes)": lambda: procore.cost_codes(id_),
        "Commitments": lambda: _payments(procore, id_),
        "Subcontractor Invoices (Progress Claims)": lambda: procore.claims(id_),
        "Direct Costs": lambda: procore.invoices(id_),
    }
    for tool, look in looks.items():
        try:
            list(islice(look(), 1))
        except SyncError as error:
            found = stopped("Tools", error, _PERMIT)
            yield replace(found, sentence=f"{project.job_number}, {tool}: {found.sentence}")


def _payments(procore: Procore, project_id: int) -> Iterator[object]:
    """The payments of the first contract."""
    for name in CONTRACTS:
        for contract in procore.contracts(project_id, name):
            if isinstance(contract, Contract):
                yield from procore.payments(project_id, contract.id)
                return
