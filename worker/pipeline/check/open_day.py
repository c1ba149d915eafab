"""Bills and credit notes dated in a locked period: where the mapping file says so, they go with the first open day.

A document that was sent with another day keeps it, however the lock date moves afterwards. What the ledger compares is
the record as it is in Procore, so that nothing is sent again because of a lock date. Payments are never moved: their
day is the bank's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from worker.pipeline.draft import Draft
from worker.xero.documents import LONGEST_TEXT, Bill


def move(draft: Draft, bill: Bill, locked_until: date | None) -> None:
    """Give the draft the day that its bill goes with, and its first line a note of the day in Procore."""
    on = _open_day(bill.on, locked_until, draft.facts.get("moved"))
    draft.facts["moved"] = None
    if on == bill.on:
        return
    draft.facts["moved"] = {"from": bill.on.isoformat(), "to": on.isoformat()}
    note = f" (dated {bill.on} in Procore)"
    first = replace(bill.lines[0], description=bill.lines[0].text[: LONGEST_TEXT - len(note)] + note, source="")
    due_on = None if bill.due_on is None else max(bill.due_on, on)
    moved = replace(bill, on=on, due_on=due_on, lines=(first, *bill.lines[1:]))
    lines = draft.send["LineItems"]
    dates = {name: value for name, value in moved.body().items() if name in ("Date", "DueDate")}
    draft.document = moved
    draft.send = {**draft.send, **dates, "LineItems": [{**lines[0], "Description": first.text}, *lines[1:]]}


def _open_day(on: date, locked_until: date | None, moved: dict[str, str] | None) -> date:
    """The day it was sent with, as long as that one is open; else the first open one."""
    if moved is not None and moved["from"] == on.isoformat():
        on = date.fromisoformat(moved["to"])
    return on if locked_until is None or on > locked_until else locked_until + timedelta(days=1)
