"""Whether a stated tax of 0.00 is held against Xero's, by what was seen of all records of the kind.

That a record states a tax is noted as it passes, once a project. Where nobody has seen one, a few projects are looked
at, once a day, and only for a bill to which Xero's tax types would add a tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from itertools import islice

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.http import exact_json
from worker.mapping import stated_zero
from worker.mapping.rules import Rules
from worker.mapping.stated_zero import Evidence
from worker.pipeline.work import Work
from worker.procore.client import Procore
from worker.procore.records import Claim, Invoice, Project, Record, Unreadable
from worker.procore.shown import Shown

#: Kind to the cursor that names a record of it that states a tax.
CURSORS = {"claims": "claims:taxed", "invoices": "invoices:taxed"}
#: Projects that are looked at, this one first, and records of each.
PROJECTS, RECORDS = 5, 100
GOOD_FOR = timedelta(days=1)


def note(work: Work, records: Sequence[Claim] | Sequence[Invoice]) -> None:
    """Note the first record of a project that states a tax."""
    for record in records:
        if work.cursors.get(CURSORS[record.kind]):
            return
        if record.states_tax:
            work.cursors.set({CURSORS[record.kind]: f"{record.title} of {work.known.job_number}"[:255]})


def check(work: Work, record: Record, computed: object) -> None:
    """Raise DocumentRejected where Procore means the 0.00 that it says of a bill to which Xero would add `computed`."""
    rules = work.known.rules
    said, seen = rules.tax.computes(record.kind), Evidence()
    if said is None:
        seen = _seen(work, record.kind, rules)
    if stated_zero.computes(record.kind, said, seen) != "xero":
        why = stated_zero.in_words(record.kind, said, seen)
        raise DocumentRejected(HoldCode.ZERO_TAX_STATED, stated=Decimal(0), computed=computed, why=why)


def look(procore: Procore, kind: str, projects: Iterable[tuple[int, str]], rules: Rules) -> Evidence:
    """What a few projects, by id and job number, show of a kind now, in a call or two each; silence says nothing."""
    silent = 0
    for project_id, job_number in islice(projects, PROJECTS):
        for row in islice(_listed(procore, kind, project_id, rules), RECORDS):
            if row.states_tax:
                return Evidence(taxed=f"{row.title} of {job_number}")
            silent += row.status.startswith("approved")
    codes = Shown().whole("tax_codes", procore.tax_codes())
    return Evidence(silent=silent, has_codes=codes is None or bool(codes))


def _listed(procore: Procore, kind: str, project_id: int, rules: Rules) -> Iterator[Claim | Invoice]:
    """Those that can be read, of a project that shows its list."""
    rows: Iterator[Claim | Invoice | Unreadable]
    if kind == "claims":
        rows = Shown().rows("requisitions", procore.claims(project_id))
    else:
        rows = Shown().rows("direct_costs", procore.invoices(project_id, None, rules.invoices.types))
    return (row for row in rows if not isinstance(row, Unreadable))


def _seen(work: Work, kind: str, rules: Rules) -> Evidence:
    """What the ledger has noted of any project, else what a look shows."""
    if taxed := work.cursors.get(CURSORS[kind]) or work.cursors.of_any_project(CURSORS[kind]):
        return Evidence(taxed=taxed)

    def text() -> str:
        work.heartbeat()
        return exact_json.dumps(asdict(look(work.procore, kind, _projects(work), rules)))

    since = min(work.since, work.now() - GOOD_FOR)
    return Evidence(**exact_json.loads(work.references.once(CURSORS[kind], since, text)))


def _projects(work: Work) -> Iterator[tuple[int, str]]:
    """This project, then others of its stage."""
    own = work.project.id
    yield own, work.known.job_number
    rows = [row for row in work.procore.projects() if isinstance(row, Project)]
    stages = {row.stage for row in rows if row.id == own}
    yield from ((row.id, row.job_number) for row in rows if row.active and row.stage in stages and row.id != own)
