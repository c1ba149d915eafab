"""Tracking categories and options: their limits, and how a line's Tracking finds them.

The known trap is kept: a name that matches no active option is dropped without a word, and the call answers 200.
"""

from __future__ import annotations

from typing import Any

from worker.sandbox.xero.books import Books, Table
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.values import ZERO_GUID, Row, fold, new_guid

MAX_ACTIVE, MAX_CATEGORIES, MAX_NAME, MAX_PER_LINE = 2, 4, 100, 2
_UNKNOWN = "Unknown tracking details. A Tracking Category did not match a known Active TrackingCategory"

#: What a line keeps: category id and option id; the names are read when it is answered.
Pair = tuple[str, str]


def new_options() -> Table:
    """A category's options, found by folded name whatever their status."""
    return Table("TrackingOptionID", name=lambda row: fold(row["Name"]))


class Tracking:
    """The categories of one organisation."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def create_category(self, element: Row) -> Row:
        """A new active category; raises Rejected over the limits or for a used name."""
        name = _checked_name(element.get("Name"))
        rows = self._books.categories.all()
        if self._books.categories.find("name", fold(name)):
            raise Rejected(f"A tracking category named '{name}' already exists")
        if len(rows) >= MAX_CATEGORIES:
            raise Rejected(f"An organisation may have at most {MAX_CATEGORIES} tracking categories")
        if self._active_count() >= MAX_ACTIVE:
            raise Rejected(f"An organisation may have at most {MAX_ACTIVE} active tracking categories")
        row = {
            "TrackingCategoryID": new_guid(),
            "Name": name,
            "Status": "ACTIVE",
            "Options": new_options(),
        }
        self._books.categories.save(row)
        return row

    def update_category(self, row: Row, element: Row) -> Row:
        """Rename, archive or bring back a category."""
        changed = {**row, **_name_and_status(element)}
        others = self._books.categories.find("name", fold(changed["Name"]))
        if any(other["TrackingCategoryID"] != row["TrackingCategoryID"] for other in others):
            raise Rejected(f"A tracking category named '{changed['Name']}' already exists")
        if changed["Status"] == "ACTIVE" != row["Status"] and self._active_count() >= MAX_ACTIVE:
            raise Rejected(f"An organisation may have at most {MAX_ACTIVE} active tracking categories")
        self._books.categories.save(changed)
        return changed

    def create_option(self, category: Row, element: Row) -> Row:
        """A new option; its name is unique in the category whatever its letter case."""
        name = _checked_name(element.get("Name"))
        options: Table = category["Options"]
        if options.find("name", fold(name)):
            raise Rejected(f"A tracking option named '{name}' already exists in '{category['Name']}'")
        row = {"TrackingOptionID": new_guid(), "Name": name, "Status": "ACTIVE"}
        options.save(row)
        return row

    def update_option(self, category: Row, row: Row, element: Row) -> Row:
        """Rename, archive or bring back an option; its id stays."""
        changed = {**row, **_name_and_status(element)}
        options: Table = category["Options"]
        others = options.find("name", fold(changed["Name"]))
        if any(other["TrackingOptionID"] != row["TrackingOptionID"] for other in others):
            raise Rejected(f"A tracking option named '{changed['Name']}' already exists in '{category['Name']}'")
        options.save(changed)
        return changed

    def delete_option(self, category: Row, row: Row) -> None:
        """Only an option that no line uses can be deleted; its name is free again, its id is not."""
        self._check_unused({(category["TrackingCategoryID"], row["TrackingOptionID"])})
        category["Options"].remove(row["TrackingOptionID"])
        category.setdefault("Deleted", []).append({**row, "Status": "DELETED"})

    def delete_category(self, category: Row) -> None:
        """The same for a category: none of its options may be used."""
        category_id = category["TrackingCategoryID"]
        self._check_unused({(category_id, option["TrackingOptionID"]) for option in category["Options"].all()})
        self._books.categories.remove(category_id)

    def _check_unused(self, pairs: set[Pair]) -> None:
        for table in (self._books.invoices, self._books.credit_notes):
            if any(pair in pairs for doc in table.all() for line in doc["LineItems"] for pair in line["Tracking"]):
                raise Rejected("The tracking option is used by a transaction; archive it instead")

    def pairs(self, given: list[Row], kept: list[Pair]) -> list[Pair]:
        """The options that a line's Tracking names; raises Rejected where Xero does not just drop it."""
        if len(given) > MAX_PER_LINE:
            raise Rejected(f"A line item may have at most {MAX_PER_LINE} tracking categories")
        pairs = [pair for element in given if (pair := self._pair(element, kept)) is not None]
        if len({category for category, _ in pairs}) < len(pairs):
            raise Rejected("A line item may have only one option of each tracking category")
        return pairs

    def answer(self, pairs: list[Pair], *, with_option_ids: bool) -> list[Row]:
        """A line's Tracking as Xero answers it: paged lists leave the option's id out."""
        return [self._answered(pair, with_option_ids) for pair in pairs]

    def _answered(self, pair: Pair, with_option_ids: bool) -> Row:
        category = self._books.categories.get(pair[0]) or {"Name": ""}
        option = category["Options"].get(pair[1]) or {"Name": ""}
        found = {"Name": category["Name"], "Option": option["Name"], "TrackingCategoryID": pair[0]}
        return {**found, **({"TrackingOptionID": pair[1]} if with_option_ids else {"Options": []})}

    def _pair(self, element: Row, kept: list[Pair]) -> Pair | None:
        by = self._books.switches.now.tracking_by
        names = {"Name": element.get("Name", ""), "Option": element.get("Option", "")}
        category_id, option_id = ("", "") if by == "name" else _ids(element)
        category = self._category(category_id, option_id, names)
        if category is None:
            if category_id or option_id or by == "name":
                raise Rejected(_UNKNOWN)
            return None
        options: Table = category["Options"]
        named = options.find("name", fold(names["Option"]))
        option = options.get(option_id) if option_id else next(iter(named), None)
        if option is None and (option_id or by == "name"):
            raise Rejected(_UNKNOWN)
        if by == "both" and option not in named:
            raise Rejected(_UNKNOWN)
        pair = (category["TrackingCategoryID"], option["TrackingOptionID"]) if option else None
        if pair in kept or (option is not None and _active(option) and _active(category)):
            return pair
        if option_id:
            raise Rejected(_UNKNOWN)
        return None

    def _category(self, category_id: str, option_id: str, element: Row) -> Row | None:
        if category_id:
            return self._books.categories.get(category_id)
        if option_id:
            rows = self._books.categories.all()
            return next((row for row in rows if row["Options"].get(option_id)), None)
        return next(iter(self._books.categories.find("name", fold(element.get("Name", "")))), None)

    def _active_count(self) -> int:
        return sum(_active(row) for row in self._books.categories.all())


def category_answer(row: Row, *, archived: bool, deleted: bool = False) -> Row:
    """A category with its options as Xero answers it."""
    options = [option_answer(option) for option in row["Options"].all() if archived or _active(option)]
    if archived and deleted:
        options += [option_answer(option) for option in row.get("Deleted", [])]
    return {
        "Name": row["Name"],
        "Status": row["Status"],
        "TrackingCategoryID": row["TrackingCategoryID"],
        "Options": options,
    }


def option_answer(row: Row) -> dict[str, Any]:
    """An option as Xero answers it."""
    status = row["Status"]
    return {
        "TrackingOptionID": row["TrackingOptionID"],
        "Name": row["Name"],
        "Status": status,
        "HasValidationErrors": False,
        "IsDeleted": status == "DELETED",
        "IsArchived": status == "ARCHIVED",
        "IsActive": status == "ACTIVE",
    }


def _ids(element: Row) -> tuple[str, str]:
    """Of category and option; blank where there is none."""
    given = [str(element.get(key) or "").lower() for key in ("TrackingCategoryID", "TrackingOptionID")]
    category_id, option_id = ("" if one == ZERO_GUID else one for one in given)
    return category_id, option_id


def _active(row: Row) -> bool:
    return bool(row["Status"] == "ACTIVE")


def _name_and_status(element: Row) -> Row:
    changes: Row = {key: element[key] for key in ("Name", "Status") if key in element}
    if "Name" in changes:
        changes["Name"] = _checked_name(changes["Name"])
    if changes.get("Status", "ACTIVE") not in ("ACTIVE", "ARCHIVED"):
        raise Rejected(f"Status '{changes['Status']}' is not valid")
    return changes


def _checked_name(name: str | None) -> str:
    if not name or not name.strip():
        raise Rejected("Name must be specified")
    if len(name) > MAX_NAME:
        raise Rejected(f"Name must not exceed {MAX_NAME} characters")
    return name
