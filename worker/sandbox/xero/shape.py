"""Reads a write's body into elements, and refuses the whole call for what Xero cannot read at all.

This runs before anything is saved: a malformed GUID in the last element refuses the first one too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Request

from worker.sandbox.shell import json_body
from worker.sandbox.xero.books import Books
from worker.sandbox.xero.refusals import CallRefused, bad_request, invalid_data, not_found
from worker.sandbox.xero.values import (
    DATE_FIELDS,
    GUID_FIELDS,
    NUMBER_FIELDS,
    ZERO_GUID,
    Row,
    is_guid,
    parse_date,
)

#: Xero advises 50 elements and 3.5 MB; older pages give 3.5 MB as the maximum. The sandbox holds to both.
MAX_ELEMENTS = 50
#: Items alone may be more in one request.
MAX_ITEMS = 500
MAX_BYTES = 3_500_000
#: All but tab, line feed and carriage return.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def elements_of(request: Request, collection: str) -> list[Row]:
    """The documents of a body: `{"Invoices": [..]}`, a bare list, or one bare document."""
    body = body_of(request)
    if isinstance(body, dict) and collection in body:
        body = body[collection]
    elements = body if isinstance(body, list) else [body]
    if not elements or not all(isinstance(element, dict) for element in elements):
        raise invalid_data(f"The body holds no {collection}")
    most = MAX_ITEMS if collection == "Items" else MAX_ELEMENTS
    if len(elements) > most:
        raise bad_request(10, "ValidationException", f"A request may hold at most {most} {collection}")
    return [_without_nulls(element) for element in elements]


def body_of(request: Request) -> dict[str, Any] | list[Any]:
    """The body as JSON, with every GUID, date and number in it checked."""
    data = request.get_data()
    if len(data) > MAX_BYTES:
        raise bad_request(10, "ValidationException", f"A request may hold at most {MAX_BYTES} bytes")
    if not request.is_json:
        raise invalid_data("Data at the root level is invalid. Line 1, position 1.")
    try:
        body = json_body(data)
    except ValueError as error:
        raise invalid_data(f"JSON for post data was invalid, {error}") from None
    _check("", body)
    return body


def refuse_unknown_contacts(books: Books, elements: list[Row]) -> None:
    """One unknown ContactID is a 404 for the whole call."""
    for element in elements:
        contact_id = element.get("Contact", element).get("ContactID", ZERO_GUID)
        if contact_id != ZERO_GUID and books.contacts.get(contact_id) is None:
            raise CallRefused(not_found())


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _check(key: str, value: object) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            _check_container(name, item)
            _check(name, item)
    elif isinstance(value, list):
        for item in value:
            _check("", item)
    elif value is not None:
        _check_characters(value)
        for fields, check in _CHECKS:
            if key in fields:
                check(key, value)


def _check_characters(value: object) -> None:
    """What XML does not hold refuses the whole call (calcinai/xero-php#832); that JSON is read alike is unconfirmed."""
    found = _CONTROL.search(value) if isinstance(value, str) else None
    if found:
        code = f"0x{ord(found[0]):02X}"
        raise invalid_data(f"JSON for post data was invalid, hexadecimal value {code}, is an invalid character.")


def _check_container(key: str, value: object) -> None:
    if key in _OBJECT_FIELDS and not isinstance(value, dict | None):
        raise invalid_data(f"An object was expected. Path '{key}'.")
    is_list = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    if key in _LIST_FIELDS and value is not None and not is_list:
        raise invalid_data(f"A list of objects was expected. Path '{key}'.")


def _check_guid(key: str, value: object) -> None:
    if not is_guid(value):
        raise invalid_data(f"Error converting value \"{value}\" to type 'System.Guid'. Path '{key}'.")


def _check_date(key: str, value: object) -> None:
    try:
        parse_date(value)
    except ValueError:
        raise invalid_data(f"The string '{value}' is not a valid AllXsd value. Path '{key}'.") from None


def _check_number(key: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid_data(f"Could not convert '{value}' to decimal. Path '{key}'.")


def _check_text(key: str, value: object) -> None:
    if not isinstance(value, str):
        raise invalid_data(f"Could not convert '{value}' to string. Path '{key}'.")


_OBJECT_FIELDS = frozenset({"Contact", "Invoice", "CreditNote", "Account", "PurchaseDetails", "SalesDetails"})
_LIST_FIELDS = frozenset({"LineItems", "Tracking", "Addresses", "Phones", "ContactPersons"})
_TEXT_FIELDS = frozenset(
    [
        "Name",
        "Option",
        "ContactNumber",
        "AccountNumber",
        "Description",
        "Status",
        "Type",
        "InvoiceNumber",
        "CreditNoteNumber",
        "Reference",
        "Url",
        "AccountCode",
        "TaxType",
        "ItemCode",
        "Code",
        "LineAmountTypes",
        "CurrencyCode",
        "EmailAddress",
        "ContactStatus",
        "TaxNumber",
        "CompanyNumber",
        "FirstName",
        "LastName",
    ]
)
_CHECKS: tuple[tuple[frozenset[str], Callable[[str, object], None]], ...] = (
    (GUID_FIELDS, _check_guid),
    (DATE_FIELDS, _check_date),
    (NUMBER_FIELDS, _check_number),
    (_TEXT_FIELDS, _check_text),
)
