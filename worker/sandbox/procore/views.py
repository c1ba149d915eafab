"""What a request sees of a row: Procore shows more or less of it depending on the endpoint and `view`.

A view only selects and reshapes; it makes new dicts and leaves the state's rows alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from flask import request

from worker.sandbox.procore.refusals import bad_parameter
from worker.sandbox.procore.state import Row, State

View = Callable[[Row], object]

_PROJECT_EXTENDED = frozenset(
    [
        "actual_start_date",
        "departments",
        "description",
        "dictionary_type",
        "estimated_completion_date",
        "estimated_start_date",
        "flag",
        "inbound_email",
        "logo_url",
        "office",
        "persistent_message",
        "program",
        "project_bid_type",
        "project_owner_type",
        "project_region",
        "project_type",
        "projected_finish_date",
        "public_notes",
        "square_feet",
        "standard_cost_code_list_id",
        "tz_name",
        "warranty_end_date",
        "warranty_start_date",
    ]
)
_VENDOR_EXTENDED = frozenset(
    [
        "bidding",
        "bidding_distribution",
        "children_count",
        "company_vendor",
        "legal_name",
        "parent",
        "project_ids",
        "standard_cost_codes",
        "trades",
    ]
)
_CLAIM_LINES = frozenset({"items", "item_packages"})
_CLAIM_HEADER = frozenset({"tax_summary", "accounting_method", "summary_text"})
_DIRECT_COST_SHOW = frozenset(
    [
        "line_items",
        "company",
        "project",
        "attachments",
        "attachments_count",
        "line_items_count",
        "synced",
        "has_workflows",
    ]
)
_PAYMENT_ISSUED = (
    "id",
    "amount",
    "check_number",
    "date",
    "draw_request_number",
    "invoice_number",
    "payment_number",
    "notes",
    "origin_id",
)


def whole(row: Row) -> Row:
    """The row as it is."""
    return row


def _id(row: Row) -> object:
    return row["id"]


def _named(row: Row) -> Row:
    return {"id": row["id"], "name": row.get("name")}


def _without(hidden: Iterable[str]) -> View:
    hidden = frozenset(hidden)
    return lambda row: {key: value for key, value in row.items() if key not in hidden}


#: By the value of `view`; "" is what comes without it.
PROJECTS: Mapping[str, View] = {
    "": _without(_PROJECT_EXTENDED),
    "ids": _id,
    "compact": _named,
    "normal": _without(_PROJECT_EXTENDED),
    "extended": whole,
}
#: No source names the fields of erp, directory and summary: they show the least.
VENDORS: Mapping[str, View] = {
    "": whole,
    "extended": whole,
    "normal": _without(_VENDOR_EXTENDED),
    "compact": _named,
    "erp": _named,
    "directory": _named,
    "summary": _named,
}
PROJECT_VENDORS: Mapping[str, View] = {
    "": _without(_VENDOR_EXTENDED),
    "normal": _without(_VENDOR_EXTENDED),
    "extended": whole,
    "ids_only": _id,
    "list": _named,
    "name": _named,
    "minimal": _named,
}


def _claim(hidden: frozenset[str]) -> View:
    def view(row: Row) -> Row:
        progressive = row.get("contract_invoicing_method", "progressive") == "progressive"
        hide = hidden if progressive else hidden | {"summary_text"}
        return {key: value for key, value in row.items() if key not in hide}

    return view


CLAIMS: Mapping[str, View] = {
    "": _claim(_CLAIM_LINES | _CLAIM_HEADER),
    "default": _claim(_CLAIM_LINES | _CLAIM_HEADER),
    "action_policy": _claim(_CLAIM_LINES | _CLAIM_HEADER),
    "extended": _claim(frozenset()),
    "items": _claim(_CLAIM_HEADER),
    "header_only": _claim(_CLAIM_LINES),
}


def chosen(views: Mapping[str, View]) -> View:
    """The view that the request asks for."""
    name = request.args.get("view", "")
    if name not in views:
        raise bad_parameter("view", f"must be one of {', '.join(filter(None, views))}")
    return views[name]


def project_shown(row: Row) -> Row:
    """GET /rest/v1.0/projects/{id}: adds the stage's id and what only this address has."""
    stage = row.get("project_stage") or {}
    added = {"project_stage_id": stage.get("id"), "is_erp_integrated": False}
    return {"standard_cost_code_list_id": None, **row, **added}


#: What the compact list leaves out is not documented: here it is the terms.
CONTRACTS: Mapping[str, View] = {
    "": _without({"payment_terms"}),
    "compact": _without({"payment_terms"}),
    "extended": whole,
}


def contract_listed(state: State, project_id: int) -> Callable[[Row], Row]:
    """A contract without its lines; `total_payments` is computed unless the seed states it."""

    def view(row: Row) -> Row:
        listed = {key: value for key, value in row.items() if key != "line_items"}
        if listed.get("total_payments") is None:
            listed["total_payments"] = state.total_payments(project_id, row["id"])
        return listed

    return view


def contract_shown(state: State, project_id: int, row: Row) -> Row:
    """A contract with its lines and payments; the payments here carry neither status nor claim."""
    payments = state.payments_of(project_id, row["id"])
    issued = (payment for payment in payments if not payment.get("deleted_at"))
    return {
        **contract_listed(state, project_id)(row),
        "line_items": row.get("line_items", []),
        "payments_issued": [{key: payment.get(key) for key in _PAYMENT_ISSUED} for payment in issued],
    }


def direct_cost_listed(untaxed: str) -> View:
    """The list names the vendor in a bare string and leaves out the lines."""

    def view(row: Row) -> Row:
        listed = {key: value for key, value in row.items() if key not in _DIRECT_COST_SHOW}
        return {**_untaxed_breakdown(row, untaxed), **listed, "vendor": row.get("vendor_name")}

    return view


def direct_cost_shown(untaxed: str) -> View:
    """The show has lines and attachments with their counts, and no `amount` beside `grand_total`."""

    def view(row: Row) -> Row:
        shown = {key: value for key, value in row.items() if key != "amount"}
        counts = {f"{name}_count": len(row.get(name) or []) for name in ("line_items", "attachments")}
        return {**_untaxed_breakdown(row, untaxed), "line_items": [], "attachments": [], **shown, **counts}

    return view


def _untaxed_breakdown(row: Row, kind: str) -> Row:
    """What a direct cost without tax has as its breakdown; the row's own goes before it. Where a seed gives two totals
    that differ, nobody knows what Procore would make of them."""
    whole = row.get("grand_total", row.get("amount"))
    if row.get("amount") != whole:
        kind = "empty"
    totals: dict[str, Row] = {
        "totals": {"subtotal": whole, "tax_total": "0.0", "grand_total": whole},
        "zeros": {"subtotal": "0.0", "tax_total": "0.0", "grand_total": "0.0"},
        "nulls": {"subtotal": None, "tax_total": None, "grand_total": None},
        "empty": {},
    }
    return {"tax_breakdown": {**totals[kind], "tax_details": []}}


def direct_cost_line(project: Row) -> View:
    """A line in the list of all lines of a project: it names its holder and project, not the company."""
    named = _named(project)

    def view(row: Row) -> Row:
        line = {key: value for key, value in row.items() if key not in ("company", "ref")}
        return {**line, "project": named}

    return view
