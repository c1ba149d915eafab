"""Procore's own published examples through our record models and mappings.

The examples are not part of this project. The environment variable PROCORE_EXAMPLES names a folder with them, one JSON
object per file; without it these tests are skipped with a message.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.factories import a_wbs_code, known
from worker.errors import Skippable
from worker.holds import HoldCode
from worker.http import exact_json
from worker.mapping import claims, cost_codes, invoices, payments, projects, vendors
from worker.mapping.references import Known
from worker.procore.fields import Fields
from worker.procore.records import (
    Claim,
    ClaimItem,
    Contract,
    CostCode,
    Invoice,
    InvoiceLine,
    Payment,
    Project,
    TaxCodeRow,
    Unreadable,
    Vendor,
    WbsCode,
    read,
)
from worker.xero.documents import Bill, Document

Mapping = Callable[[Any, Known], Document]

#: Each example by file, the record it is, and its mapping; None where a record is only looked things up in.
EXAMPLES: list[tuple[str, type[Fields], Mapping | None]] = [
    ("project1", Project, projects.to_document),
    ("project3", Project, projects.to_document),
    ("rest_v11_projects_get200_response_inner", Project, projects.to_document),
    ("rest_v10_vendors_get200_response_inner", Vendor, vendors.to_document),
    ("rest_v10_vendors_id_get200_response_one_of1", Vendor, vendors.to_document),
    (
        "rest_v10_projects_project_id_timesheets_scoped_cost_codes_get200_response_inner",
        CostCode,
        cost_codes.to_document,
    ),
    ("extended", CostCode, cost_codes.to_document),
    ("standard_cost_code", CostCode, cost_codes.to_document),
    ("rest_v10_projects_project_id_work_breakdown_structure_wbs_codes_get200_response_inner", WbsCode, None),
    ("rest_v10_tax_codes_get200_response_inner", TaxCodeRow, None),
    ("rest_v10_work_order_contracts_get200_response_inner", Contract, None),
    ("rest_v10_purchase_order_contracts_get200_response_inner", Contract, None),
    ("rest_v10_work_order_contracts_post201_response", Contract, None),
    ("rest_v10_purchase_order_contracts_post201_response", Contract, None),
    ("commitment1", Contract, None),
    ("rest_v11_requisitions_get200_response_inner", Claim, claims.to_document),
    ("rest_v10_requisitions_get200_response_inner", Claim, claims.to_document),
    ("tutorial_requisition_create_response", Claim, claims.to_document),
    ("tutorial_requisition_contract_item", ClaimItem, None),
    ("rest_v10_contract_payments_get200_response_inner", Payment, payments.to_document),
    ("rest_v11_projects_project_id_direct_costs_get200_response_inner", Invoice, invoices.to_document),
    ("rest_v11_projects_project_id_direct_costs_post201_response", Invoice, invoices.to_document),
    ("rest_v10_projects_project_id_direct_costs_line_items_get200_response_inner", InvoiceLine, None),
    (
        "rest_v10_projects_project_id_direct_costs_direct_cost_id_line_items_get200_response_inner",
        InvoiceLine,
        None,
    ),
]


def example(examples: Path, name: str) -> dict[str, Any]:
    row = exact_json.loads((examples / f"{name}.json").read_bytes())
    assert isinstance(row, dict)
    return row


def everything() -> Known:
    """A project in which what the examples name is in Xero already."""
    return known(
        contacts={"881": "contact-881", "8881212": "contact-ernie", "1": "contact-steve"},
        cost_codes={**known().cost_codes, "2": known().cost_codes["03-300"]},
    )


def live(row: dict[str, Any]) -> dict[str, Any]:
    """The example as it would look when it is to be carried: approved, and not deleted."""
    return {**row, "status": "approved", "deleted_at": None}


def outcome(record: Any, to_document: Mapping) -> str:
    """The document's bytes, or the sentence of the hold."""
    try:
        return exact_json.dumps(to_document(record, everything()).body())
    except Skippable as held:
        return held.sentence


@pytest.mark.parametrize(("name", "model", "to_document"), EXAMPLES, ids=[name for name, _, _ in EXAMPLES])
def test_an_example_is_read_and_mapped_or_says_why_not(
    examples: Path, name: str, model: type[Fields], to_document: Mapping | None
) -> None:
    """A published example is read, and becomes a document, or a hold with a sentence; nothing else can happen."""
    for row in (example(examples, name), live(example(examples, name))):
        found = read(model, row)
        assert not isinstance(found, Unreadable), found.detail
        if to_document is not None:
            assert outcome(found, to_document)


@pytest.mark.parametrize(
    ("name", "model", "to_document", "code"),
    [
        ("rest_v11_requisitions_get200_response_inner", Claim, claims.to_document, HoldCode.TOTALS_DIFFER),
        (
            "rest_v11_projects_project_id_direct_costs_post201_response",
            Invoice,
            invoices.to_document,
            HoldCode.TOTALS_DIFFER,
        ),
        ("rest_v10_contract_payments_get200_response_inner", Payment, payments.to_document, HoldCode.CLAIM_NOT_SENT),
    ],
)
def test_examples_that_do_not_fit_together_are_held(
    examples: Path, name: str, model: type[Fields], to_document: Mapping, code: HoldCode
) -> None:
    """The published amounts and ids are illustrative: such a record is held for them and not carried as it is."""
    record = read(model, live(example(examples, name)))
    with pytest.raises(Skippable) as held:
        to_document(record, everything())
    assert held.value.code is code


# The tutorial's claim. Its header adds up: 53,000.00 completed and stored, of which 5,300.00 are retained, is 47,700.00
# earned. Of its two items one is published, the contract of 50,000; the other is the change order of 5,000, and is what
# the header has more than the first item.


def tutorial_items(examples: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The published item, and the change order made from the difference to the header."""
    first = example(examples, "tutorial_requisition_contract_item")
    foot = example(examples, "tutorial_requisition_create_response")["g702"]

    def rest(total: str, column: str) -> str:
        return str(Decimal(foot[total]) - Decimal(first[column]))

    work_retained = rest("completed_work_retainage_amount", "work_completed_retainage_from_previous_application")
    stored_retained = rest("stored_materials_retainage_amount", "materials_stored_retainage_currently_retained")
    in_total = rest("total_completed_and_stored_to_date", "total_completed_and_stored_to_date")
    stored = str(Decimal(stored_retained) * 100 / Decimal(foot["stored_materials_retainage_percent"]))
    second = {
        "id": 17918098,
        "description_of_work": "Change order",
        "scheduled_value": foot["net_change_by_change_orders"],
        "work_completed_from_previous_application": str(Decimal(in_total) - Decimal(stored)),
        "work_completed_this_period": "0.00",
        "materials_presently_stored": stored,
        "total_completed_and_stored_to_date": in_total,
        "work_completed_retainage_from_previous_application": work_retained,
        "materials_stored_retainage_currently_retained": stored_retained,
    }
    return first, second


def tutorial_claim(examples: Path, items: list[dict[str, Any]], due: str) -> Claim:
    """The tutorial's claim as the list of claims would show it: approved, with its supplier, items and cost codes."""
    header = example(examples, "tutorial_requisition_create_response")
    row = {
        **header,
        "status": "approved",
        "vendor_id": 881,
        "g702": {**header["g702"], "current_payment_due": due},
        "items": [{**item, "wbs_code": a_wbs_code()} for item in items],
    }
    claim = read(Claim, row)
    assert isinstance(claim, Claim)
    return claim


def test_the_tutorial_claim_with_nothing_due(examples: Path) -> None:
    """All was claimed before and all materials were stored before: nothing is due, to the cent, and none is sent.

    The tutorial's form is older than the column of materials stored before, so that column is filled in here.
    """
    items = [
        {**item, "materials_presently_stored_from_previous_progress": item["materials_presently_stored"]}
        for item in tutorial_items(examples)
    ]
    claim = tutorial_claim(examples, items, "0.00")
    assert sum(map(claims.this_period, claim.items)) == claim.summary.current_payment_due == 0
    with pytest.raises(Skippable) as held:
        claims.to_document(claim, known())
    assert held.value.code is HoldCode.NOTHING_DUE


def test_the_tutorial_claim_as_the_first_of_its_contract(examples: Path) -> None:
    """The same work claimed at once, with nothing before it: lines less retention are the 47,700.00 earned."""
    first_claim = [
        {
            **item,
            "work_completed_this_period": item["work_completed_from_previous_application"],
            "work_completed_from_previous_application": "0.00",
            "work_completed_retainage_retained_this_period": item["work_completed_retainage_from_previous_application"],
            "work_completed_retainage_from_previous_application": "0.00",
            "materials_stored_retainage_new_materials": item["materials_stored_retainage_currently_retained"],
        }
        for item in tutorial_items(examples)
    ]
    bill = claims.to_document(tutorial_claim(examples, first_claim, "47700.00"), known())
    assert isinstance(bill, Bill)
    assert [line.amount for line in bill.lines] == [51500, 1500, -5300]
    assert sum(line.amount for line in bill.lines) == Decimal("47700.00")
