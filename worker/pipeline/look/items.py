"""Items as they stand in Xero, by the ids that the ledger has. People give them other codes or names, or delete them.

A line names its item by the code (xero-api.md §4.5), so a bill goes with the code that the item has now. Whether Xero
shows an older bill with the old code or the new one is not documented: both are its item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from worker.facts import FORMER, RENAMED
from worker.ledger.entries import Known as Entry
from worker.pipeline.work import Work
from worker.xero.answers import Element
from worker.xero.documents import ITEMS
from worker.xero.lines import plain

KIND = "cost_codes"


def live(work: Work) -> dict[str, Entry]:
    """The entries that are items, by the ledger's key."""
    found = work.entries.live(KIND).items()
    return {key: entry for key, entry in found if entry.facts.get("wrapper") == ITEMS.wrapper}


def load(work: Work) -> None:
    """What lines call them, as the ledger has it."""
    entries = live(work)
    work.known.items = codes(entries)
    work.known.recoded = recoded(entry.facts for entry in entries.values())


def codes(entries: Mapping[str, Entry]) -> dict[str, str]:
    """By the ledger's key, the code by which a line names the item."""
    return {key: str(entry.facts["code"]) for key, entry in entries.items()}


def recoded(items: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Of these entries' facts, the codes that items have now to those that they had."""
    return {str(facts["code"]): tuple(facts[FORMER]) for facts in items if facts.get(FORMER)}


def standing(work: Work, entries: Mapping[str, Entry]) -> dict[str, Element | None]:
    """Entry by entry its item in Xero; None: it is not there any more. Read once more where one is not as known."""
    found = _by_id(work.settings.items(), entries)
    if all(row is not None and _is_as_known(row, entries[key]) for key, row in found.items()):
        return found
    return _by_id(work.settings.items(fresh=True), entries)


def keep(work: Work, entry: Entry, row: Element) -> bool:
    """Note the code and name that the item has in Xero; whether a person gave one of them, now or earlier."""
    if _is_as_known(row, entry):
        return bool(entry.facts.get(RENAMED))
    code, facts = str(entry.facts["code"]), {"code": row["Code"], "name": row["Name"], RENAMED: True}
    if row["Code"] != code:
        facts[FORMER] = [*(entry.facts.get(FORMER) or ()), code]
    work.entries.note(KIND, entry.procore_id, facts)
    return True


def _is_as_known(row: Element, entry: Entry) -> bool:
    return row["Code"] == entry.facts["code"] and plain(row["Name"]) == plain(entry.facts["name"])


def _by_id(rows: list[Element], entries: Mapping[str, Entry]) -> dict[str, Element | None]:
    there = {str(row["ItemID"]): row for row in rows}
    return {key: there.get(str(entry.xero_id)) for key, entry in entries.items()}
