"""Procore against Xero's books, per project and kind, from what the two systems themselves hold.

Shares no arithmetic with the mapping: Procore's side is the foot of each claim and invoice, Xero's side is the total of
each document. The ledger only says which document belongs to which record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Dump = Mapping[str, Any]
KINDS = ("claims", "payments", "invoices")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of record in one project: how many and how much on each side; amounts include tax."""

    job_number: str
    kind: str
    procore: tuple[int, Decimal]
    held: tuple[int, Decimal]
    xero: tuple[int, Decimal]

    @property
    def difference(self) -> Decimal:
        """What is neither in Xero nor held: zero, or something is wrong."""
        return self.procore[1] - self.held[1] - self.xero[1]

    @property
    def missing(self) -> int:
        return self.procore[0] - self.held[0] - self.xero[0]


def compare(
    job_numbers: Mapping[int, str],
    procore: Dump,
    xero: Dump,
    documents: Iterable[tuple[str, str, int, str]],
    held: Collection[tuple[str, str]],
) -> list[Line]:
    """A line per project and kind. `held` names the records (kind, Procore id) that are held or wait."""
    amounts = _document_amounts(xero)
    found: dict[tuple[int, str], list[Decimal]] = {}
    for kind, _, project_id, xero_id in documents:
        if kind in KINDS and xero_id in amounts:
            found.setdefault((project_id, kind), []).append(amounts[xero_id])
    lines = []
    for project_id, job_number in sorted(job_numbers.items(), key=lambda item: item[1]):
        for kind in KINDS:
            due = list(_due(procore, project_id, kind))
            lines.append(
                Line(
                    job_number,
                    kind,
                    _count(amount for _, amount in due),
                    _count(amount for procore_id, amount in due if (kind, procore_id) in held),
                    _count(found.get((project_id, kind), [])),
                )
            )
    return lines


def strays(xero: Dump, documents: Iterable[tuple[str, str, int, str]]) -> list[str]:
    """Ids of documents in our projects' books that stand for no record: sent twice, or somebody else's."""
    ours = {xero_id for *_, xero_id in documents}
    tracked = [
        row.get("InvoiceID") or row["CreditNoteID"]
        for row in [*_standing(xero, "invoices"), *_standing(xero, "credit_notes")]
        if any(option["TrackingOptionID"] in ours for line in row["LineItems"] for option in line["Tracking"])
    ]
    paid = [row["PaymentID"] for row in _standing(xero, "payments") if _paid_id(row) in ours]
    return [xero_id for xero_id in [*tracked, *paid] if xero_id not in ours]


def _count(amounts: Iterable[Decimal]) -> tuple[int, Decimal]:
    listed = list(amounts)
    return len(listed), sum(listed, ZERO)


def _due(procore: Dump, project_id: int, kind: str) -> Iterator[tuple[str, Decimal]]:
    """(id, amount with tax) of what Procore says is to be in the books."""
    name = {"claims": "requisitions", "payments": "contract_payments", "invoices": "direct_costs"}[kind]
    for row in procore.get(name, {}).get(str(project_id), []):
        if row.get("deleted_at") is None and _is_due(kind, row) and (amount := _amount(kind, row)):
            yield str(row["id"]), amount


def _is_due(kind: str, row: Mapping[str, Any]) -> bool:
    if kind == "claims":
        return row["status"] in ("approved", "approved_as_noted")
    if kind == "payments":
        return row["status"] in ("approved", "paid")
    return bool(row["direct_cost_type"] == "invoice" and row["status"] == "approved")


def _amount(kind: str, row: Mapping[str, Any]) -> Decimal:
    if kind == "claims":
        summary = row["summary"]
        return _money(summary["current_payment_due"]) + _money(summary.get("tax_applicable_to_this_payment"))
    return _money(row["amount"] if kind == "payments" else row["grand_total"])


def _document_amounts(xero: Dump) -> dict[str, Decimal]:
    """What each document adds to the books: credit notes count against."""
    bills = {row["InvoiceID"]: _money(row["Total"]) for row in _standing(xero, "invoices")}
    credits = {row["CreditNoteID"]: -_money(row["Total"]) for row in _standing(xero, "credit_notes")}
    paid = {row["PaymentID"]: _moved(row) for row in _standing(xero, "payments")}
    return {**bills, **credits, **paid}


def _moved(payment: Mapping[str, Any]) -> Decimal:
    """The refund of a credit note counts against, as in Procore."""
    return -_money(payment["Amount"]) if "CreditNote" in payment else _money(payment["Amount"])


def _paid_id(payment: Mapping[str, Any]) -> str:
    return str(payment["CreditNote"]["CreditNoteID"] if "CreditNote" in payment else payment["Invoice"]["InvoiceID"])


def _standing(xero: Dump, name: str) -> list[Mapping[str, Any]]:
    return [row for row in xero.get(name, []) if row.get("Status") not in ("VOIDED", "DELETED")]


def _money(value: object) -> Decimal:
    return ZERO if value in (None, "") else Decimal(str(value))
