"""Whether an answer of Xero has the shape that everything behind it reads: objects, lists, and the ids of documents.

A whole answer is taken or refused here, in a sentence, before anything is made of it. What its fields say is not judged
here: amounts and dates are read in `answers`, and compared in `proof`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from worker.errors import ContractBroken
from worker.xero.answers import Element

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
    wrong = _wrong_list(rows, wrapper) if isinstance(rows, list) else f"it has no list of {wrapper}"
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


def _wrong_list(rows: Any, name: str) -> str:
    if not isinstance(rows, list):
        return f"{name} is no list"
    for row in rows:
        if wrong := _wrong(row, name):
            return wrong
    return ""


def _wrong(row: Any, where: str) -> str:
    """What is not as documented, in words; the first is enough."""
    if not isinstance(row, dict):
        return f"one of {where} is no object"
    for name, value in row.items():
        if name in _NESTED:
            wrong = "" if value is None else _NESTED[name](value, name)
        elif isinstance(value, str):
            wrong = f"{name} is no id" if len(value) > _LONGEST_ID and name in _IDS else ""
        else:
            wrong = f"{name} is no text" if value is not None and name in _TEXTS else ""
        if wrong:
            return wrong
    return ""


_IDS = frozenset(
    (
        *("ContactID", "MergedToContactID", "InvoiceID", "PaymentID", "CreditNoteID", "TrackingCategoryID"),
        *("TrackingOptionID", "ItemID", "LineItemID", "OrganisationID"),
    )
)
#: What is compared, looked up or shown.
_TEXTS = frozenset(
    (
        *_IDS,
        *("ContactNumber", "ContactStatus", "InvoiceNumber", "CreditNoteNumber", "Option", "ItemCode", "Code", "Name"),
        *("Status", "Type", "TaxType", "AccountCode", "Url", "Reference", "BaseCurrency", "SystemAccount", "Class"),
        *("TaxNumber", "TaxNumberType", "PhoneType", "AddressType"),
    )
)
_LISTS = ("LineItems", "Tracking", "ValidationErrors", "Options", "Payments", "Allocations", "Phones", "Addresses")
_NESTED: Mapping[str, Callable[[Any, str], str]] = {
    **dict.fromkeys(("Contact", "Invoice", "CreditNote", "Account"), _wrong),
    **dict.fromkeys(_LISTS, _wrong_list),
}
