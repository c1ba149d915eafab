"""Which filters each list documents, on one page. What is not here is ignored, as Procore ignores it."""

from __future__ import annotations

from collections.abc import Mapping

from worker.sandbox.procore.query import Filters, containing, exactly, ids, ids_or_range, within

_CHANGED: Filters = {
    "id": ids("id"),
    "origin_id": exactly("origin_id"),
    "created_at": within("created_at"),
    "updated_at": within("updated_at"),
}
PROJECTS: Filters = {
    **_CHANGED,
    "name": containing("name"),
    "project_number": exactly("project_number"),
    "by_stage": ids("project_stage.id"),
}
VENDORS: Filters = {
    **_CHANGED,
    "search": containing("name", "origin_code", "business_register.identifier"),
    "parent_id": ids("parent.id"),
}
PROJECT_VENDORS: Filters = {name: VENDORS[name] for name in ("id", "search", "parent_id")}
COST_CODES: Filters = {"id": ids("id"), "origin_id": exactly("origin_id")}
WBS_CODES: Filters = {
    "status": exactly("status", ("active", "inactive")),
    "updated_at": within("updated_at"),
}
_CLAIM_STATUSES = (
    "draft",
    "under_review",
    "revise_and_resubmit",
    "approved",
    "approved_as_noted",
    "pending_owner_approval",
)
CLAIMS: Filters = {
    **_CHANGED,
    "commitment_id": ids("commitment_id"),
    "period_id": ids("period_id"),
    "status": exactly("status", _CLAIM_STATUSES),
}
DIRECT_COSTS: Filters = {
    **_CHANGED,
    "invoice_number": exactly("invoice_number"),
    "payment_date": within("payment_date"),
    "received_date": within("received_date"),
}
DIRECT_COST_LINES: Filters = {
    "id": ids("id"),
    "created_at": within("created_at"),
    "updated_at": within("updated_at"),
    "direct_cost_id": ids_or_range("holder.id"),
    "cost_code_id": ids_or_range("cost_code.id"),
    "line_item_type_id": ids_or_range("line_item_type.id"),
}
CONTRACTS: Mapping[str, Filters] = {
    "work_order_contracts": {
        **_CHANGED,
        "status": exactly(
            "status",
            ("Draft", "Out For Bid", "Out For Signature", "Approved", "Complete", "Terminated", "Void"),
        ),
    },
    "purchase_order_contracts": {
        **_CHANGED,
        "status": exactly(
            "status",
            ("Draft", "Processing", "Submitted", "Partially Received", "Received", "Approved", "Closed"),
        ),
    },
}
