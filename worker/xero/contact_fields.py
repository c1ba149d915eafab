"""The fields of a contact one by one, as they are compared: those of the answer with those that were sent, and those
that stand in Xero with those that were written last.

Texts are the same whatever their case and blanks; numbers whatever their signs and blanks, and in whichever parts of a
phone Xero keeps them (country code, area code, number). A user of a US organisation reads of a tax number stars and its
last four digits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from worker.xero.lines import plain

_TEXTS = ("Name", "EmailAddress", "TaxNumberType")
_OF_PHONES = ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber")
_MASK = "*"
#: Fields that are lists, to what their elements are told apart by.
_LISTS = {"Phones": "PhoneType", "Addresses": "AddressType"}


class Part(NamedTuple):
    """One text of a contact."""

    #: Xero's field in which it is written.
    field: str
    shown: str
    compared: str

    @property
    def mark(self) -> str:
        """What the ledger keeps of it, to tell whether it is the same."""
        return hashlib.sha256(self.compared.encode()).hexdigest()[:12]


def parts(contact: Mapping[str, Any]) -> dict[str, Part]:
    """The texts of a body or of an answer by name: "EmailAddress", "DEFAULT phone", "STREET City"."""
    return dict(_parts(contact))


def is_same(sent: Part, stored: Part | None) -> bool:
    if stored is None:
        return False
    if _MASK in stored.shown:
        return sent.compared.endswith(stored.compared)
    return sent.compared == stored.compared


def beside(body: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """The body with what a person has entered beside it in the same lists: Xero may take a list as a whole."""
    found = dict(body)
    for field, key in _LISTS.items():
        if field not in body:
            continue
        rows = {row[key]: row for row in stored.get(field) or () if row.get(key)}
        found[field] = list((rows | {row[key]: {**rows.get(row[key], {}), **row} for row in body[field]}).values())
    return found


def _parts(contact: Mapping[str, Any]) -> Iterator[tuple[str, Part]]:
    for name in _TEXTS:
        if text := plain(contact.get(name)):
            compared = text.removeprefix("TAXNUMBERTYPE/") if name == "TaxNumberType" else text
            yield name, Part(name, text, compared.casefold())
    if number := plain(contact.get("TaxNumber")):
        yield "TaxNumber", Part("TaxNumber", number, "".join(filter(str.isalnum, number)).casefold())
    for phone in contact.get("Phones") or ():
        if text := plain(" ".join(str(phone[part]) for part in _OF_PHONES if phone.get(part))):
            digits = "".join(filter(str.isalnum, text)).casefold()
            yield f"{phone.get('PhoneType')} phone", Part("Phones", text, digits)
    for address in contact.get("Addresses") or ():
        kind = address.get("AddressType")
        for name, value in address.items():
            if name != "AddressType" and (text := plain(value)):
                yield f"{kind} {name}", Part("Addresses", text, text.casefold())
