"""Whether something in Xero is what was sent: by its natural key, and field by field.

Works on the bodies as they were journalled, so that a request of yesterday's crash is judged like one of just now.
Lines are compared as a set: whether Xero keeps their order is not documented (xero-api.md §4.6).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice, zip_longest
from typing import Any

from worker.xero.answers import ZERO_GUID, Element, amount, day
from worker.xero.documents import Endpoint

Body = Mapping[str, Any]
#: Lines that a difference names one by one.
LINES_SHOWN = 4
LineFacts = tuple[Decimal, str, str, frozenset[tuple[str, str]], str]


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
        found += _unequal("TotalTax", tax, amount(element, "TotalTax"))
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
    return contact in (None, body["Contact"]["ContactID"]) and bool(element.get(field) == body[field])


def _same_payment(body: Body, element: Element) -> bool:
    return bool(paid_id(element) == paid_id(body) and element.get("Reference") == body["Reference"])


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
}
_KEY_FIELDS = {
    "Contacts": ("ContactNumber",),
    "Items": ("Code",),
    "Options": ("Name",),
    "Invoices": ("InvoiceNumber", "Url"),
    "CreditNotes": ("CreditNoteNumber",),
    "Payments": ("Reference",),
}


def _contact_differences(body: Body, element: Element) -> list[str]:
    return _unequal("ContactNumber", body["ContactNumber"], element.get("ContactNumber"))


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
    found = [
        *_unequal("Status", body["Status"], _approved(element, body)),
        *_unequal(number, body[number], element.get(number)),
        *_unequal("Date", date.fromisoformat(body["Date"]), day(element, "Date")),
        *_unequal("Contact", body["Contact"]["ContactID"], (element.get("Contact") or {}).get("ContactID")),
        *_unequal("number of lines", len(sent), len(stored)),
        *_unequal("SubTotal", sum(map(_line_amount, sent)), amount(element, "SubTotal")),
    ]
    if "DueDate" in body:
        found += _unequal("DueDate", date.fromisoformat(body["DueDate"]), day(element, "DueDate"))
    names = {item["TrackingOptionID"]: item["Option"].casefold() for line in sent for item in line["Tracking"]}
    ours, theirs = Counter(map(_sent_facts, sent)), Counter(_stored_facts(line, names) for line in stored)
    return found + _line_by_line(list((ours - theirs).elements()), list((theirs - ours).elements()))


def _line_by_line(missing: Sequence[LineFacts], instead: Sequence[LineFacts]) -> list[str]:
    """The lines that differ, each beside the one that stands in its place; a long list is cut short."""
    found = []
    for ours, theirs in islice(zip_longest(missing, instead), LINES_SHOWN):
        if ours is None:
            found.append(f"a line of {_in_words(theirs)} that was not sent")
        else:
            instead_of = f", but one of {_in_words(theirs)}" if theirs else ""
            found.append(f"no line of {_in_words(ours)}{instead_of}")
    more = max(len(missing), len(instead)) - len(found)
    return [*found, f"and {more} more line{'s' if more > 1 else ''}"] if more else found


def _payment_differences(body: Body, element: Element) -> list[str]:
    return [
        *_unequal("Amount", Decimal(body["Amount"]), amount(element, "Amount")),
        *_unequal("Date", date.fromisoformat(body["Date"]), day(element, "Date")),
    ]


_DIFFERENCES = {
    "Contacts": _contact_differences,
    "Items": _item_differences,
    "Options": _option_differences,
    "Invoices": _bill_differences,
    "CreditNotes": _bill_differences,
    "Payments": _payment_differences,
}


def _approved(element: Element, body: Body) -> object:
    """A bill that was approved or paid since is still the bill that was sent for approval."""
    status = element.get("Status")
    return body["Status"] if status in ("AUTHORISED", "PAID") else status


def _unequal(name: str, sent: object, stored: object) -> list[str]:
    return [] if sent == stored else [f"{name} is {stored}, sent was {sent}"]


def _line_amount(line: Body) -> Decimal:
    return Decimal(line["Quantity"]) * Decimal(line["UnitAmount"])


def _sent_facts(line: Body) -> LineFacts:
    tracking = frozenset((item["TrackingCategoryID"], item["Option"].casefold()) for item in line["Tracking"])
    return (_line_amount(line), line["AccountCode"], line["TaxType"], tracking, str(line.get("ItemCode") or ""))


def _stored_facts(line: Element, names: Mapping[str, str]) -> LineFacts:
    """An option is known by its id where Xero answers it (not in lists, §4.3), whatever it is called by now."""
    tracking = frozenset(
        (
            str(item.get("TrackingCategoryID", "")),
            names.get(item.get("TrackingOptionID", ""), str(item.get("Option", "")).casefold()),
        )
        for item in line.get("Tracking") or ()
    )
    coded = (str(line.get("AccountCode")), str(line.get("TaxType")))
    return (amount(line, "LineAmount"), *coded, tracking, str(line.get("ItemCode") or ""))


def _in_words(line: LineFacts) -> str:
    tracked = " and ".join(sorted(option for _, option in line[3])) or "no tracking"
    item = f", item {line[4]}" if line[4] else ""
    return f"{line[0].normalize():f} on account {line[1]}, {line[2]}, tracked to {tracked}{item}"
