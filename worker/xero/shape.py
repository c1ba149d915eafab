"""Whether an answer of Xero has the shape that everything behind it reads: objects, lists, and the ids of documents.

A whole answer is taken or refused here, in a sentence, before anything is made of it. What its fields say is not judged
here: amounts and dates are read in `answers`, and compared in `proof`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.errors import ContractBroken
from worker.xero.answers import Element

_OBJECTS = ("Contact", "Invoice", "CreditNote", "Account")
_LISTS = ("LineItems", "Tracking", "ValidationErrors", "Options", "Payments")
#: What is compared, looked up or shown.
_TEXTS = (
    *("ContactID", "ContactNumber", "ContactStatus", "MergedToContactID", "InvoiceID", "InvoiceNumber", "PaymentID"),
    *("CreditNoteID", "CreditNoteNumber", "TrackingCategoryID", "TrackingOptionID", "Option", "ItemID", "ItemCode"),
    *("Code", "Name", "Status", "Type", "TaxType", "AccountCode", "Url", "Reference", "LineItemID", "OrganisationID"),
    *("TaxNumber", "BaseCurrency", "SystemAccount", "Class"),
)
_LONGEST_ID = 64
#: What every row of a list must say.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Contacts": ("ContactID",),
    "CreditNotes": ("CreditNoteID", "Status"),
    "Invoices": ("InvoiceID", "Status"),
    "Items": ("ItemID", "Code"),
    "Options": ("TrackingOptionID", "Name"),
    "Organisations": ("OrganisationID",),
    "Payments": ("PaymentID",),
    "TaxRates": ("TaxType",),
    "TrackingCategories": ("TrackingCategoryID", "Name"),
}


def elements(body: object, wrapper: str, path: str) -> list[Element]:
    """The elements of an answer; some may be refusals. Raises ContractBroken when it is no list of objects."""
    rows = body.get(wrapper) if isinstance(body, dict) else None
    wrong = f"it has no list of {wrapper}" if not isinstance(rows, list) else next(_all_wrong(rows, wrapper), "")
    if wrong or not isinstance(rows, list):
        raise ContractBroken(f"Xero's answer to {path} cannot be read: {wrong}. Try later.")
    return rows


def documents(body: object, wrapper: str, path: str) -> list[Element]:
    """The rows of a list that was asked for: each has its id. Raises ContractBroken otherwise."""
    rows = elements(body, wrapper, path)
    for row in rows:
        _require(row, wrapper, path)
        for option in row.get("Options") or ():
            _require(option, "Options", path)
    return rows


def _require(row: Element, wrapper: str, path: str) -> None:
    for name in REQUIRED.get(wrapper, ()):
        if row.get(name) is None:
            raise ContractBroken(f"Xero's answer to {path} cannot be read: one of its {wrapper} has no {name}.")


def _all_wrong(rows: Any, name: str) -> Iterator[str]:
    if not isinstance(rows, list):
        yield f"{name} is no list"
        return
    for row in rows:
        yield from _wrong(row, name)


def _wrong(row: Any, where: str) -> Iterator[str]:
    """What is not as documented, in words; the first is enough."""
    if not isinstance(row, dict):
        yield f"one of {where} is no object"
        return
    for name, value in row.items():
        if value is None:
            continue
        if name in _OBJECTS:
            yield from _wrong(value, name)
        elif name in _LISTS:
            yield from _all_wrong(value, name)
        elif name in _TEXTS and not isinstance(value, str):
            yield f"{name} is no text"
        elif name in _TEXTS and name.endswith("ID") and len(value) > _LONGEST_ID:
            yield f"{name} is no id"
