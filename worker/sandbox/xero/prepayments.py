"""Prepayments: what a supplier has before there is a bill, and how much of it goes against which (xero-api.md §4.9).

A person enters one as a bank transaction, so here it comes from a seed; the API sets it against bills, which then show
it under Prepayments and in AmountCredited (XeroAPI/Xero-OpenAPI, createPrepaymentAllocations).
"""

from __future__ import annotations

from decimal import Decimal

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.shell import json_response
from worker.sandbox.xero.batch import Batch, summarizes
from worker.sandbox.xero.books import Books
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.paths import route
from worker.sandbox.xero.refusals import Rejected, not_found
from worker.sandbox.xero.shape import elements_of
from worker.sandbox.xero.values import Row, money, new_guid, wire_date
from worker.sandbox.xero.wire import envelope


def add_prepayments(app: Flask, organisation: Organisation) -> None:
    """Put their addresses on the app."""
    prepayments = _Prepayments(organisation)
    route(app, "GET", "/Prepayments")(prepayments.listed)
    route(app, "GET", "/Prepayments/<key>")(prepayments.one)
    route(app, "PUT", "/Prepayments/<key>/Allocations")(prepayments.allocate)


def set_against(organisation: Organisation, row: Row, invoice_id: str, amount: Decimal) -> None:
    """So much of a prepayment goes against this bill, which nobody judges any more."""
    books = organisation.books
    invoice = books.invoices.get(invoice_id) or {}
    made = {"AllocationID": new_guid(), "PrepaymentID": row["PrepaymentID"], "InvoiceID": invoice_id}
    books.prepaid.save({**made, "Amount": amount, "Date": max(row["Date"], invoice["Date"])})
    books.invoices.save({**invoice, "AmountCredited": invoice.get("AmountCredited", Decimal("0.00")) + amount})
    organisation.payments.settle("Invoices", invoice_id)


def dumped(books: Books, row: Row) -> Row:
    """As a seed has it, with what it was set against."""
    found = books.prepaid.find("prepayment", row["PrepaymentID"])
    return {**row, "Allocations": [{"Amount": one["Amount"], "InvoiceID": one["InvoiceID"]} for one in found]}


class _Prepayments:
    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._books: Books = organisation.books

    def listed(self) -> Response:
        rows = [self._shown(row) for row in self._books.prepayments.all()]
        return json_response(envelope(self._books.now(), Prepayments=rows))

    def one(self, key: str) -> Response:
        row = self._books.prepayments.get(key)
        return (
            not_found() if row is None else json_response(envelope(self._books.now(), Prepayments=[self._shown(row)]))
        )

    def allocate(self, key: str) -> Response:
        row = self._books.prepayments.get(key)
        if row is None:
            return not_found()
        batch = Batch("Allocations", "AllocationID", "HasErrors")
        batch.apply(elements_of(request, "Allocations"), lambda element: self._allocated(row, element))
        return batch.response(self._books.now(), summarize=summarizes(request))

    def _allocated(self, row: Row, element: Row) -> Row:
        invoice = self._books.invoices.get((element.get("Invoice") or {}).get("InvoiceID"))
        if invoice is None or invoice["Status"] != "AUTHORISED" or invoice["ContactID"] != row["Contact"]["ContactID"]:
            raise Rejected("A prepayment can only be allocated to an Authorised document of its contact")
        amount = Decimal(element.get("Amount", 0))
        if amount <= 0 or amount > min(self._left(row), invoice["AmountDue"]):
            raise Rejected("The amount of the allocation exceeds what is outstanding")
        set_against(self._organisation, row, invoice["InvoiceID"], money(amount))
        return {"Amount": money(amount), "Invoice": {"InvoiceID": invoice["InvoiceID"]}}

    def _left(self, row: Row) -> Decimal:
        used = (one["Amount"] for one in self._books.prepaid.find("prepayment", row["PrepaymentID"]))
        return Decimal(row["Total"]) - sum(used, Decimal(0))

    def _shown(self, row: Row) -> Row:
        found = self._books.prepaid.find("prepayment", row["PrepaymentID"])
        allocations = [{"Amount": one["Amount"], "Invoice": {"InvoiceID": one["InvoiceID"]}} for one in found]
        left = {"RemainingCredit": self._left(row), "Allocations": allocations}
        return {**row, "Type": "SPEND-PREPAYMENT", "Status": "AUTHORISED", "Date": wire_date(row["Date"]), **left}
