"""Items: a price list by code, as far as a cost code can be kept there.

No tracked inventory: the sandbox keeps no stock.
"""

from __future__ import annotations

from worker.sandbox.xero.books import Books
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.values import ZERO_GUID, Row, fold, new_guid

_MAX_LENGTH = {"Code": 30, "Name": 50, "Description": 4000, "PurchaseDescription": 4000}
_WRITABLE = (*_MAX_LENGTH, "IsSold", "IsPurchased", "PurchaseDetails", "SalesDetails")


class Items:
    """The items of one organisation."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, element: Row) -> Row:
        """A new item; raises Rejected when its code is used."""
        code = str(element.get("Code") or "")
        if self._books.items.find("code", fold(code)):
            raise Rejected(f"Price List Item with Code '{code}' already exists")
        blank = {"ItemID": new_guid(), "IsSold": True, "IsPurchased": True, "IsTrackedAsInventory": False}
        return self._merged(blank, element)

    def create_or_update(self, element: Row) -> Row:
        """POST: find by ItemID or Code, else create."""
        if element.get("ItemID", ZERO_GUID) != ZERO_GUID:
            row = self._books.items.get(element["ItemID"])
            if row is None:
                raise Rejected("An existing Item with the specified ItemID could not be found")
            return self._merged(row, element)
        found = self._books.items.find("code", fold(str(element.get("Code") or "")))
        return self._merged(found[0], element) if found else self.create(element)

    def delete(self, row: Row) -> None:
        """Lines that name it keep its code as a text."""
        self._books.items.remove(row["ItemID"])

    def _merged(self, row: Row, element: Row) -> Row:
        changed = {**row, **{key: element[key] for key in _WRITABLE if key in element}}
        problems = [
            f"The field {field} must not exceed {limit} characters."
            for field, limit in _MAX_LENGTH.items()
            if len(changed.get(field) or "") > limit
        ]
        if not changed.get("Code"):
            problems.append("Code must be specified")
        if problems:
            raise Rejected(*problems)
        changed["UpdatedDateUTC"] = self._books.now()
        self._books.items.save(changed)
        return changed
