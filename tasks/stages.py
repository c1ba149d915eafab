"""The five stages on one page, in the order in which their records go. A wrong order fails when this is imported.

Each needs what stands in its line to be in Xero already; the project's own option goes before all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worker.mapping import claims, cost_codes, invoices, payments, projects, vendors
from worker.pipeline import archiving, attaching, costing, prepare
from worker.pipeline.stage import Stage, in_order
from worker.pipeline.work import Work
from worker.procore.records import Contract, Payment, Unreadable


def _payments(work: Work) -> Iterator[Payment | Unreadable]:
    """Payments of the contracts whose total of payments moved since all of them were settled."""
    totals = {contract.id: _total(contract) for contract in work.contracts() if isinstance(contract, Contract)}
    moved = {id_ for id_, total in totals.items() if work.cursors.get(f"payments:{id_}") != total}
    # should this job die, a total may be back where it was
    work.cursors.set({f"payments:{id_}": "open" for id_ in moved})
    for contract in work.contracts():
        if isinstance(contract, Unreadable):
            yield contract
            continue
        if contract.id not in moved and not work.is_full("payments"):
            continue
        read: list[str] = []
        for payment in work.procore.payments(work.project.id, contract.id):
            read.append(payment.procore_id)
            yield payment
        work.contracts_read[contract.id] = (totals[contract.id], read)


def _settle_payments(work: Work) -> None:
    """A contract is settled when none of its payments is held, waits or is not made yet; else it is read again."""
    open_ones = work.unsettled.get("payments", set())
    work.cursors.set(
        {
            f"payments:{contract_id}": total if open_ones.isdisjoint(read) else "open"
            for contract_id, (total, read) in work.contracts_read.items()
        }
    )
    unreadable = work.unsettled.get("contracts", set())
    work.holds.forget("contracts", sorted(set(work.holds.to_look_at("contracts")) - unreadable))


def _total(contract: Contract) -> str:
    return "" if contract.total_payments is None else str(contract.total_payments)


def _invoices(work: Work) -> Iterator[Any]:
    since = work.list_from("invoices")
    return attaching.noting(work, work.procore.invoices(work.project.id, since, _types(work)))


def _types(work: Work) -> tuple[str, ...]:
    return work.known.rules.invoices.types


PROJECT = Stage(
    name="projects",
    needs=(),
    read=lambda work: iter([work.project]),
    to_document=projects.to_document,
)

STAGES = in_order(
    Stage(
        name="vendors",
        needs=(),
        read=lambda work: work.procore.vendors(work.project.id),
        find=lambda work, ids: work.procore.vendors_by_id(ids),
        to_document=vendors.to_document,
        whole=True,
    ),
    Stage(
        name="cost_codes",
        needs=(),
        read=costing.read,
        to_document=cost_codes.to_document,
        settle=archiving.settle,
        whole=True,
    ),
    Stage(
        name="claims",
        needs=("projects", "vendors", "cost_codes"),
        read=lambda work: attaching.noting(work, work.procore.claims(work.project.id, work.list_from("claims"))),
        find=lambda work, ids: attaching.noting(work, work.procore.claims_by_id(work.project.id, ids)),
        prepare=prepare.with_contacts,
        to_document=claims.to_document,
        facts=lambda claim: {"contract_id": claim.commitment_id, "number": claim.invoice_number},
        settle=lambda work: attaching.plan(work, "claims"),
    ),
    Stage(
        name="payments",
        needs=("claims",),
        read=_payments,
        prepare=prepare.with_bills,
        to_document=payments.to_document,
        facts=lambda payment: {"contract_id": payment.contract_id},
        settle=_settle_payments,
    ),
    Stage(
        name="invoices",
        needs=("projects", "vendors", "cost_codes"),
        read=_invoices,
        find=lambda work, ids: attaching.noting(work, work.procore.invoices_by_id(work.project.id, ids, _types(work))),
        prepare=prepare.with_contacts,
        to_document=invoices.to_document,
        settle=lambda work: attaching.plan(work, "invoices"),
    ),
    given=(PROJECT.name,),
)

BY_NAME = {stage.name: stage for stage in (PROJECT, *STAGES)}
