"""Small seeds for the sandbox, built from speech: `a_seed(vendors=[a_vendor(1)], claims=[a_claim(11, "100.00")])`.

Rows are in the two APIs' own shapes and fit together: vendor 1, contract 501 and cost code 03-300 are there unless a
test says otherwise. Accounts, tax rates and tracking categories are the demo's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from functools import cache
from typing import Any

from worker.sandbox.seed import read_seed

Row = dict[str, Any]
Rows = Sequence[Row]

PROJECT_ID, VENDOR_ID, CONTRACT_ID = 310, 1, 501
JOB_NUMBER = "24-017"
CODE = "03-300"


@cache
def _demo() -> Row:
    """Read once; a sandbox copies what it takes."""
    return read_seed()


def a_project(id: int = PROJECT_ID, job_number: str = JOB_NUMBER, **fields: Any) -> Row:
    ordinary = {"id": id, "name": f"Tower {id}", "project_number": job_number, "active": True}
    return {**ordinary, "project_stage": {"id": 507, "name": "Send to Xero"}, **fields}


def a_vendor(id: int = VENDOR_ID, name: str | None = None, abn: str | None = None, **fields: Any) -> Row:
    """A supplier by its ABN; without one it is from abroad, so that nobody must see to its ABN."""
    register = {"type": "abn", "identifier": abn} if abn else None
    ordinary = {"id": id, "name": name or f"Supplier {id}", "business_register": register}
    return {**ordinary, **({} if abn else {"country_code": "NZ"}), **fields}


def a_cost_code(code: str = CODE, name: str = "Concrete", **fields: Any) -> Row:
    return {"id": int(code.replace("-", "9")), "full_code": code, "name": name, "parent": {"id": None}, **fields}


def a_contract(id: int = CONTRACT_ID) -> Row:
    return {"id": id, "number": f"SC-{id}", "title": "Structure", "status": "Approved"}


def an_item(amount: str, *, code: str = CODE, cost_type: str = "S", id: int = 900, **fields: Any) -> Row:
    segments = [{"code": code, "segment_type": "cost_code"}, {"code": cost_type, "segment_type": "line_item_type"}]
    return {
        "id": id,
        "line_number": "1",
        "description_of_work": "Slab on ground",
        "wbs_code": {"id": 44, "flat_code": f"{code}.{cost_type}", "segment_items": segments},
        "work_completed_this_period": amount,
        "taxes": [{"tax_code_id": 910, "tax_code_name": "GST@10%"}],
        **fields,
    }


def a_claim(id: int, amount: str = "100.00", *, items: Rows | None = None, **fields: Any) -> Row:
    """An approved claim of which `amount` is due before tax."""
    tax = (Decimal(amount) / 10).quantize(Decimal("0.01"))
    return {
        "id": id,
        "status": "approved",
        "number": id,
        "invoice_number": f"INV-{id}",
        "billing_date": "2026-07-31",
        "commitment_id": CONTRACT_ID,
        "commitment_type": "WorkOrderContract",
        "vendor_id": VENDOR_ID,
        "vendor_name": "Supplier 1",
        "summary": {"current_payment_due": amount, "tax_applicable_to_this_payment": str(tax)},
        "items": [an_item(amount)] if items is None else list(items),
        **fields,
    }


def a_payment(id: int, claim_id: int | None, amount: str, **fields: Any) -> Row:
    return {
        "id": id,
        "amount": amount,
        "status": "paid",
        "contract_id": CONTRACT_ID,
        "requisition_id": claim_id,
        "date": "2026-08-14",
        **fields,
    }


def an_invoice(id: int, amount: str = "50.00", **fields: Any) -> Row:
    """A direct cost of type invoice; `amount` is before tax, and it has none."""
    line = {
        "id": id * 10,
        "amount": amount,
        "extended_amount": amount,
        "quantity": "1.0",
        "unit_cost": amount,
        "description": "Skip bin",
        "position": 1,
        "cost_code": {"full_code": CODE},
        "line_item_type": {"code": "M"},
    }
    return {
        "id": id,
        "direct_cost_type": "invoice",
        "status": "approved",
        "invoice_number": f"DC-{id}",
        "direct_cost_date": "2026-07-20",
        "vendor_id": VENDOR_ID,
        "vendor_name": "Supplier 1",
        "amount": amount,
        "grand_total": amount,
        "line_items": [line],
        **fields,
    }


def a_contact(number: int, name: str, **fields: Any) -> Row:
    """A contact that is in Xero before we come."""
    guid = f"00000000-0000-4000-8000-{number:012d}"
    return {"ContactID": guid, "Name": name, "ContactStatus": "ACTIVE", **fields}


def a_seed(
    *,
    projects: Rows = (a_project(),),
    vendors: Rows = (a_vendor(),),
    directory: Sequence[int] | None = None,
    cost_codes: Rows = (a_cost_code(),),
    contracts: Rows = (a_contract(),),
    claims: Rows = (),
    payments: Rows = (),
    invoices: Rows = (),
    contacts: Rows = (),
    forbidden: Sequence[int] = (),
    more: Mapping[int, Mapping[str, Rows]] | None = None,
) -> Row:
    """Projects, of which the first has these records; `more` gives other projects theirs.

    `directory` is the ids of the vendors in the first project's own list: all of them unless it is given.
    """
    demo = _demo()
    first = projects[0]["id"]
    listed = [vendor["id"] for vendor in vendors] if directory is None else list(directory)
    by_project: dict[str, dict[str, Any]] = {
        "project_vendors": {str(first): listed},
        "cost_codes": {str(first): list(cost_codes)},
        "work_order_contracts": {str(first): list(contracts)},
        "requisitions": {str(first): list(claims)},
        "contract_payments": {str(first): list(payments)},
        "direct_costs": {str(first): list(invoices)},
    }
    for project_id, lists in (more or {}).items():
        for name, rows in lists.items():
            by_project[name][str(project_id)] = list(rows)
    kept = ("companies", "project_stages", "line_item_types", "tax_codes", "currency_configuration", "credentials")
    company = demo["procore"]["companies"][0]["id"]
    for project in projects:
        project.setdefault("company", {"id": company, "name": "Redgum"})
    procore = {name: demo["procore"][name] for name in kept}
    procore |= {"projects": list(projects), "vendors": list(vendors), "forbidden_projects": list(forbidden)}
    xero = {**deepcopy(demo["xero"]), "contacts": list(contacts), "invoices": []}
    return {"procore": {**procore, **by_project}, "xero": xero}


def everything() -> Row:
    """A project with one or two of each kind."""
    return a_seed(
        vendors=[a_vendor(1), a_vendor(2)],
        cost_codes=[a_cost_code(), a_cost_code("05-100", "Steel")],
        claims=[
            a_claim(11),
            a_claim(12, "33.33", vendor_id=2, items=[an_item("33.33", code="05-100")]),
            a_claim(13, "-20.00"),
        ],
        payments=[a_payment(71, 11, "10.00"), a_payment(72, 12, "20.00")],
        invoices=[an_invoice(91)],
    )
