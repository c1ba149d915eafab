"""What becomes of an entry when the request that holds its record is resolved: the values to be written down.

Pure: it reads a row of `entries` and what became of its document, and touches no database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from worker.facts import UNPROVED
from worker.ledger.requests import Result
from worker.ledger.tables import Entry

#: What became of a document that was deleted or voided.
WITHDRAWN = "withdrawn"
#: As an object, or as a query gives it.
EntryRow = Entry | Row[Any]


def after(row: EntryRow, result: Result) -> dict[str, Any]:
    """The entry when its request is resolved; of one that Xero did not take nothing stays."""
    if result.gone:
        return {"planned_fingerprint": None, "planned_facts": {}, **freed(row)}
    landed = result.xero_id is not None
    written = (row.request_id, row.position) if landed else (row.written_request_id, row.written_position)
    xero_id = result.xero_id or row.xero_id
    mark = "" if result.proved else UNPROVED
    return {
        "state": "live" if xero_id else "free",
        "xero_id": xero_id,
        "fingerprint": f"{mark}{row.planned_fingerprint}" if landed else row.fingerprint,
        "planned_fingerprint": None,
        "written_request_id": written[0],
        "written_position": written[1],
        "facts": {**row.facts, **row.planned_facts} if landed else row.facts,
        "planned_facts": {},
    }


def moved(row: EntryRow, result: Result) -> dict[str, str] | None:
    """What a request did to the record's document, for history; None when Xero did not take it."""
    if result.gone:
        return {"done": WITHDRAWN, "xero_id": str(row.xero_id), "what": result.what}
    if result.xero_id is None:
        return None
    done = "updated" if row.xero_id else "adopted" if row.planned_facts.get("adopted") else "created"
    told = row.planned_facts.get("told")
    return {"done": done, "xero_id": result.xero_id, **({"what": told} if told else {})}


def freed(row: EntryRow) -> dict[str, Any]:
    """The entry of a record whose document is gone: the next one is another document, and the old id is remembered."""
    return {
        "state": "free",
        "xero_id": None,
        "fingerprint": None,
        "written_request_id": None,
        "written_position": 0,
        "facts": {"earlier": [*row.facts.get("earlier", ()), row.xero_id]},
    }
