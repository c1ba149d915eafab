"""Tracking options as they stand in Xero: found by their name, or looked at by the id that the ledger has.

A person may rename one, which is its name from then on; archive it; or delete it, which Xero allows while nothing uses
it. The list is read once a pass, and once more where it is older than what the ledger says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from worker.errors import DocumentRejected
from worker.facts import RENAMED
from worker.holds import HoldCode, title
from worker.ledger.entries import Known as Entry
from worker.mapping.references import Category
from worker.pipeline.look.items import KIND
from worker.pipeline.work import Work
from worker.xero.answers import Element
from worker.xero.documents import Item, Option, Tracking

PROJECTS = "projects"


@dataclass(frozen=True, slots=True)
class Named:
    """An option that lines name, beside what the ledger has of it."""

    kind: str
    category: Category
    entry: Entry
    #: As lines name it by now; None: it is not there any more, or another record's.
    tracking: Tracking | None = None
    is_archived: bool = False
    #: What its entry gets: how it is called by now.
    facts: Mapping[str, Any] = field(default_factory=dict)


def named(work: Work, ids: Collection[str]) -> list[Named]:
    """Those of these options that are a project's or a cost code's of ours."""
    work.settings.categories()  # the two may be called otherwise by now
    own, codes = work.entries.known(PROJECTS, [work.project.procore_id]), work.entries.live(KIND)
    asked = ((PROJECTS, work.known.project_category, own), (KIND, work.known.cost_code_category, codes))
    found: list[Named] = []
    for kind, category, entries in asked:
        its = {id_: entry for id_, entry in entries.items() if entry.xero_id in ids}
        found += [_named(work, kind, category, its[id_], row) for id_, row in standing(work, category.id, its).items()]
    return found


def _named(work: Work, kind: str, category: Category, entry: Entry, row: Element | None) -> Named:
    """An earlier version may have tied two records that read alike to one option: it is the first one's."""
    owner = work.entries.record_of([kind], str(entry.xero_id)) if row is not None else None
    if row is None or (owner is not None and owner[1].procore_id != entry.procore_id):
        return Named(kind, category, entry)
    by_now = Tracking(category.id, category.name, str(entry.xero_id), str(row["Name"]))
    return Named(kind, category, entry, by_now, not is_active(row), _called(row, entry))


def adopt(work: Work, kind: str, procore_id: str, document: Option | Item) -> Element | None:
    """The option or item that is called as the record is. None: there is none, or it is being made.

    Raises DocumentRejected when it is another record's, or archived: shared, costs would stand at the wrong project.
    """
    if isinstance(document, Item):
        code, rows = document.code.casefold(), work.settings.items()
        row = next((one for one in rows if str(one["Code"]).casefold() == code), None)
    else:
        row = _of_name(work, document)
    if row is None:
        return None
    owner = work.entries.record_of([kind], str(row[document.endpoint.id_field]))
    if owner is not None and owner[1].procore_id != procore_id:
        raise DocumentRejected(HoldCode.CALLED_ALIKE, name=row["Name"], other=_title(work, kind, owner[1].procore_id))
    if isinstance(document, Option) and not is_active(row):
        raise archived(work, document.category_id, row)
    return row


def is_anothers_name(work: Work, project_id: str, option: Option) -> bool:
    """Whether the option of another project of ours is called so now, as this project's is to be called."""
    row = _of_name(work, option)
    owner = work.entries.record_of([PROJECTS], str(row["TrackingOptionID"])) if row is not None else None
    return owner is not None and owner[1].procore_id != project_id


def archived(work: Work, category_id: str, row: Element) -> DocumentRejected:
    """Why nothing goes that names this option."""
    rows = (one for one in work.settings.categories() if one["TrackingCategoryID"] == category_id)
    category = next((str(one["Name"]) for one in rows), "")
    return DocumentRejected(HoldCode.OPTION_ARCHIVED, option=row["Name"], category=category)


def untie(work: Work, kind: str, entry: Entry) -> None:
    """The option is not there any more, or another record's: the record gets another one."""
    work.entries.untie(kind, entry.procore_id, str(entry.xero_id))
    work.unlearn(kind, entry.procore_id)


def _title(work: Work, kind: str, procore_id: str) -> str:
    return title(kind, work.job_number_of(int(procore_id)) if kind == PROJECTS else procore_id.removeprefix("item:"))


def _of_name(work: Work, option: Option) -> Element | None:
    """The option of this name, an active one first."""
    rows = [
        row
        for row in _rows(work.settings.categories(), option.category_id)
        if str(row["Name"]).casefold() == option.name.casefold()
    ]
    return next((row for row in rows if is_active(row)), None) or next(iter(rows), None)


def is_active(row: Element) -> bool:
    return bool(row.get("Status", "ACTIVE") == "ACTIVE")


def standing(work: Work, category_id: str, entries: Mapping[str, Entry]) -> dict[str, Element | None]:
    """Entry by entry (they are by Procore id) its option in Xero; None: it is not there any more.

    The entries were read before: what another job of ours renames meanwhile is not taken for a person's doing.
    """
    found = _by_id(work.settings.categories(), category_id, entries)
    if all(row is not None and _is_as_known(row, entries[id_]) for id_, row in found.items()):
        return found
    return _by_id(work.settings.categories(fresh=True), category_id, entries)


def keep_name(work: Work, kind: str, entry: Entry, row: Element) -> bool:
    """Note the name that the option has in Xero; whether a person gave it, now or earlier."""
    if facts := _called(row, entry):
        work.entries.note(kind, entry.procore_id, facts)
    return bool(facts.get(RENAMED) or entry.facts.get(RENAMED))


def _called(row: Element, entry: Entry) -> dict[str, Any]:
    """The name that the option has in Xero, where it is another one than is known, and whether a person gave it."""
    if str(row["Name"]) == entry.facts.get("name"):
        return {}
    is_persons = _plain(row["Name"]) != _plain(entry.facts.get("name"))
    return {"name": row["Name"], **({RENAMED: True} if is_persons else {})}


def _is_as_known(row: Element, entry: Entry) -> bool:
    return is_active(row) and str(row["Name"]) == entry.facts.get("name")


def _by_id(rows: list[Element], category_id: str, entries: Mapping[str, Entry]) -> dict[str, Element | None]:
    there = {str(row["TrackingOptionID"]): row for row in _rows(rows, category_id)}
    return {id_: there.get(str(entry.xero_id)) for id_, entry in entries.items()}


def _rows(rows: list[Element], category_id: str) -> list[Element]:
    """The options of a category but those that were deleted."""
    options = next((row.get("Options") or [] for row in rows if row["TrackingCategoryID"] == category_id), [])
    return [row for row in options if row.get("Status") != "DELETED"]


def _plain(name: object) -> str:
    return " ".join(str(name).split()).casefold()
