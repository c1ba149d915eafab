"""Whether the company enters its payments with tax or before tax: what its claims that are paid in full show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice

from worker.doctor.finding import Finding, ok, warn
from worker.ledger.projects import Seen
from worker.mapping import what_is_due
from worker.mapping.claims import APPROVED, net
from worker.mapping.payments import MADE
from worker.mapping.rules import Rules
from worker.mapping.tax_on_payments import Figures, evidence, said_of
from worker.procore.client import CONTRACTS, Procore
from worker.procore.records import Claim, Contract, Payment

ABOUT = "Payments"
#: Contracts of a project whose payments are read: a call each.
READ = 10


def check(procore: Procore, projects: Sequence[Seen], rules: Rules) -> Iterator[Finding]:
    """One line, by the claims and payments of these projects."""
    found = Counter(one for project in projects for one in _of_project(procore, project.procore_id))
    said, is_so = said_of(rules.payments.amounts, found["before_tax"], found["with_tax"])
    if is_so:
        yield ok(ABOUT, said)
    elif found["before_tax"] and found["with_tax"]:
        yield warn(ABOUT, said, "Correct in Procore those that are the exception: they leave a part of their bill due.")
    else:
        other = "with_tax" if rules.payments.amounts == "before_tax" else "before_tax"
        yield warn(ABOUT, said, f'Set amounts = "{other}" under [payments] in the mapping file.')


def _of_project(procore: Procore, project_id: int) -> Iterator[str]:
    paid: dict[int, list[Decimal]] = defaultdict(list)
    for payment in _payments(procore, project_id):
        if payment.requisition_id is not None and payment.status in MADE:
            paid[payment.requisition_id].append(payment.amount)
    for claim in procore.claims(project_id) if paid else ():
        if isinstance(claim, Claim) and claim.status in APPROVED and (said := evidence(_due(claim), paid[claim.id])):
            yield said


def _payments(procore: Procore, project_id: int) -> Iterator[Payment]:
    contracts: Iterable[object] = (row for name in CONTRACTS for row in procore.contracts(project_id, name))
    with_payments = (row for row in contracts if isinstance(row, Contract) and row.total_payments != 0)
    for contract in islice(with_payments, READ):
        yield from (row for row in procore.payments(project_id, contract.id) if isinstance(row, Payment))


def _due(claim: Claim) -> Figures:
    """By the claim's lines: whether its total includes tax is not documented (procore-api.md §4.6)."""
    return Figures(net(claim), net(claim) + what_is_due.tax(claim))
