"""The documents that Xero holds: values that know their endpoint and their body.

`body()` is exactly what is sent; how a document is found again and proved is in `proof`. Sources: xero-api.md §4.1
contacts, §4.3 tracking, §4.6 bills, §4.7 credit notes, §4.8 payments.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

Body = dict[str, Any]
#: Of a bill whose lines have the tax in them.
INCLUSIVE = "Inclusive"
#: A document's number: at most so long, and printable ASCII (§4.6).
LONGEST_NUMBER = 255
#: A line's text (§4.6).
LONGEST_TEXT = 4000
_IN_ASCII = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2018\u2019\u201c\u201d", "-------''\"\"")


def document_number(said: str | None, instead: str) -> str:
    """The supplier's number as Xero takes it, accents left off; `instead` where there is none, or none in ASCII."""
    letters = said or ""
    if not letters.isascii():
        letters = unicodedata.normalize("NFKD", letters.translate(_IN_ASCII))
        letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    number = " ".join(letters.split())
    return number[:LONGEST_NUMBER].rstrip() if number and number.isascii() else instead


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a class of documents lives in Xero's API, and how many fit in one request."""

    path: str
    wrapper: str
    id_field: str
    params: str = ""
    most: int = 50

    @property
    def is_option(self) -> bool:
        """Options alone have their id in the address, and their category's (§4.3)."""
        return self.wrapper == "Options"

    @property
    def is_allocation(self) -> bool:
        """Allocations alone stand inside another document, their credit note, and are read there (§4.7)."""
        return self.wrapper == "Allocations"


CONTACTS = Endpoint("/Contacts", "Contacts", "ContactID", "?summarizeErrors=false")
BILLS = Endpoint("/Invoices", "Invoices", "InvoiceID", "?summarizeErrors=false&unitdp=4")
CREDIT_NOTES = Endpoint("/CreditNotes", "CreditNotes", "CreditNoteID", "?summarizeErrors=false&unitdp=4")
PAYMENTS = Endpoint("/Payments", "Payments", "PaymentID", "?summarizeErrors=false")
#: Items take more in one request than the other documents (§2, Sizes).
ITEMS = Endpoint("/Items", "Items", "ItemID", "?summarizeErrors=false", most=500)


#: One per request (§4.3).
TRACKING_CATEGORIES = Endpoint("/TrackingCategories", "TrackingCategories", "TrackingCategoryID", most=1)


def options(category_id: str) -> Endpoint:
    """One per request, unless this organisation's Xero was seen to take several new ones in a body: that is
    UNCONFIRMED (§4.3)."""
    return Endpoint(f"/TrackingCategories/{category_id}/Options", "Options", "TrackingOptionID", most=1)


def allocations(note_id: str) -> Endpoint:
    """What a credit note is set against. The answer to a new one need not name it (Xero's file, example of the answer),
    so that one is known by its bill: `allocated` gives it as the element's own id."""
    return Endpoint(f"{CREDIT_NOTES.path}/{note_id}/Allocations", "Allocations", "InvoiceID", "?summarizeErrors=false")


def allocated(holder: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The allocations that a credit note, or an answer, names, each with the id of its bill."""
    rows = holder.get("Allocations") or ()
    return [{**row, "InvoiceID": (row.get("Invoice") or {}).get("InvoiceID")} for row in rows]


def endpoint_of(path: str) -> Endpoint:
    """The endpoint that a journalled request went to, from its path."""
    parts = path.split("?")[0].split("/")
    if parts[1] == "TrackingCategories":
        return options(parts[2])
    if parts[3:] == ["Allocations"]:
        return allocations(parts[2])
    known = (CONTACTS, ITEMS, BILLS, CREDIT_NOTES, PAYMENTS)
    return next(endpoint for endpoint in known if endpoint.path == f"/{parts[1]}")


class Document(Protocol):
    """What sending needs of every document."""

    @property
    def endpoint(self) -> Endpoint: ...

    def body(self) -> Body: ...


@dataclass(frozen=True, slots=True)
class Contact:
    """A supplier. `number` is the ContactNumber, which only the API writes: it names the Procore vendor."""

    number: str
    name: str
    #: A valid one, without blanks.
    tax_number: str | None = None
    #: US organisations want to know which number it is: "EIN".
    tax_number_type: str = ""
    email: str | None = None
    phones: tuple[tuple[str, str], ...] = ()
    address: Mapping[str, str] = field(default_factory=dict)
    #: The address that Xero would refuse and the contact does without.
    email_left_out: str = ""
    #: What stands in Procore as a tax number and is none.
    tax_number_left_out: str = ""

    endpoint = CONTACTS

    def body(self) -> Body:
        body: Body = {"ContactNumber": self.number, "Name": self.name}
        if self.tax_number:
            body["TaxNumber"] = self.tax_number
        if self.tax_number_type:
            body["TaxNumberType"] = self.tax_number_type
        if self.email:
            body["EmailAddress"] = self.email
        if self.phones:
            body["Phones"] = [{"PhoneType": kind, "PhoneNumber": number} for kind, number in self.phones]
        if self.address:
            body["Addresses"] = [{"AddressType": "STREET", **self.address}]
        return body


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a tracking category."""

    category_id: str
    name: str
    #: Not for new lines any more; a new option is active without saying so.
    archived: bool = False

    @property
    def endpoint(self) -> Endpoint:
        return options(self.category_id)

    def body(self) -> Body:
        return {"Name": self.name, "Status": "ARCHIVED"} if self.archived else {"Name": self.name}


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the price list that stands for a cost code. Xero keeps its code unique (§4.5)."""

    code: str
    name: str

    endpoint = ITEMS

    def body(self) -> Body:
        return {"Code": self.code, "Name": self.name, "IsSold": False, "IsPurchased": True}


@dataclass(frozen=True, slots=True)
class Tracking:
    """One tracking element of a line: all four fields are sent, since ids alone were lost silently (§4.3)."""

    category_id: str
    category: str
    option_id: str
    option: str

    def body(self) -> Body:
        return {
            "TrackingCategoryID": self.category_id,
            "Name": self.category,
            "TrackingOptionID": self.option_id,
            "Option": self.option,
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One line. Quantity × unit amount is exact, or quantity is 1 and `unit_amount` None (xero-api.md §4.6)."""

    description: str
    amount: Decimal
    account_code: str
    #: None: the account's own, which is filled in from the chart before it is sent.
    tax_type: str | None
    tracking: tuple[Tracking, ...]
    quantity: Decimal = Decimal(1)
    unit_amount: Decimal | None = None
    item_code: str | None = None
    #: The code that the item was made with, where a person gave it another one: it is the same line; never sent.
    item_first: str | None = None
    #: Procore's tax code and its rate in percent; never sent, only compared.
    stated_rate: tuple[str, Decimal] | None = None
    #: The account whose own tax type counts where `tax_type` is None; None: the line's.
    taxed_like: str | None = None
    #: Of how many amounts in Procore it is made, each of which Procore may have taxed and rounded apart; never sent.
    figures: int = 1
    #: The vendor's own tax type where Procore has a tax code; never sent, only compared.
    own_tax_type: str | None = None
    #: Whether the contact's own tax type for purchases, if it has one, goes before `tax_type`.
    is_tax_open: bool = False
    #: Whether `tax_type` is the contact's own.
    of_contact: bool = False
    #: From where in Procore it comes, for people; written behind the text, and no change of the record.
    source: str = ""

    @property
    def text(self) -> str:
        """What is written of it, the description cut where both together are too long."""
        behind = f" ({self.source})" if self.source else ""
        return self.description[: LONGEST_TEXT - len(behind)] + behind

    def body(self) -> Body:
        return self._body(self.text, [tracking.body() for tracking in self.tracking], self.item_code)

    def compared(self) -> Body:
        """What it is compared by: no source, its options by their ids alone, its item by the code it was made with."""
        options = [tracking.option_id for tracking in self.tracking]
        return self._body(self.description[:LONGEST_TEXT], options, self.item_first or self.item_code)

    def _body(self, text: str, tracking: Sequence[object], item_code: str | None) -> Body:
        body: Body = {
            "Description": text,
            "Quantity": self.quantity,
            "UnitAmount": self.amount if self.unit_amount is None else self.unit_amount,
            "AccountCode": self.account_code,
        }
        if self.tax_type:
            body["TaxType"] = self.tax_type
        body["Tracking"] = tracking
        if item_code:
            body["ItemCode"] = item_code
        return body


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill (ACCPAY), or with `credit` a supplier's credit note (ACCPAYCREDIT).

    Amounts are before tax, or `inclusive`: then Xero takes the tax out of them (xero-api.md §4.17).
    """

    contact_id: str
    number: str
    on: date
    lines: tuple[Line, ...]
    url: str
    #: None where the record does not say: filled in from terms kept elsewhere before it is sent.
    due_on: date | None = None
    status: str = "AUTHORISED"
    currency: str | None = None
    credit: bool = False
    inclusive: bool = False
    #: Procore's own figure for the tax, where Procore computes tax, and how far beyond rounding it may be from the
    #: exact one. The lines' `TaxAmount` carries what Xero would round otherwise.
    stated_tax: Decimal | None = None
    tax_tolerance: Decimal = Decimal(0)
    #: Procore says 0.00 and has no tax code on any line: a figure where it computes tax at all, else it says nothing.
    says_no_tax: bool = False
    #: That 0.00 of a direct cost, which an earlier version counted as a figure; never sent.
    stated_zero: Decimal | None = None
    #: What the record is compared by instead of its number, where that is not the supplier's but one that we gave.
    plain_number: str = ""

    def plain(self) -> Bill:
        """The bill without what we call its record by for people."""
        lines = tuple(replace(line, source="") for line in self.lines)
        return replace(self, number=self.plain_number or self.number, lines=lines)

    @property
    def endpoint(self) -> Endpoint:
        return CREDIT_NOTES if self.credit else BILLS

    def body(self) -> Body:
        return self._body(self.number, [line.body() for line in self.lines])

    def compared(self) -> Body:
        """What it is compared by: nothing of what we call its record by for people."""
        return self._body(self.plain_number or self.number, [line.compared() for line in self.lines])

    def _body(self, number: str, lines: Sequence[Body]) -> Body:
        own: Body = {"Type": "ACCPAYCREDIT", "CreditNoteNumber": number}
        if not self.credit:
            own = {"Type": "ACCPAY", "InvoiceNumber": number, "Url": self.url}
            if self.due_on is not None:
                own["DueDate"] = self.due_on.isoformat()
        if self.currency:
            own["CurrencyCode"] = self.currency
        return {
            **own,
            "Contact": {"ContactID": self.contact_id},
            "Date": self.on.isoformat(),
            "Status": self.status,
            "LineAmountTypes": INCLUSIVE if self.inclusive else "Exclusive",
            "LineItems": lines,
        }


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment on a bill, or with `credit` the refund of a credit note.

    Its reference names the Procore payment, so that it is found again without doubt.
    """

    bill_id: str
    account_code: str
    on: date
    amount: Decimal
    reference: str
    credit: bool = False
    #: How it was paid, as Procore says; it chooses the bank account and is never sent.
    method: str = ""
    #: Its amount in Procore, where that is before tax; `amount` has its share of the document's tax when it is sent.
    before_tax: Decimal | None = None

    endpoint = PAYMENTS

    def body(self) -> Body:
        paid: Body = {"CreditNote": {"CreditNoteID": self.bill_id}}
        if not self.credit:
            paid = {"Invoice": {"InvoiceID": self.bill_id}}
        return {
            **paid,
            "Account": {"Code": self.account_code},
            "Date": self.on.isoformat(),
            "Amount": self.amount,
            "Reference": self.reference,
        }


@dataclass(frozen=True, slots=True)
class Allocation:
    """So much of a credit note against a bill. Xero gives it the later of their dates, whatever is said (§4.7)."""

    note_id: str
    bill_id: str
    amount: Decimal
    on: date

    @property
    def endpoint(self) -> Endpoint:
        return allocations(self.note_id)

    def body(self) -> Body:
        return {"Amount": self.amount, "Date": self.on.isoformat(), "Invoice": {"InvoiceID": self.bill_id}}
