"""The five stages on one page, in the order in which their records go. A wrong order fails when this is imported.

Each needs what stands in its line to be in Xero already; the project's own option goes before all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.mapping import claims, cost_codes, invoices, payments, projects, vendors
from worker.pipeline import archiving, attaching, costing, paying, prepare
from worker.pipeline.stage import Row, Stage, in_order
from worker.pipeline.work import Work
from worker.procore.client import Procore


def _invoices(work: Work) -> Iterator[Any]:
    since = work.list_from("invoices")
    return attaching.noting(work, work.procore.invoices(work.project.id, since, _types(work)))


def _payment(procore: Procore, project_id: int, procore_id: str, facts: Mapping[str, Any]) -> Row | None:
    """Procore asks for the contract, too."""
    contract_id = facts.get("contract_id")
    return None if contract_id is None else procore.payment(project_id, contract_id, procore_id)


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
        prepare=prepare.with_country,
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
        show=lambda procore, project_id, id_, _: procore.claim(project_id, id_),
        prepare=prepare.with_contacts,
        to_document=claims.to_document,
        facts=lambda claim: {"contract_id": claim.commitment_id, "number": claim.invoice_number},
        settle=lambda work: attaching.plan(work, "claims"),
    ),
    Stage(
        name="payments",
        needs=("claims",),
        read=paying.read,
        show=_payment,
        prepare=prepare.with_bills,
        to_document=payments.to_document,
        facts=lambda payment: {"contract_id": payment.contract_id},
        settle=paying.settle,
    ),
    Stage(
        name="invoices",
        needs=("projects", "vendors", "cost_codes"),
        read=_invoices,
        find=lambda work, ids: attaching.noting(work, work.procore.invoices_by_id(work.project.id, ids, _types(work))),
        show=lambda procore, project_id, id_, _: procore.invoice(project_id, id_),
        prepare=prepare.with_contacts,
        to_document=invoices.to_document,
        settle=lambda work: attaching.plan(work, "invoices"),
    ),
    given=(PROJECT.name,),
)

BY_NAME = {stage.name: stage for stage in (PROJECT, *STAGES)}
