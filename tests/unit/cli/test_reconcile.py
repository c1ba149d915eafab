"""The comparison that the demo ends with: it must see what is missing, wrong by a cent, or there twice."""

from __future__ import annotations

import ast
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from worker.cli import reconcile
from worker.cli.reconcile import Line, compare, strays

PROJECT = 562
DOCUMENTS = [
    ("projects", "562", PROJECT, "option-562"),
    ("claims", "58820", PROJECT, "bill-58820"),
    ("claims", "58821", PROJECT, "credit-58821"),
    ("payments", "1551516", PROJECT, "payment-1551516"),
    ("invoices", "9001", PROJECT, "bill-9001"),
]


def _claim(id: int, due: str, tax: str | None = None, **fields: Any) -> dict[str, Any]:
    summary = {"current_payment_due": due, "tax_applicable_to_this_payment": tax}
    return {"id": id, "status": "approved", "summary": summary, **fields}


def _procore() -> dict[str, Any]:
    invoice = {"id": 9001, "direct_cost_type": "invoice", "status": "approved", "grand_total": "55.00"}
    return {
        "requisitions": {"562": [_claim(58820, "100.00", "10.00"), _claim(58821, "-20.00", "-2.00")]},
        "contract_payments": {"562": [{"id": 1551516, "status": "paid", "amount": "60.00"}]},
        "direct_costs": {"562": [invoice]},
    }


def _lines() -> list[dict[str, Any]]:
    return [{"Tracking": []}, {"Tracking": [{"TrackingOptionID": "option-562"}]}]


def _bill(id: str, total: str, **fields: Any) -> dict[str, Any]:
    return {"InvoiceID": id, "Status": "AUTHORISED", "Total": Decimal(total), "LineItems": _lines(), **fields}


def _payment(id: str, amount: str, **fields: Any) -> dict[str, Any]:
    invoice = {"InvoiceID": "bill-58820"}
    return {"PaymentID": id, "Status": "AUTHORISED", "Amount": Decimal(amount), "Invoice": invoice, **fields}


def _xero() -> dict[str, Any]:
    credit = {"CreditNoteID": "credit-58821", "Status": "AUTHORISED", "Total": Decimal("22.00"), "LineItems": _lines()}
    return {
        "invoices": [_bill("bill-58820", "110.00"), _bill("bill-9001", "55.00")],
        "credit_notes": [credit],
        "payments": [_payment("payment-1551516", "60.00")],
    }


def _compared(procore: dict[str, Any], xero: dict[str, Any], held: tuple[tuple[str, str], ...] = ()) -> dict[str, Line]:
    return {line.kind: line for line in compare({PROJECT: "24-017"}, procore, xero, DOCUMENTS, set(held))}


def _wrong(lines: dict[str, Line]) -> dict[str, tuple[int, Decimal]]:
    found = {kind: (line.missing, line.difference) for kind, line in lines.items()}
    return {kind: wrong for kind, wrong in found.items() if any(wrong)}


def test_equal_books_are_equal() -> None:
    """Amounts count with tax, and a credit note counts against."""
    lines = _compared(_procore(), _xero())
    assert _wrong(lines) == {}
    assert lines["claims"] == Line("24-017", "claims", (2, Decimal("88.00")), (0, Decimal(0)), (2, Decimal("88.00")))
    assert lines["payments"].xero == (1, Decimal("60.00"))
    assert lines["invoices"].xero == (1, Decimal("55.00"))


@pytest.mark.parametrize(
    ("name", "kind", "field"),
    [("invoices", "claims", "Total"), ("payments", "payments", "Amount"), ("credit_notes", "claims", "Total")],
)
def test_one_cent_shows(name: str, kind: str, field: str) -> None:
    """A document that is a cent off is a difference in its kind, and in no other."""
    xero = _xero()
    xero[name][0][field] += Decimal("0.01")
    (found,) = _wrong(_compared(_procore(), xero)).items()
    assert found[0] == kind
    assert abs(found[1][1]) == Decimal("0.01")


@pytest.mark.parametrize("status", ["gone", "VOIDED", "DELETED"])
def test_a_missing_document_shows(status: str) -> None:
    """The ledger's word for it is not enough: a document that is not in the books, or void, is missing."""
    xero = _xero()
    if status == "gone":
        xero["invoices"].pop()
    else:
        xero["invoices"][-1]["Status"] = status
    assert _wrong(_compared(_procore(), xero)) == {"invoices": (1, Decimal("55.00"))}


def test_a_record_without_a_document_shows_unless_it_is_held() -> None:
    """A record that nothing was done about is a difference; one that is held is accounted for."""
    procore = _procore()
    procore["requisitions"]["562"].append(_claim(58822, "7.70"))
    assert _wrong(_compared(procore, _xero())) == {"claims": (1, Decimal("7.70"))}
    lines = _compared(procore, _xero(), (("claims", "58822"),))
    assert _wrong(lines) == {}
    assert lines["claims"].held == (1, Decimal("7.70"))


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("requisitions", _claim(1, "5.00", status="draft")),
        ("requisitions", _claim(1, "0.00")),
        ("requisitions", _claim(1, "5.00", deleted_at="2026-07-01T00:00:00Z")),
        ("contract_payments", {"id": 1, "status": "draft", "amount": "5.00"}),
        ("direct_costs", {"id": 1, "direct_cost_type": "expense", "status": "approved", "grand_total": "5.00"}),
        ("direct_costs", {"id": 1, "direct_cost_type": "invoice", "status": "draft", "grand_total": "5.00"}),
    ],
)
def test_what_is_not_due_is_not_expected(name: str, row: dict[str, Any]) -> None:
    """Drafts, deleted records, other kinds of cost and claims of nothing belong into no books."""
    procore = _procore()
    procore[name]["562"].append(row)
    assert _wrong(_compared(procore, _xero())) == {}


def test_a_document_that_was_sent_twice_shows() -> None:
    """A second bill with our project on a line, or a second payment of our bill, stands for no record."""
    xero = _xero()
    assert strays(xero, DOCUMENTS) == []
    xero["invoices"].append(_bill("bill-again", "110.00"))
    xero["payments"].append(_payment("payment-again", "60.00"))
    xero["invoices"].append(_bill("bill-void", "110.00", Status="VOIDED"))
    xero["invoices"].append(_bill("bill-of-others", "5.00", LineItems=[{"Tracking": []}]))
    assert strays(xero, DOCUMENTS) == ["bill-again", "payment-again"]


def test_the_comparison_shares_nothing_with_the_mapping() -> None:
    """A mistake in the mapping must not be repeated in its proof: nothing of the product is imported here."""
    source = ast.parse(Path(reconcile.__file__).read_text(encoding="utf-8"))
    imported = [node.module or "" for node in ast.walk(source) if isinstance(node, ast.ImportFrom)]
    imported += [name.name for node in ast.walk(source) if isinstance(node, ast.Import) for name in node.names]
    assert [name for name in imported if name.split(".")[0] in ("worker", "tasks")] == []
