"""The five stages on one page, in the order in which their records go. A wrong order fails when this is imported.

Each needs what stands in its line to be in Xero already; the project's own option goes before all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from worker.mapping import claims, cost_codes, invoice_payments, invoices, payments, projects, vendors
from worker.pipeline.map import named_cost_codes, prepare
from worker.pipeline.read import attached_files, claims_before, lists, paid_invoices
from worker.pipeline.read import contract_payments as payment_lists
from worker.pipeline.settle import (
    changed_bills,
    changed_payments,
    claim_totals,
    contact_tax,
    contract_payments,
    named_options,
    shared_documents,
    unproved_documents,
    unused_options,
)
from worker.pipeline.work import Named, Row, Stage, Work, in_order
from worker.procore.client import CONTRACTS, Procore


def _claims(work: Work, rows: Iterable[Row]) -> Iterator[Any]:
    return attached_files.noting(work, claims_before.noting(work, work.shown.rows("requisitions", rows)))


def _invoices(work: Work, rows: Iterable[Row]) -> Iterator[Any]:
    return paid_invoices.noting(work, attached_files.noting(work, work.shown.rows("direct_costs", rows)))


def _settle_invoices(work: Work) -> Iterator[Named]:
    yield from paid_invoices.follow(work)
    attached_files.plan(work, "invoices")


def _payment(procore: Procore, project_id: int, procore_id: str, facts: Mapping[str, Any]) -> Row | None:
    """Procore asks for the contract, too."""
    contract_id = facts.get("contract_id")
    return None if contract_id is None else procore.payment(project_id, contract_id, procore_id)


def _types(work: Work) -> tuple[str, ...]:
    return work.known.rules.invoices.types


#: What is asked of documents before they go, by what they are.
_SHARED = (unproved_documents.settle, shared_documents.settle)
_BILLS = (named_options.settle, contact_tax.settle, unproved_documents.settle, changed_bills.settle)
_PAYMENTS = (unproved_documents.settle, changed_payments.settle)

PROJECT = Stage(
    name="projects",
    needs=(),
    read=lambda work: iter([work.project]),
    to_document=projects.to_document,
    before_sending=_SHARED,
)

STAGES = in_order(
    Stage(
        name="vendors",
        needs=(),
        read=lambda work: work.shown.rows("project_vendors", work.procore.vendors(work.project.id)),
        find=lambda work, ids: work.shown.rows("vendors", work.procore.vendors_by_id(ids)),
        prepare=prepare.with_country,
        to_document=vendors.to_document,
        before_sending=_SHARED,
        whole=True,
        lists=("project_vendors",),
    ),
    Stage(
        name="cost_codes",
        needs=(),
        read=named_cost_codes.read,
        to_document=cost_codes.to_document,
        before_sending=_SHARED,
        settle=unused_options.settle,
        whole=True,
        lists=("cost_codes",),
    ),
    Stage(
        name="claims",
        needs=("projects", "vendors", "cost_codes"),
        read=lambda work: _claims(work, work.procore.claims(work.project.id, lists.since(work, "claims"))),
        find=lambda work, ids: _claims(work, work.procore.claims_by_id(work.project.id, ids)),
        show=lambda procore, project_id, id_, _: procore.claim(project_id, id_),
        prepare=prepare.with_contacts,
        to_document=claims.to_document,
        before_sending=(claim_totals.settle, *_BILLS),
        facts=lambda claim: {"contract_id": claim.commitment_id, "number": claim.invoice_number},
        settle=lambda work: attached_files.plan(work, "claims"),
        lists=("requisitions",),
    ),
    Stage(
        name="payments",
        needs=("claims",),
        read=contract_payments.read,
        show=_payment,
        prepare=prepare.with_bills,
        to_document=payments.to_document,
        before_sending=_PAYMENTS,
        facts=lambda payment: {"contract_id": payment.contract_id},
        settle=payment_lists.note,
        lists=(*CONTRACTS, "contract_payments"),
    ),
    Stage(
        name="invoices",
        needs=("projects", "vendors", "cost_codes"),
        read=lambda work: _invoices(
            work, work.procore.invoices(work.project.id, lists.since(work, "invoices"), _types(work))
        ),
        find=lambda work, ids: _invoices(work, work.procore.invoices_by_id(work.project.id, ids, _types(work))),
        show=lambda procore, project_id, id_, _: procore.invoice(project_id, id_),
        prepare=prepare.with_contacts,
        to_document=invoices.to_document,
        before_sending=_BILLS,
        settle=_settle_invoices,
        lists=("direct_costs",),
    ),
    given=(PROJECT.name,),
)

#: What direct costs say beside what they cost: it has no list of its own in Procore, and goes when they have gone.
PAID_INVOICES = Stage(
    name="invoice_payments",
    needs=("invoices",),
    read=lambda work: iter(()),
    prepare=prepare.with_paid_invoices,
    to_document=invoice_payments.to_document,
    before_sending=_PAYMENTS,
)

BY_NAME = {stage.name: stage for stage in (PROJECT, *STAGES, PAID_INVOICES)}
