"""Batch payments: one payment of the bank for several bills (xero-api.md §4.9).

Its members are payments like others, but only the batch can be deleted, and they go with it.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from worker.sandbox.xero.books import Books
from worker.sandbox.xero.payments import Payments
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.values import ZERO_GUID, Row, new_guid

_TYPES = {"ACCPAY": "PAYBATCH", "ACCREC": "RECBATCH"}
#: The longest texts, by what the organisation's bank statement has room for.
_MAX_LENGTH = {"NZ": {"Reference": 12, "Particulars": 12, "Code": 12}, "GB": {"Narrative": 18, "Details": 18}}
_ELSEWHERE = {"Details": 18}
_TEXTS = ("Reference", "Particulars", "Code", "Details", "Narrative")


class BatchPayments:
    """The batch payments of one organisation."""

    def __init__(self, books: Books, payments: Payments) -> None:
        self._books = books
        self._payments = payments

    def create(self, element: Row) -> Row:
        """All of its payments or, with Rejected, none."""
        if element.get("BatchPaymentID", ZERO_GUID) != ZERO_GUID:
            raise Rejected("A BatchPaymentID cannot be chosen when a batch payment is created")
        self._check_texts(element)
        batch_id = new_guid()
        members = [self._member(element, member) for member in element.get("Payments") or ()]
        targets = {row["TargetID"]: self._books.invoices.get(row["TargetID"]) or {} for row in members}
        types = {target["Type"] for target in targets.values()}
        if len(types) != 1:
            raise Rejected("A batch payment needs payments, of bills alone or of sales invoices alone")
        wanted: Counter[str] = Counter()
        for row in members:
            wanted[row["TargetID"]] += row["Amount"]
        if any(amount > targets[target_id]["AmountDue"] for target_id, amount in wanted.items()):
            raise Rejected("Payment amount exceeds the amount outstanding on this document")
        for row in members:
            self._payments.save({**row, "BatchPaymentID": batch_id})
        batch = {
            "BatchPaymentID": batch_id,
            "AccountID": members[0]["AccountID"],
            "Date": members[0]["Date"],
            "Type": _TYPES[types.pop()],
            "Status": "AUTHORISED",
            "TotalAmount": sum((row["Amount"] for row in members), Decimal("0.00")),
            "IsReconciled": False,
            "PaymentIDs": [row["PaymentID"] for row in members],
            "UpdatedDateUTC": self._books.now(),
            **{key: element[key] for key in _TEXTS if key in element},
        }
        self._books.batch_payments.save(batch)
        return batch

    def delete(self, batch: Row) -> Row:
        """Take the whole batch back; raises Rejected when one of its payments is reconciled or locked."""
        if batch["Status"] == "DELETED":
            raise Rejected("The batch payment has already been deleted")
        members = [row for key in batch["PaymentIDs"] if (row := self._books.payments.get(key)) is not None]
        if any(row["IsReconciled"] for row in members):
            raise Rejected("A reconciled batch payment cannot be deleted; unreconcile it first")
        locked = self._books.lock_problem(batch["Date"])
        if locked:
            raise Rejected(locked)
        for row in members:
            self._payments.take_back(row)
        deleted = {**batch, "Status": "DELETED", "UpdatedDateUTC": self._books.now()}
        self._books.batch_payments.save(deleted)
        return deleted

    def _member(self, element: Row, member: Row) -> Row:
        if "Invoice" not in member:
            raise Rejected("A batch payment takes no credit notes, prepayments or overpayments")
        common: Row = {key: element[key] for key in ("Account", "Date") if key in element}
        row = self._payments.prepared({**member, **common})
        target = self._books.invoices.get(row["TargetID"]) or {}
        if target.get("CurrencyCode") != self._books.base_currency:
            raise Rejected("A batch payment is in the organisation's own currency only")
        return row

    def _check_texts(self, element: Row) -> None:
        limits = _MAX_LENGTH.get(str(self._books.organisation.get("CountryCode")), _ELSEWHERE)
        problems = [
            f"The field {field} must not exceed {limit} characters."
            for field, limit in limits.items()
            if len(str(element.get(field) or "")) > limit
        ]
        if problems:
            raise Rejected(*problems)
