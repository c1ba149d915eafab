"""What the documents of some payments are settled by, as Xero has it now, as a value (`look.paid` reads it)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from worker.counting import money
from worker.mapping import paid_by_hand
from worker.mapping.paid_by_hand import ZERO, Settlement
from worker.mapping.tax_on_payments import Figures, Part
from worker.xero import proof
from worker.xero.answers import Element, amount, currency_code, day

#: What a bill says of the credits that are set against it (Xero's file, Invoice): list, id, and what they are called.
_CREDITS = (
    ("CreditNotes", "CreditNoteID", "credit note"),
    ("Prepayments", "PrepaymentID", "prepayment"),
    ("Overpayments", "OverpaymentID", "overpayment"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A document that a record of ours became, as we sent it: what people call the record, and the currency."""

    title: str
    #: It is paid as a whole.
    is_whole: bool = False
    #: None where nothing is known of it, or nothing was sent.
    currency: str | None = None
    #: What it comes to without and with tax; None where nobody knows.
    figures: Figures | None = None
    #: To whom it is payable now, where that is somebody else than it was sent to.
    payable_to: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """By the id of the document that is paid on."""

    #: As Xero has them now; not those that this job made.
    documents: Mapping[str, Element] = field(default_factory=dict)
    #: Payments that no record here has.
    strange: Sequence[Element] = ()
    #: Those that are records', by id: in Procore, and in Xero.
    ours: Mapping[str, Mapping[str, Part]] = field(default_factory=dict)
    #: What this worker set against what, by both ids.
    allocated: Mapping[str, Decimal] = field(default_factory=dict)
    #: How much of what settles them was said to be records that are tied to none.
    said: Mapping[str, Decimal] = field(default_factory=dict)
    sent: Mapping[str, Sent] = field(default_factory=dict)

    def settlements(self, document_id: str) -> list[Settlement]:
        """All that settles a document and is no record's."""
        document = self.documents.get(document_id, {})
        currency = currency_code(document)
        payments = [_payment(row, currency) for row in self.strange if proof.paid_id(row) == document_id]
        credits = list(credits_on(document_id, document))
        return [*payments, *paid_by_hand.left(credits, self.allocated)]

    def figures(self, document_id: str) -> Figures | None:
        """As Xero has the document now; of one that this job made, as its answer was proved. None: nobody knows."""
        document = self.documents.get(document_id, {})
        if "Total" in document:
            return Figures(amount(document, "SubTotal"), amount(document, "Total"))
        return self.sent[document_id].figures if document_id in self.sent else None


def is_whole(document: Element) -> bool:
    """Whether a bill names all payments that it says it has."""
    if "CreditNoteID" in document:
        return True
    named = sum((amount(row, "Amount") for row in document.get("Payments") or ()), ZERO)
    return named == amount(document, "AmountPaid")


def credits_on(document_id: str, document: Element) -> Iterator[Settlement]:
    """Credits that were set against a bill, and bills that a credit note was set against."""
    named, currency = ZERO, currency_code(document)
    for list_, id_field, name in _CREDITS:
        for row in document.get(list_) or ():
            applied = amount(row, "AppliedAmount")
            named += applied
            number = f" {row['CreditNoteNumber']}" if row.get("CreditNoteNumber") else ""
            what = f"the {name}{number} set against it with {money(applied, currency)}"
            yield Settlement(f"{document_id}/{row[id_field]}", what, applied, day(row, "Date"), False, currency)
    for row in document.get("Allocations") or ():
        bill, applied = row.get("Invoice") or {}, amount(row, "Amount")
        number = bill.get("InvoiceNumber") or "without number"
        what = f"the bill {number} that it is set against with {money(applied, currency)}"
        yield Settlement(f"{document_id}/{bill.get('InvoiceID')}", what, applied, day(row, "Date"), False, currency)
    unnamed = amount(document, "AmountCredited") - named
    if unnamed > 0:
        what = f"a credit of {money(unnamed, currency)} set against it"
        yield Settlement(f"{document_id}/credit", what, unnamed, None, False, currency)


def _payment(row: Element, currency: str) -> Settlement:
    on, reference = day(row, "Date"), str(row.get("Reference") or "")
    more = f" ({reference})" if reference else ""
    what = f"a payment of {money(amount(row, 'Amount'), currency)} on {on}{more}"
    return Settlement(str(row["PaymentID"]), what, amount(row, "Amount"), on, currency=currency)
