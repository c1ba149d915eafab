"""The tracking categories of Xero that we write to: found by the name in the mapping file, and kept by their id.

Both are answered with all their options. A person may rename a category, which changes nothing; one that is archived
or not there stops what would name it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from worker.errors import ConfigError
from worker.http import exact_json
from worker.ledger.references import References
from worker.mapping.references import Category, Known
from worker.xero.answers import Element
from worker.xero.documents import Tracking

#: Under which name of the ledger's references it stands which category was found by which name.
FOUND = "tracking_ids"
_WHERE = "In Xero: Accounting, Advanced, Tracking categories"


def missing_categories(
    rows: list[Element], names: Mapping[str, str], ids: Mapping[str, str] | None = None
) -> list[str]:
    """The names of categories that Xero does not have, or has archived. `ids`: name to the id that it once had."""
    return [name for name in names.values() if _named(rows, name, ids or {}) is None]


def find_categories(
    rows: list[Element], names: Mapping[str, str], ids: Mapping[str, str] | None = None
) -> dict[str, Category]:
    """The tracking categories by role. Raises ConfigError saying which clicks create or restore the missing ones."""
    if missing := missing_categories(rows, names, ids):
        archived = [name for name in missing if _row(rows, name, ids or {}) is not None]
        if archived:
            raise ConfigError(
                f"The tracking category {' and that of '.join(repr(name) for name in archived)} is archived in Xero. "
                f"{_WHERE}, show the archived ones, Restore."
            )
        raise ConfigError(
            f"Xero has no tracking category named {' and none named '.join(repr(name) for name in missing)}. "
            f"{_WHERE}, Add tracking category, type the name, Save. Xero allows two active categories."
        )
    found = {role: _named(rows, name, ids or {}) or {} for role, name in names.items()}
    return {role: Category(str(row["TrackingCategoryID"]), str(row["Name"])) for role, row in found.items()}


def known_ids(references: References, names: Collection[str]) -> dict[str, str]:
    """The ids of these categories as far as the ledger knows them, whatever they are called by now."""
    rows = exact_json.loads(references.get("tracking_categories") or "[]")
    read = {name: str(row["TrackingCategoryID"]) for name in names if (row := _named(rows, name, {}))}
    return {**exact_json.loads(references.get(FOUND) or "{}"), **read}


def follow(known: Known, references: References, rows: list[Element]) -> None:
    """Name the two categories as they are called in these rows, just read. Raises ConfigError as `find_categories`."""
    names = known.rules.tracking
    before = {"project": known.project_category, "cost_code": known.cost_code_category}
    roles = {role: name for role, name in names if before[role].id}
    found = find_categories(rows, roles, {names.project: before["project"].id, names.cost_code: before["cost_code"].id})
    if all(found[role] == before[role] for role in roles):
        return
    references.put({FOUND: exact_json.dumps({name: found[role].id for role, name in roles.items()})})
    known.project_category = found["project"]
    known.cost_code_category = found.get("cost_code", known.cost_code_category)
    if known.project is not None:
        known.project = _in(known.project_category, known.project)
    known.cost_codes = {code: _in(known.cost_code_category, one) for code, one in known.cost_codes.items()}


def _in(category: Category, tracking: Tracking) -> Tracking:
    return replace(tracking, category_id=category.id, category=category.name)


def _named(rows: list[Element], name: str, ids: Mapping[str, str]) -> Element | None:
    return _row([row for row in rows if row.get("Status", "ACTIVE") == "ACTIVE"], name, ids)


def _row(rows: list[Element], name: str, ids: Mapping[str, str]) -> Element | None:
    """The one that is called so; else the one that once was."""
    named = (row for row in rows if str(row["Name"]).casefold() == name.casefold())
    kept = (row for row in rows if row["TrackingCategoryID"] == ids.get(name))
    return next(named, None) or next(kept, None)
