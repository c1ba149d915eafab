"""A small page on which a person plays both companies: approves a claim, enters a supplier, takes Xero away.

It uses the control interfaces of both APIs, as tests do, and knows nothing of what is behind them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import simplejson
from flask import Flask, redirect, render_template_string, request
from werkzeug.wrappers import Response

#: Where it is, at Procore's own address.
ADDRESS = "/_sandbox/page"
TEMPLATE = Path(__file__).with_name("page.html")
_APPROVED = ("approved", "approved_as_noted")
#: A fault that lasts until it is taken away.
_AWAY = {"kind": "status", "status": 503, "times": 1_000_000_000}

Row = Mapping[str, Any]


def add_page(procore: Flask, xero: Flask) -> None:
    """Adds the page to Procore's app."""

    @procore.get(ADDRESS)
    def show() -> str:
        ours, theirs = _asked(procore, "GET", "dump"), _asked(xero, "GET", "dump")
        projects = {str(row["id"]): row for row in ours["projects"]}
        return render_template_string(
            TEMPLATE.read_text("utf-8"),
            address=ADDRESS,
            open_claims=[(projects[id_], row) for id_, row in _claims(ours) if _may_be_approved(projects[id_], row)],
            amount=_amount,
            missing=list(_missing(ours, projects)),
            is_away=any(fault["times"] > 1_000_000 for fault in _asked(xero, "GET", "faults")["faults"]),
            bills=sum(row.get("Type") == "ACCPAY" for row in theirs["invoices"]),
            payments=len(theirs["payments"]),
            contacts=len(theirs["contacts"]),
        )

    @procore.post(f"{ADDRESS}/approve")
    def approve() -> Response:
        place = f"records/requisitions/{int(request.form['project'])}/{int(request.form['claim'])}"
        return _done(_asked(procore, "PUT", place, {"status": "approved"}))

    @procore.post(f"{ADDRESS}/supplier")
    def enter_supplier() -> Response:
        vendor, number = int(request.form["vendor"]), request.form["abn"].strip()
        register = {"business_register": {"type": "abn", "identifier": number}} if number else {}
        fields = {"name": request.form["name"].strip(), "is_active": True, "country_code": "AU", **register}
        _asked(procore, "PUT", f"records/vendors/-/{vendor}", fields)
        return _done(_asked(procore, "PUT", f"records/project_vendors/{int(request.form['project'])}/{vendor}", {}))

    @procore.post(f"{ADDRESS}/xero")
    def switch_xero() -> Response:
        return _done(
            _asked(xero, "POST", "faults", _AWAY) if "away" in request.form else _asked(xero, "DELETE", "faults")
        )


def _asked(app: Flask, method: str, place: str, body: Row | None = None) -> Any:
    """The control interface's answer; it is in this process, and its calls are none of the API's."""
    answer = app.test_client().open(f"/_sandbox/{place}", method=method, json=body)
    return simplejson.loads(answer.get_data(), use_decimal=True)


def _done(_: Any) -> Response:
    """Back to the page, so that reloading it does nothing twice."""
    return redirect(ADDRESS, 303)


def _claims(procore: Row) -> Iterator[tuple[str, Row]]:
    for project_id, rows in procore["requisitions"].items():
        yield from ((project_id, row) for row in rows if not row.get("deleted_at"))


def _may_be_approved(project: Row, claim: Row) -> bool:
    return bool(project.get("active", True)) and claim.get("status") not in _APPROVED


def _amount(claim: Row) -> str:
    """ "6,507.50 before tax" """
    due: Any = (claim.get("summary") or {}).get("current_payment_due")
    try:
        return f"{Decimal(due):,} before tax"
    except (TypeError, ArithmeticError):
        return "no amount"


def _missing(procore: Row, projects: Mapping[str, Row]) -> Iterator[tuple[Row, Row]]:
    """Suppliers that claims name and the directory does not have, each once."""
    there = {row["id"] for row in procore["vendors"] if not row.get("deleted_at")}
    for project_id, claim in _claims(procore):
        if claim.get("vendor_id") not in {*there, None}:
            there.add(claim["vendor_id"])
            yield projects[project_id], claim
