"""The tracking categories: are they there, how full are they, and on request make the missing ones.

A category is created after looking, under a key that stands for what was seen: two doctors at once, or one that is run
again after a lost answer, make one category.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from worker.assembly import Parts
from worker.counting import counted
from worker.doctor.finding import Finding, ok, warn, wrong
from worker.errors import OutcomeUnknown, RequestRefused, SyncError
from worker.http import exact_json
from worker.mapping.rules import Rules
from worker.pipeline.look.categories import known_ids
from worker.xero import answers
from worker.xero.answers import Element
from worker.xero.client import Xero
from worker.xero.documents import TRACKING_CATEGORIES

#: Xero's reports become slow from about a hundred options in a category (xero-api.md §4.3).
MANY_OPTIONS = 90
MOST_ACTIVE = 2
ABOUT = "Tracking"
_PATH = "Accounting > Advanced > Tracking categories"


def wanted(rules: Rules) -> list[str]:
    """The categories that the worker tracks to."""
    names = rules.tracking
    return [names.project, names.cost_code] if rules.cost_codes.target == "tracking" else [names.project]


def known(parts: Parts, rules: Rules) -> Mapping[str, str]:
    """The categories that the worker found by their names, by id: a person may have renamed one since."""
    try:
        return known_ids(parts.references(), wanted(rules)) if parts.known_organisation() else {}
    except SyncError:  # of the ledger, which has a line of its own
        return {}


def check(rows: Sequence[Element], names: Sequence[str], ids: Mapping[str, str]) -> Iterator[Finding]:
    """`rows` are all categories, archived ones too; `ids` those that are known."""
    for name in names:
        found = _named(rows, name, ids)
        if found is None:
            full = sum(_is_active(row) for row in rows) >= MOST_ACTIVE
            spare = "archive one of the two active ones first, then " if full else ""
            click = f"procore-xero doctor --fix; or in Xero: {_PATH}: {spare}Add tracking category, type {name}, Save."
            yield wrong(ABOUT, f"Xero has no tracking category named '{name}'.", click)
        elif not _is_active(found):
            yield wrong(
                ABOUT, f"The tracking category '{found['Name']}' is archived.", f"In Xero: {_PATH}: restore it."
            )
        else:
            yield _options(name, found)


def missing(rows: Sequence[Element], names: Sequence[str], ids: Mapping[str, str]) -> list[str]:
    """Those that are not there at all; an archived one is a person's to restore."""
    return [name for name in names if _named(rows, name, ids) is None]


def create(xero: Xero, tenant_id: str, rows: Sequence[Element], name: str) -> Finding:
    """Make a category that is not among `rows`, as they were just read."""
    try:
        (element,) = xero.write(
            TRACKING_CATEGORIES,
            "PUT",
            TRACKING_CATEGORIES.path,
            exact_json.dumps({"Name": name}),
            _key(tenant_id, rows, name),
        )
    except (RequestRefused, OutcomeUnknown) as error:
        if _named(xero.tracking_categories(archived=True), name, {}) is not None:
            return ok(ABOUT, f"The tracking category '{name}' is made.")
        return wrong(
            ABOUT, f"The tracking category '{name}' could not be made: {error}", "Run the doctor again in some minutes."
        )
    if refusals := answers.problems(element, TRACKING_CATEGORIES.id_field):
        return wrong(ABOUT, f"Xero does not make the tracking category '{name}': {'; '.join(refusals)}.")
    return ok(ABOUT, f"The tracking category '{name}' is made.")


def _key(tenant_id: str, rows: Sequence[Element], name: str) -> str:
    seen = sorted(f"{row['TrackingCategoryID']} {row['Name']} {row.get('Status')}" for row in rows)
    return f"category-{hashlib.sha256(exact_json.dumps([tenant_id, name, seen]).encode()).hexdigest()}"


def _named(rows: Sequence[Element], name: str, ids: Mapping[str, str]) -> Element | None:
    """The one of this name, or that once was; an active one before an archived one."""
    found = [row for row in rows if str(row["Name"]).casefold() == name.casefold()]
    found += [row for row in rows if row["TrackingCategoryID"] == ids.get(name)]
    return next((row for row in found if _is_active(row)), found[0] if found else None)


def _is_active(row: Element) -> bool:
    return bool(row.get("Status", "ACTIVE") == "ACTIVE")


def _options(name: str, row: Element) -> Finding:
    count = sum(_is_active(option) for option in row.get("Options") or [])
    called = "" if str(row["Name"]).casefold() == name.casefold() else f" (called '{row['Name']}' in Xero now)"
    said = f"'{name}'{called} is active and has {counted(count, 'active option')}."
    if count < MANY_OPTIONS:
        return ok(ABOUT, said)
    click = f"In Xero: {_PATH}: archive options of closed jobs; or set target under [cost_codes] in the mapping file."
    return warn(ABOUT, f"{said} From about 100 on, Xero's reports become slow.", click)
