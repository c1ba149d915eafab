"""Records, documents and known references that read like speech: `a_claim("10.00")`.

Records are built from Procore's own shape through the record models, so that no test can use a record that Procore
could not send. Whatever a test does not name is ordinary and fits together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from worker.mapping.references import Category, Known, SentBill
from worker.mapping.rules import Rules
from worker.procore.fields import Fields
from worker.procore.records import (
    Claim,
    ClaimItem,
    CostCode,
    Invoice,
    InvoiceLine,
    Payment,
    Project,
    Unreadable,
    Vendor,
    WbsCode,
    read,
)
from worker.xero.documents import Bill, Line, Tracking

F = TypeVar("F", bound=Fields)

PROJECT = Tracking("category-project", "Project", "option-24-017", "24-017 Harbour Street Apartments")
CONCRETE = Tracking("category-code", "Cost Codes", "option-03-300", "03-300 Concrete")
STEEL = Tracking("category-code", "Cost Codes", "option-05-100", "05-100 Structural steel")


def record(model: type[F], row: Mapping[str, Any]) -> F:
    """The row as a record; a test that wants an unreadable row calls `read` itself."""
    found = read(model, row)
    assert not isinstance(found, Unreadable), found.detail
    return found


def a_wbs_code(code: str = "03-300", kind: str = "L", id: int = 44) -> WbsCode:
    """A WBS code as claim lines carry it: its segments with their type beside them."""
    segments = [{"code": code, "segment_type": "cost_code"}, {"code": kind, "segment_type": "line_item_type"}]
    return record(WbsCode, {"id": id, "flat_code": f"{code}.{kind}", "segment_items": segments})


def a_claim_item(work: str = "10.00", **fields: Any) -> ClaimItem:
    """A claim's line with `work` completed this period; other columns by Procore's names."""
    ordinary = {
        "id": 341256,
        "item_type": "contract_detail_item",
        "description_of_work": "Slab on ground",
        "line_number": "1",
        "wbs_code": a_wbs_code(),
        "work_completed_this_period": work,
    }
    return record(ClaimItem, {**ordinary, **fields})


def a_claim(
    amount: str = "10.00", *, items: Sequence[ClaimItem] | None = None, tax: str | None = None, **fields: Any
) -> Claim:
    """An approved claim of which `amount` is due: one line of that much, unless `items` are given."""
    ordinary = {
        "id": 58820,
        "status": "approved",
        "number": 3,
        "invoice_number": "INV-1003",
        "billing_date": "2026-07-31",
        "commitment_id": 701973,
        "vendor_id": 881,
        "vendor_name": "Ernie's Electrical",
        "summary": {"current_payment_due": amount, "tax_applicable_to_this_payment": tax},
        "items": [a_claim_item(amount)] if items is None else items,
    }
    return record(Claim, {**ordinary, **fields})


def a_vendor(name: str = "Ernie's Electrical", **fields: Any) -> Vendor:
    return record(Vendor, {"id": 881, "name": name, **fields})


def a_cost_code(full_code: str = "03-300", name: str = "Concrete", **fields: Any) -> CostCode:
    return record(CostCode, {"id": 300, "full_code": full_code, "name": name, **fields})


def a_project(name: str = "Harbour Street Apartments", **fields: Any) -> Project:
    return record(
        Project,
        {"id": 562, "name": name, "project_number": "24-017", "project_stage": {"name": "Send to Xero"}, **fields},
    )


def a_payment(amount: str = "10.00", **fields: Any) -> Payment:
    """A payment made on the claim of `a_claim()`."""
    ordinary = {
        "id": 1551516,
        "amount": amount,
        "status": "paid",
        "contract_id": 701973,
        "requisition_id": 58820,
        "date": "2026-08-14",
    }
    return record(Payment, {**ordinary, **fields})


def an_invoice_line(amount: str | None = "10.00", **fields: Any) -> InvoiceLine:
    ordinary = {
        "id": 4896147,
        "amount": amount,
        "description": "Skip bin",
        "position": 1,
        "cost_code": {"full_code": "03-300"},
        "line_item_type": {"code": "L"},
    }
    return record(InvoiceLine, {**ordinary, **fields})


def an_invoice(amount: str | None = "10.00", *, lines: Sequence[InvoiceLine] | None = None, **fields: Any) -> Invoice:
    """An approved direct invoice of `amount`: one line of that much, unless `lines` are given."""
    ordinary = {
        "id": 9001,
        "direct_cost_type": "invoice",
        "status": "approved",
        "invoice_number": "AB-3456",
        "direct_cost_date": "2026-07-20",
        "vendor_id": 881,
        "vendor_name": "Ernie's Electrical",
        "amount": amount,
        "grand_total": amount,
        "line_items": [an_invoice_line(amount)] if lines is None else lines,
    }
    return record(Invoice, {**ordinary, **fields})


def rules(**sections: Any) -> Rules:
    """A mapping file in which everything ordinary has its place; a named section replaces that section."""
    ordinary = {
        "accounts": {"cost_codes": {"03-*": "310"}, "cost_types": {"M": "320"}, "default": "300"},
        "tax": {"codes": {"GST@10%": "INPUT", "Free": "EXEMPTEXPENSES"}, "default": "BASEXCLUDED"},
        "retention": {"account": "820"},
        "bank_accounts": {"check": "090", "default": "091"},
    }
    return Rules.model_validate({**ordinary, **sections})


def known(**fields: Any) -> Known:
    """A project whose option, cost codes, vendor and claim are in Xero already."""
    ordinary: dict[str, Any] = {
        "rules": rules(),
        "project_id": 562,
        "job_number": "24-017",
        "procore_web_url": "https://procore.example",
        "project_category": Category("category-project", "Project"),
        "cost_code_category": Category("category-code", "Cost Codes"),
        "country": "AU",
        "project": PROJECT,
        "cost_codes": {"03-300": CONCRETE, "05-100": STEEL},
        "contacts": {"881": "contact-881"},
        "bills": {"58820": SentBill("bill-58820", "AUTHORISED")},
        "claims_numbered": {(701973, "INV-1003"): {"58820"}},
    }
    return Known(**{**ordinary, **fields})


def a_line(amount: str = "10.00", **fields: Any) -> Line:
    ordinary: dict[str, Any] = {
        "description": "Slab on ground",
        "amount": Decimal(amount),
        "account_code": "310",
        "tax_type": "INPUT",
        "tracking": (PROJECT, CONCRETE),
    }
    return Line(**{**ordinary, **fields})


def a_bill(*lines: Line, **fields: Any) -> Bill:
    """A bill of these lines, or of one of 10.00."""
    ordinary: dict[str, Any] = {
        "contact_id": "contact-881",
        "number": "INV-1003",
        "on": date(2026, 7, 31),
        "due_on": date(2026, 8, 30),
        "lines": lines or (a_line(),),
        "url": "https://procore.example/562/project/commitments/701973/requisitions/58820",
    }
    return Bill(**{**ordinary, **fields})
