"""The organisation's contacts, indexed by what a vendor may share with one of them: searched once for every vendor.

It only finds; whether a contact may be adopted is decided in `existing`.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.xero.answers import Element
from worker.xero.documents import Contact

#: Merges followed one after the other; more is a circle.
MOST_MERGES = 10


class Directory:
    """Contacts as they were last read."""

    def __init__(self, rows: Iterable[Element]) -> None:
        self._numbered: dict[str, Element] = {}
        self._by_id: dict[str, Element] = {}
        #: Without the contacts of other Procore vendors, which nobody adopts.
        self._taxed: dict[str, list[Element]] = defaultdict(list)
        self._named: dict[str, list[Element]] = defaultdict(list)
        self._taken: set[str] = set()
        for row in rows:
            self._add(row)

    def _add(self, row: Element) -> None:
        self._by_id[str(row["ContactID"])] = row
        number, name = str(row.get("ContactNumber") or ""), _folded(str(row.get("Name") or ""))
        if number:
            self._numbered.setdefault(number, row)
        if row.get("ContactStatus") != "ACTIVE":
            return
        if number.startswith("procore-"):
            self._taken.add(name)
            return
        self._named[name].append(row)
        if tax_number := _letters_and_digits(row.get("TaxNumber")):
            self._taxed[tax_number].append(row)

    def get(self, contact_id: str) -> Element | None:
        return self._by_id.get(contact_id)

    def merged(self, number: str) -> Element | None:
        """The active contact into which a person merged the one of this number; None when nobody did."""
        row, passed = self._numbered.get(number, {}), 0
        while row.get("ContactStatus") != "ACTIVE" and passed < MOST_MERGES:
            row, passed = self._by_id.get(str(row.get("MergedToContactID")), {}), passed + 1
        return row if passed and row.get("ContactStatus") == "ACTIVE" else None

    def give(self, row: Element) -> None:
        """This contact is a vendor's now: nobody else adopts it, and its name is taken."""
        name, tax_number = _folded(str(row.get("Name") or "")), _letters_and_digits(row.get("TaxNumber"))
        self._numbered.pop(str(row.get("ContactNumber") or ""), None)
        for index, key in ((self._named, name), (self._taxed, tax_number)):
            index[key] = [other for other in index[key] if other is not row]
        self._taken.add(name)

    def find(self, contact: Contact) -> Element | None:
        """The contact to adopt: by ContactNumber, else by tax number, else by exact name; None when there is none.

        Raises DocumentRejected when the name belongs to another vendor's contact, or several contacts fit.
        """
        if numbered := self._numbered.get(contact.number):
            if numbered.get("ContactStatus") != "ACTIVE":
                raise DocumentRejected(HoldCode.NAME_TAKEN, name=contact.name, why="it is archived")
            return numbered
        name = _folded(contact.name)
        same_tax_number = self._taxed.get(_letters_and_digits(contact.tax_number), [])
        for found, what in ((same_tax_number, "tax number"), (self._named.get(name, []), "name")):
            if len(found) > 1:
                raise DocumentRejected(HoldCode.AMBIGUOUS, count=len(found), what=f"contacts of the same {what}")
            if found:
                return found[0]
        if name in self._taken:
            raise DocumentRejected(HoldCode.NAME_TAKEN, name=contact.name, why="another Procore vendor's contact")
        return None


def _letters_and_digits(text: str | None) -> str:
    return "".join(char for char in (text or "").casefold() if char.isalnum())


def _folded(name: str) -> str:
    """As Xero compares names: without regard to case and accents (xero-api.md §4.1)."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())
