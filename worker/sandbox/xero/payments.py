"""Payments: what may be paid, from which account, and how a document opens and closes by it.

A payment is never changed: it is deleted and made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from worker.sandbox.xero.books import Books
from worker.sandbox.xero.documents import CREDIT_NOTES, INVOICES, Documents
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.values import ZERO_GUID, Row, fold, money, new_guid, parse_date, tidied

_TYPE_OF_TARGET = {
    "ACCPAY": "ACCPAYPAYMENT",
    "ACCREC": "ACCRECPAYMENT",
    "ACCPAYCREDIT": "APCREDITPAYMENT",
    "ACCRECCREDIT": "ARCREDITPAYMENT",
}
_NOT_AUTHORISED = "Payments can only be made against Authorised documents"
_TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"


class Payments:
    """The payments of one organisation."""

    def __init__(self, books: Books, documents: Mapping[str, Documents]) -> None:
        self._books = books
        self._documents = documents

    def create(self, element: Row) -> Row:
        """Pay an authorised document from a bank account; raises Rejected otherwise."""
        return self.save(self.prepared(element))

    def prepared(self, element: Row) -> Row:
        """The payment that would be made, judged but not saved."""
        if element.get("PaymentID", ZERO_GUID) != ZERO_GUID:
            raise Rejected("A PaymentID cannot be chosen when a payment is created")
        collection, target = self._target(element)
        amount = self._amount(element)
        account = self._account(element)
        if "Date" not in element:
            raise Rejected("Date must be specified")
        day = parse_date(element["Date"])
        locked = self._books.lock_problem(day)
        kind = self._documents[collection].kind
        if locked:
            raise Rejected(locked)
        if target["Status"] != "AUTHORISED":
            raise Rejected(_NOT_AUTHORISED)
        if amount > target[kind.open_field]:
            raise Rejected(_TOO_MUCH)
        row = self._row(element, collection, target, account)
        row.update({"Date": day, "Amount": amount, **self._converted(element, amount, target, account)})
        return row

    def save(self, row: Row) -> Row:
        """Make the payment, which may close its document."""
        self._books.payments.save(row)
        self.settle(row["Collection"], row["TargetID"])
        return row

    def restore(self, seeded: Row, collection: str, target: Row, account: Row) -> None:
        """A payment as a seed tells it, without judging it; its document keeps its stamp."""
        row = self._row(seeded, collection, target, account)
        kept = ("PaymentID", "Date", "Amount", "BankAmount", "Status", "UpdatedDateUTC", "BatchPaymentID")
        row.update({"BankAmount": seeded["Amount"], **{key: seeded[key] for key in kept if key in seeded}})
        self._books.payments.save(row)
        self.settle(collection, row["TargetID"], target["UpdatedDateUTC"])

    def _row(self, given: Row, collection: str, target: Row, account: Row) -> Row:
        return {
            "PaymentID": new_guid(),
            "CurrencyRate": target["CurrencyRate"],
            "Reference": self._text(given.get("Reference", "")),
            "Status": "AUTHORISED",
            "PaymentType": _TYPE_OF_TARGET[target["Type"]],
            "IsReconciled": bool(given.get("IsReconciled", False)),
            "AccountID": account["AccountID"],
            "Collection": collection,
            "TargetID": target[self._documents[collection].kind.id_field],
            "UpdatedDateUTC": self._books.now(),
        }

    def _text(self, text: str) -> str:
        return tidied(text) if self._books.switches.now.rewrites_texts else text

    def delete(self, row: Row) -> Row:
        """Take a payment back, which opens its document again."""
        if row["Status"] == "DELETED":
            raise Rejected("The payment has already been deleted")
        if row.get("BatchPaymentID"):
            raise Rejected("A payment of a batch payment cannot be deleted; delete the batch payment")
        if row["IsReconciled"]:
            raise Rejected("A reconciled payment cannot be deleted; unreconcile it first")
        locked = self._books.lock_problem(row["Date"])
        if locked:
            raise Rejected(locked)
        return self.take_back(row)

    def take_back(self, row: Row) -> Row:
        """The payment is deleted, unjudged."""
        deleted = {**row, "Status": "DELETED", "UpdatedDateUTC": self._books.now()}
        self._books.payments.save(deleted)
        self.settle(row["Collection"], row["TargetID"])
        return deleted

    def settle(self, collection: str, target_id: str, at: datetime | None = None) -> None:
        """Bring a document's paid and open amounts, and PAID or AUTHORISED, in line with its payments.

        The document's stamp becomes `at`, else now, or stays where payments do not touch it.
        """
        documents = self._documents[collection]
        kind, doc = documents.kind, documents.table.get(target_id)
        if doc is None:
            return
        live, allocated = self._books.live_payments(target_id), self._books.allocations_of(target_id)
        paying = live if kind is INVOICES else [*live, *allocated]
        paid = sum((one["Amount"] for one in paying), Decimal("0.00"))
        if at is None:
            is_touched = self._books.switches.now.payments_touch_documents
            at = self._books.now() if is_touched else doc["UpdatedDateUTC"]
        changed = {**doc, kind.paid_field: paid, "UpdatedDateUTC": at}
        changed[kind.open_field] = doc["Total"] - paid - doc.get("AmountCredited", 0)
        if changed[kind.open_field] == 0 and (live or allocated):
            changed.update({"Status": "PAID", "FullyPaidOnDate": max(one["Date"] for one in (*live, *allocated))})
        elif doc["Status"] == "PAID":
            changed["Status"] = "AUTHORISED"
            changed.pop("FullyPaidOnDate", None)
        documents.table.save(changed)

    def _target(self, element: Row) -> tuple[str, Row]:
        given = [key for key in ("Invoice", "CreditNote", "Prepayment", "Overpayment") if key in element]
        if len(given) != 1 or given[0] not in ("Invoice", "CreditNote"):
            raise Rejected("A payment must name exactly one Invoice or CreditNote")
        kind = INVOICES if given[0] == "Invoice" else CREDIT_NOTES
        named = element[given[0]]
        table = self._documents[kind.collection].table
        if named.get(kind.id_field):
            found = [row for row in (table.get(named[kind.id_field]),) if row is not None]
        else:
            found = table.find("number", fold(named.get(kind.number_field) or "")) if named else []
        if not found:
            raise Rejected(f"An existing {given[0]} with the specified {kind.id_field} could not be found")
        if len(found) > 1:
            raise Rejected(f"The {kind.number_field} names more than one document")
        return kind.collection, found[0]

    def _account(self, element: Row) -> Row:
        account = self._books.account(element.get("Account") or {})
        if account is None or account.get("Status", "ACTIVE") != "ACTIVE":
            raise Rejected("Account must be valid")
        if account["Type"] != "BANK" and not account.get("EnablePaymentsToAccount"):
            raise Rejected("The account is neither a bank account nor enabled for payments")
        return account

    def _converted(self, element: Row, amount: Decimal, target: Row, account: Row) -> Row:
        """Rate and BankAmount: the account is in the document's currency, or in the organisation's own.

        That any other is refused is the stricter reading: the documentation has no word on it.
        """
        currency, base = target["CurrencyCode"], self._books.base_currency
        held_in = self._books.currency_of(account)
        if held_in not in (currency, base):
            raise Rejected(f"A document in {currency} cannot be paid from an account in {held_in}")
        rate = Decimal(element.get("CurrencyRate") or self._books.day_rate(currency))
        if currency == base:
            rate = target["CurrencyRate"]
        return {"CurrencyRate": rate, "BankAmount": amount if held_in == currency else money(amount / rate)}

    def _amount(self, element: Row) -> Decimal:
        amount = Decimal(element.get("Amount", 0))
        if amount <= 0:
            raise Rejected("Amount must be greater than zero")
        if amount != money(amount):
            raise Rejected("Amount may have at most 2 decimal places")
        return money(amount)
