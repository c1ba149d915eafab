"""Whether something in Xero is what was sent: by its natural key, and field by field.

Works on the bodies as they were journalled, so that a request of yesterday's crash is judged like one of just now.
Every field that is sent is compared, texts without regard to blanks and line ends; what was left to Xero is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from worker.counting import money
from worker.xero import contact_fields, lines
from worker.xero.answers import ZERO_GUID, Element, amount, day
from worker.xero.documents import Endpoint
from worker.xero.lines import plain
from worker.xero.rounding import rounding

Body = Mapping[str, Any]


def same(endpoint: Endpoint, body: Body, element: Element) -> bool:
    """Whether `element` is the document that `body` asks for, by its natural key."""
    sent_id = body.get(endpoint.id_field)
    if sent_id:
        return bool(element.get(endpoint.id_field) == sent_id)
    return _SAME[endpoint.wrapper](body, element)


def differences(endpoint: Endpoint, body: Body, element: Element, tax: Decimal | None = None) -> list[str]:
    """What Xero holds otherwise than asked, in words; empty when it is proved. `tax` is the tax expected on it."""
    found = _DIFFERENCES[endpoint.wrapper](body, element)
    if tax is not None and "TotalTax" in element:
        found += _unequal_amounts("TotalTax", tax, amount(element, "TotalTax"), currency_of(body, element))
    return found


def match(endpoint: Endpoint, bodies: Sequence[Body], elements: Sequence[Element]) -> list[Element | None]:
    """The answer's element for each body: the one in its place, else the one with its key; None when there is none."""
    rest: dict[int, Element] = dict(enumerate(elements))
    found: list[Element | None] = []
    for index, body in enumerate(bodies):
        place = index if index in rest and _fits(endpoint, body, rest[index], len(bodies), len(elements)) else None
        if place is None:
            place = next((other for other, element in rest.items() if same(endpoint, body, element)), None)
        found.append(None if place is None else rest.pop(place))
    return found


def _fits(endpoint: Endpoint, body: Body, element: Element, sent: int, answered: int) -> bool:
    """In place and not contradicted: a refused element may lack the fields of its key."""
    keys = [element.get(field) for field in (endpoint.id_field, *_KEY_FIELDS[endpoint.wrapper])]
    keyless = not any(key and key != ZERO_GUID for key in keys)
    return same(endpoint, body, element) or (keyless and sent == answered)


def _same_contact(body: Body, element: Element) -> bool:
    return bool(element.get("ContactNumber") == body["ContactNumber"])


def _same_item(body: Body, element: Element) -> bool:
    return str(element.get("Code", "")).casefold() == str(body["Code"]).casefold()


def _same_option(body: Body, element: Element) -> bool:
    return str(element.get("Name", "")).casefold() == str(body["Name"]).casefold()


def _same_bill(body: Body, element: Element) -> bool:
    """The page in Procore decides where there is one; else contact and number."""
    url = element.get("Url")
    if url and body.get("Url"):
        return bool(url == body["Url"])
    contact = (element.get("Contact") or {}).get("ContactID")
    field = "InvoiceNumber" if "InvoiceNumber" in body else "CreditNoteNumber"
    return contact in (None, body["Contact"]["ContactID"]) and plain(element.get(field)) == plain(body[field])


def _same_payment(body: Body, element: Element) -> bool:
    return paid_id(element) == paid_id(body) and plain(element.get("Reference")) == plain(body["Reference"])


def _same_allocation(body: Body, element: Element) -> bool:
    return _bill_id(element) == _bill_id(body) and amount(element, "Amount") == Decimal(body["Amount"])


def _bill_id(allocation: Mapping[str, Any]) -> object:
    return (allocation.get("Invoice") or {}).get("InvoiceID")


def paid_id(payment: Mapping[str, Any]) -> str | None:
    """The bill or credit note that a payment is on."""
    for wrapper, id_field in (("Invoice", "InvoiceID"), ("CreditNote", "CreditNoteID")):
        if payment.get(wrapper):
            return str(payment[wrapper].get(id_field))
    return None


_SAME = {
    "Contacts": _same_contact,
    "Items": _same_item,
    "Options": _same_option,
    "Invoices": _same_bill,
    "CreditNotes": _same_bill,
    "Payments": _same_payment,
    "Allocations": _same_allocation,
}
_KEY_FIELDS = {
    "Contacts": ("ContactNumber",),
    "Items": ("Code",),
    "Options": ("Name",),
    "Invoices": ("InvoiceNumber", "Url"),
    "CreditNotes": ("CreditNoteNumber",),
    "Payments": ("Reference",),
    "Allocations": (),
}


def _contact_differences(body: Body, element: Element) -> list[str]:
    found = _unequal("ContactNumber", body["ContactNumber"], element.get("ContactNumber"))
    there = contact_fields.parts(element)
    for name, sent in contact_fields.parts(body).items():
        stored = there.get(name)
        if sent.field in element and not contact_fields.is_same(sent, stored):
            found += _unequal(name, sent.shown, stored.shown if stored else "blank")
    return found


def _option_differences(body: Body, element: Element) -> list[str]:
    if not _same_option(body, element):
        return _unequal("Name", body["Name"], element.get("Name"))
    return _unequal("Status", body["Status"], element.get("Status")) if "Status" in body else []


def _item_differences(body: Body, element: Element) -> list[str]:
    return [difference for name in ("Code", "Name") for difference in _unequal(name, body[name], element.get(name))]


def _bill_differences(body: Body, element: Element) -> list[str]:
    stored = element.get("LineItems") or []
    sent = body["LineItems"]
    number = "InvoiceNumber" if "InvoiceNumber" in body else "CreditNoteNumber"
    total_field, total = lines.comes_to(body)
    rounded, currency = rounding(element), currency_of(body, element)
    stored_total = amount(element, total_field) - (rounded if total_field == "Total" else 0)
    found = [
        *_unequal("Status", body["Status"], _approved(element, body)),
        *_unequal(number, plain(body[number]), plain(element.get(number))),
        *_unequal("Date", date.fromisoformat(body["Date"]), day(element, "Date")),
        *_unequal("Contact", body["Contact"]["ContactID"], (element.get("Contact") or {}).get("ContactID")),
        *_unequal("number of lines", len(sent), len(stored)),
        *_unequal_amounts(total_field, total, stored_total, currency),
        *_unequal("RoundingAmount", "none", money(rounded, currency) if rounded else "none"),
    ]
    for field in ("CurrencyCode", "LineAmountTypes", "Url"):
        if field in body and field in element:
            found += _unequal(field, body[field], element[field])
    if "DueDate" in body:
        found += _unequal("DueDate", date.fromisoformat(body["DueDate"]), day(element, "DueDate"))
    return found + lines.differences(sent, stored, currency)


def _payment_differences(body: Body, element: Element) -> list[str]:
    found = [
        *_unequal_amounts("Amount", Decimal(body["Amount"]), amount(element, "Amount"), currency_of(body, element)),
        *_unequal("Date", date.fromisoformat(body["Date"]), day(element, "Date")),
        *_unequal("Reference", plain(body["Reference"]), plain(element.get("Reference"))),
        *_unequal("document", paid_id(body), paid_id(element)),
    ]
    if code := (element.get("Account") or {}).get("Code"):  # by its id alone it cannot be compared
        found += _unequal("Account", body["Account"]["Code"], code)
    return found


def _allocation_differences(body: Body, element: Element) -> list[str]:
    """Its date is Xero's: the later of the two documents' (xero-api.md §4.7)."""
    return [
        *_unequal_amounts("Amount", Decimal(body["Amount"]), amount(element, "Amount"), currency_of(body, element)),
        *_unequal("document", _bill_id(body), _bill_id(element)),
    ]


_DIFFERENCES = {
    "Contacts": _contact_differences,
    "Items": _item_differences,
    "Options": _option_differences,
    "Invoices": _bill_differences,
    "CreditNotes": _bill_differences,
    "Payments": _payment_differences,
    "Allocations": _allocation_differences,
}


def _approved(element: Element, body: Body) -> object:
    """A bill that was approved or paid since is still the bill that was sent for approval."""
    status = element.get("Status")
    return body["Status"] if status in ("AUTHORISED", "PAID") else status


def currency_of(body: Body, element: Element) -> str:
    """Of the document, or of that which is paid; blank where neither says it."""
    places = (element, element.get("Invoice") or {}, element.get("CreditNote") or {}, body)
    return next((str(one["CurrencyCode"]) for one in places if one.get("CurrencyCode")), "")


def _unequal_amounts(name: str, sent: Decimal, stored: Decimal, currency: str) -> list[str]:
    return [] if sent == stored else _unequal(name, money(sent, currency), money(stored, currency))


def _unequal(name: str, sent: object, stored: object) -> list[str]:
    return [] if sent == stored else [f"{name} is {stored}, sent was {sent}"]
