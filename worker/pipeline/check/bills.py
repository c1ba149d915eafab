"""Bills and credit notes beside those in Xero: which of what is no record's is a new one, or may be, and of one that
changed whether it is so already, and what an update says; and with which day one goes.

What this worker sent is tied to its record again. What a person or another program entered is held, or taken for the
record where the mapping file says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from worker.facts import CODED_BY, RECODE, UNTRACKED
from worker.holds import HoldCode
from worker.mapping.billed_by_hand import Billed, is_one, reads_alike, why_alike
from worker.pipeline.check import said
from worker.pipeline.check.found import VOID, Body, by_coding, is_alike
from worker.pipeline.draft import Draft
from worker.pipeline.values import Doubt, Link, New, Reason, Stop, because
from worker.procore.records import Claim
from worker.xero import lines, proof
from worker.xero.answers import Element, amount, day
from worker.xero.documents import BILLS, LONGEST_TEXT, Bill, Endpoint
from worker.xero.naming import named
from worker.xero.renumbered import as_called


@dataclass(frozen=True, slots=True)
class Beside:
    """What new bills are checked against, beside what stands in Xero."""

    endpoint: Endpoint
    #: All that go in this request.
    drafts: Sequence[New]
    #: Whether the mapping file takes what a person entered for the record.
    adopts: bool
    #: The project's option in Xero, by its name.
    option: str
    #: Where records are in Procore.
    web_url: str


def check(beside: Beside, draft: New, strange: Sequence[Element]) -> Link | Doubt | Stop | None:
    """None: nothing of what stands there is this record's, so it is created."""
    endpoint = beside.endpoint
    ours = [row for row in strange if _came_from_here(endpoint, draft, row)]
    if len(ours) > 1:
        return Stop(because(HoldCode.AMBIGUOUS, count=len(ours), what="this worker sent all of them"))
    if ours:
        return Link(ours[0], differences=proof.differences(endpoint, draft.send, ours[0], draft.tax))
    taken = [row for row in strange if str(row[endpoint.id_field]) == said.document(draft)]
    alike = _others(beside, draft, strange)
    if not taken and beside.adopts:
        taken = _taken_over(draft, alike)
    if taken:
        return Link(taken[0], adopted=True, facts={UNTRACKED: _lacks_project(beside.option, taken[0])})
    return _doubt(endpoint, draft, alike[0]) if alike else None


def name_accounts(draft: Draft, stored: Element, former: Mapping[str, Sequence[str]]) -> None:
    """Name each account as the document in Xero does: a person may have given it another code since the rules were
    written by which the bill is coded. `former`: the code that one has now to those that it had."""
    bill, there = draft.document, [line.get("AccountCode") for line in stored.get("LineItems") or ()]
    if not former or not isinstance(bill, Bill):
        return
    codes = [as_called(former, line.account_code, there) for line in bill.lines]
    draft.document = replace(
        bill, lines=tuple(replace(line, account_code=code) for line, code in zip(bill.lines, codes, strict=True))
    )
    pairs = zip(draft.send["LineItems"], codes, strict=True)
    draft.send = {**draft.send, "LineItems": [{**line, "AccountCode": code} for line, code in pairs]}


def may_be_there(draft: Draft, endpoint: Endpoint, stored: Element) -> bool:
    """Whether it is worth comparing: what was taken out, or is of the other kind, is none of it."""
    return draft.document.endpoint == endpoint and stored.get("Status") not in VOID


def is_there(draft: Draft, endpoint: Endpoint, stored: Element, body: Body) -> bool:
    """Somebody has made the change already: a person by hand, or we, before an old ledger was put back. `body` is the
    draft's with what Xero would choose by itself."""
    stated = draft.document.stated_tax if isinstance(draft.document, Bill) else None
    return not proof.differences(endpoint, body, stored, stated)


def is_in_line(draft: Draft, endpoint: Endpoint, stored: Element, body: Body, last: Body | None) -> bool:
    """The same of one that is left as it is, for a payment or a person's edit. Where money moved since the `last` body
    that we wrote, texts and how amounts are split among lines are the person's own."""
    stated = draft.document.stated_tax if isinstance(draft.document, Bill) else None
    if proof.differences(endpoint, by_coding(body), by_coding(stored), stated):
        return False
    return last is None or lines.moves(last["LineItems"], body["LineItems"])


def stays_coded(
    draft: Draft, noted: Mapping[str, Any], stored: Element, reason: Reason | None, *, is_asked: bool
) -> str:
    """Why a bill that was to be recoded is left as it is coded; blank where nothing is in the way. `reason`: why it may
    not be changed; `is_asked`: somebody looks what a recode would do."""
    if reason is not None:
        is_short = reason.code is HoldCode.CHANGED_AFTER_SENDING
        return reason.sentence.rpartition(": ")[2] if is_short else reason.sentence
    is_said = is_asked or noted.get(RECODE) == draft.facts.get(CODED_BY)
    return "" if is_said or stored.get("Status") == "DRAFT" else "It is not a draft any more."


def update(draft: Draft, endpoint: Endpoint, stored: Element) -> dict[str, Any]:
    """An update by id. Lines keep their ids when their number is the same; else all are replaced (§4.6)."""
    said = {endpoint.id_field: draft.xero_id, **draft.send}
    if stored.get("Status") == "AUTHORISED":
        said["Status"] = "AUTHORISED"  # approved in Xero meanwhile: it does not go back
    rows: list[Element] = stored.get("LineItems") or []
    if len(rows) == len(said["LineItems"]):
        pairs = zip(rows, said["LineItems"], strict=True)
        said["LineItems"] = [{"LineItemID": row.get("LineItemID"), **line} for row, line in pairs]
    return said


def of_draft(draft: New) -> Billed:
    """A record's bill as it would be sent."""
    bill = draft.document
    if not isinstance(bill, Bill):
        return Billed("", None, None)
    on_top = Decimal(0) if bill.inclusive else draft.tax or Decimal(0)
    return Billed(bill.number, bill.on, sum((line.amount for line in bill.lines), on_top))


def of_row(row: Element) -> Billed:
    number = row.get("InvoiceNumber") or row.get("CreditNoteNumber") or ""
    return Billed(str(number), day(row, "Date"), amount(row, "Total") if "Total" in row else None)


def is_from_here(web_url: str, row: Element) -> bool:
    """It points at a record in Procore, so it came from an installation of this worker."""
    return str(row.get("Url") or "").startswith(web_url)


def _came_from_here(endpoint: Endpoint, draft: New, row: Element) -> bool:
    """A bill points at its record; a credit note is known by everything it says."""
    if endpoint == BILLS:
        return bool(row.get("Url") == draft.send["Url"])
    return proof.same(endpoint, draft.send, row) and not proof.differences(endpoint, draft.send, row)


def _others(beside: Beside, draft: New, strange: Sequence[Element]) -> list[Element]:
    """What a person or another program entered and may be this one; those of its very number first.

    What has the number of another one of the drafts is not taken for this one because of its total.
    """
    endpoint, no = beside.endpoint, said.others(draft)
    rows = [row for row in strange if not is_from_here(beside.web_url, row) and str(row[endpoint.id_field]) not in no]
    exact = [row for row in rows if is_alike(endpoint, draft.send, row)]
    alike = [row for row in rows if row not in exact and _is_same_contact(draft, row) and _why(draft, row)]
    free = [
        row for row in alike if _is_numbered(draft, row) or not any(_is_numbered(one, row) for one in beside.drafts)
    ]
    return [*exact, *sorted(free, key=lambda row: not _is_numbered(draft, row))]


def _taken_over(draft: New, rows: Sequence[Element]) -> list[Element]:
    """The one of these that is taken for the record where the mapping file says so, if it is but one."""
    since = draft.record.requisition_start if isinstance(draft.record, Claim) else None
    fitting = [row for row in rows if is_one(of_draft(draft), of_row(row), since)]
    return fitting if len(fitting) == 1 else []


def _lacks_project(option: str, row: Element) -> bool:
    """Whether no line of a document that a person entered is tracked to this project."""
    names = (tracked.get("Option") for line in row.get("LineItems") or () for tracked in line.get("Tracking") or ())
    return option.casefold() not in [str(name).casefold() for name in names]


def _doubt(endpoint: Endpoint, draft: New, row: Element) -> Doubt:
    """The hold, and what the record may be."""
    total, xero_id = of_row(row).total or Decimal(0), str(row[endpoint.id_field])
    return Doubt(_reason(endpoint, draft, row), {xero_id: (total, total)}, xero_id)


def _reason(endpoint: Endpoint, draft: New, row: Element) -> Reason:
    about = {"document": named(row), "date": day(row, "Date")}
    if is_alike(endpoint, draft.send, row):
        return because(HoldCode.ALREADY_IN_XERO, **about, status=row.get("Status"))
    ours = of_draft(draft)
    what: dict[str, object] = {"number": ours.number, "total": ours.total, "why": _why(draft, row)}
    return because(HoldCode.MAY_BE_IN_XERO, **about, **what)


def _why(draft: New, row: Element) -> str:
    return why_alike(of_draft(draft), of_row(row))


def _is_numbered(draft: New, row: Element) -> bool:
    return _is_same_contact(draft, row) and reads_alike(of_draft(draft), of_row(row))


def _is_same_contact(draft: New, row: Element) -> bool:
    return bool((row.get("Contact") or {}).get("ContactID") == draft.send["Contact"]["ContactID"])


def move(draft: Draft, bill: Bill, locked_until: date | None) -> None:
    """Give the draft the day that its bill goes with, and its first line a note of the day in Procore: one that is
    dated in a locked period goes with the first open day, where the mapping file says so.

    A document that was sent with another day keeps it, however the lock date moves afterwards. What the ledger compares
    is the record as it is in Procore, so that nothing is sent again because of a lock date. Payments are never moved:
    their day is the bank's.
    """
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
