"""Documents that are in Xero already: adopt them, update them, or keep hands off and say why.

A bill that has a payment, lies in a locked period, or was edited by a person since we wrote it is never changed
(promise 5). A contact keeps what a person typed: of an adopted one only the ContactNumber is ever written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from worker.errors import DocumentRejected
from worker.holds import HoldCode, Outcome
from worker.ledger.entries import UNPROVED
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.lookup import look_up
from worker.pipeline.stage import Draft, Stage
from worker.pipeline.work import Work
from worker.procore.records import Record
from worker.xero import batches, proof
from worker.xero.answers import Element, amount
from worker.xero.documents import BILLS, CREDIT_NOTES, Bill, Contact, Endpoint, Option

Settled = tuple[list[Draft], list[Verdict]]


def resolve(work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]) -> Settled:
    """Which drafts may be sent, and what became of the others."""
    kept: list[Draft] = []
    verdicts: list[Verdict] = []
    bills: list[Draft] = []
    for draft in drafts:
        entry = entries.get(draft.record.procore_id)
        outcome: Verdict | None
        if entry is not None and entry.fingerprint == f"{UNPROVED}{draft.fingerprint}":
            outcome = _proved_again(work, stage, draft, entry)
        elif isinstance(draft.document, Contact | Option) and draft.xero_id is None:
            outcome = _adopted(work, stage, draft)
        elif draft.xero_id is None or entry is None:
            outcome = None
        elif isinstance(draft.document, Bill):
            bills.append(draft)
            continue
        else:
            outcome = _changed(work, stage, draft, entry)
        if outcome is None:
            kept.append(draft)
        else:
            verdicts.append(outcome)
    for endpoint in (BILLS, CREDIT_NOTES):
        some = [draft for draft in bills if _is_at(entries[draft.record.procore_id], endpoint)]
        may, must_not = _untouched(work, stage, endpoint, some, entries)
        kept += may
        verdicts += must_not
    return kept, verdicts


def held(work: Work, record: Record, code: HoldCode, sentence: str, entry: Entry | None = None) -> Verdict:
    """A verdict that says why a record did not go, with links into both systems."""
    wrapper = str(entry.facts.get("wrapper", "")) if entry else ""
    return Verdict(
        record.kind,
        record.procore_id,
        record.title,
        code.outcome,
        code,
        sentence,
        work.known.procore_url(record.page),
        work.xero_page(wrapper, entry.xero_id) if entry and wrapper else "",
    )


def _adopted(work: Work, stage: Stage, draft: Draft) -> Verdict | None:
    """A contact or option that Xero has already is tied to the record. None: nothing there, create it."""
    if isinstance(draft.document, Option):
        found = _option(work, draft.document)
        return _tied(work, stage, draft, found) if found else None
    if not isinstance(draft.document, Contact):
        return None
    try:
        contact = find_contact(draft.document, work.contacts())
    except DocumentRejected as reason:
        return held(work, draft.record, reason.code, reason.sentence)
    if contact is None:
        return None
    if contact["ContactID"] in work.adopted or work.entries.is_tied(stage.name, str(contact["ContactID"])):
        code = HoldCode.NAME_TAKEN
        sentence = code.sentence(name=draft.document.name, why="another Procore vendor's contact")
        return held(work, draft.record, code, sentence)
    work.adopted.add(str(contact["ContactID"]))
    draft.facts["adopted"] = True
    if contact.get("ContactNumber"):
        return _tied(work, stage, draft, contact)
    draft.send = {"ContactID": contact["ContactID"], "ContactNumber": draft.document.number}
    return None


def _tied(work: Work, stage: Stage, draft: Draft, element: Element) -> Verdict | None:
    """Nothing is sent: the document is there, and the ledger now knows it."""
    endpoint = draft.document.endpoint
    facts = {"wrapper": endpoint.wrapper, "name": element.get("Name"), **draft.facts}
    xero_id = str(element[endpoint.id_field])
    if work.entries.adopt(stage.name, draft.record.procore_id, xero_id, draft.fingerprint, facts):
        return Verdict(draft.record.kind, draft.record.procore_id, draft.record.title, Outcome.UNCHANGED)
    return None


def _option(work: Work, option: Option) -> Element | None:
    for category in work.categories():
        if category["TrackingCategoryID"] == option.category_id:
            rows: list[Element] = category.get("Options") or []
            live = (row for row in rows if row.get("Status", "ACTIVE") == "ACTIVE")
            return next((row for row in live if str(row["Name"]).casefold() == option.name.casefold()), None)
    return None


def find_contact(contact: Contact, directory: Sequence[Element]) -> Element | None:
    """The contact to adopt: by ContactNumber, else by tax number, else by exact name; None when there is none.

    Raises DocumentRejected when the name belongs to another vendor's contact, or several contacts fit.
    """
    numbered = [row for row in directory if row.get("ContactNumber") == contact.number]
    if numbered:
        if numbered[0].get("ContactStatus") != "ACTIVE":
            raise DocumentRejected(HoldCode.NAME_TAKEN, name=contact.name, why="it is archived")
        return numbered[0]
    active = [row for row in directory if row.get("ContactStatus") == "ACTIVE"]
    free = [row for row in active if not _is_another_vendors(row)]
    for fits, what in ((_same_tax_number, "tax number"), (_same_name, "name")):
        found = [row for row in free if fits(contact, row)]
        if len(found) > 1:
            raise DocumentRejected(HoldCode.AMBIGUOUS, count=len(found), what=f"contacts of the same {what}")
        if found:
            return found[0]
    if any(_same_name(contact, row) for row in active):
        raise DocumentRejected(HoldCode.NAME_TAKEN, name=contact.name, why="another Procore vendor's contact")
    return None


def _is_another_vendors(row: Element) -> bool:
    return str(row.get("ContactNumber") or "").startswith("procore-")


def _same_tax_number(contact: Contact, row: Element) -> bool:
    ours, theirs = _letters_and_digits(contact.tax_number), _letters_and_digits(row.get("TaxNumber"))
    return bool(ours) and ours == theirs


def _same_name(contact: Contact, row: Element) -> bool:
    return _folded(contact.name) == _folded(str(row.get("Name") or ""))


def _letters_and_digits(text: str | None) -> str:
    return "".join(char for char in (text or "").casefold() if char.isalnum())


def _folded(name: str) -> str:
    """As Xero compares names: without regard to case and accents (xero-api.md §4.1)."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def _changed(work: Work, stage: Stage, draft: Draft, entry: Entry) -> Verdict | None:
    """A contact, option or payment that changed in Procore. None: it may be sent as an update."""
    if isinstance(draft.document, Option):
        return None
    if isinstance(draft.document, Contact):
        if entry.facts.get("adopted"):
            return Verdict(draft.record.kind, draft.record.procore_id, draft.record.title, Outcome.UNCHANGED)
        last = _last_sent(work, stage, draft) or {}
        fresh = {name: value for name, value in draft.send.items() if last.get(name) != value}
        draft.send = {**fresh, "ContactNumber": draft.document.number, "ContactID": entry.xero_id}
        return None
    code = HoldCode.CHANGED_AFTER_SENDING
    return held(work, draft.record, code, code.sentence(why="Xero cannot change a payment"), entry)


def _untouched(
    work: Work, stage: Stage, endpoint: Endpoint, drafts: Sequence[Draft], entries: Mapping[str, Entry]
) -> Settled:
    """Bills that changed in Procore: sent as updates where nobody and nothing has touched them in Xero."""
    ids = [draft.xero_id for draft in drafts if draft.xero_id]
    current = {str(row[endpoint.id_field]): row for row in work.xero.documents(endpoint, ids)} if ids else {}
    kept: list[Draft] = []
    verdicts: list[Verdict] = []
    for draft in drafts:
        stored = current.get(str(draft.xero_id), {"Status": "DELETED"})
        reason = _hands_off(draft, endpoint, stored, _last_sent(work, stage, draft))
        if reason is None:
            draft.send = _with_line_ids(endpoint, draft, stored)
            kept.append(draft)
        else:
            entry = entries[draft.record.procore_id]
            verdicts.append(held(work, draft.record, reason[0], reason[1], entry))
    return kept, verdicts


def _hands_off(
    draft: Draft, endpoint: Endpoint, stored: Element, last: Mapping[str, Any] | None
) -> tuple[HoldCode, str] | None:
    status = stored.get("Status")
    if status in ("VOIDED", "DELETED"):
        code = HoldCode.GONE_IN_XERO
        return code, code.sentence(status=str(status).lower())
    code = HoldCode.CHANGED_AFTER_SENDING
    if draft.document.endpoint != endpoint:
        return code, code.sentence(why="a bill cannot become a credit note")
    if status == "PAID" or any(amount(stored, field) for field in ("AmountPaid", "AmountCredited", "AppliedAmount")):
        return code, code.sentence(why="it has a payment or a credit")
    found = proof.differences(endpoint, last, stored) if last else ["what we wrote is not known any more"]
    if found:
        code = HoldCode.EDITED_IN_XERO
        return code, code.sentence(difference="; ".join(found))
    return None


def _with_line_ids(endpoint: Endpoint, draft: Draft, stored: Element) -> dict[str, Any]:
    """An update by id. Lines keep their ids when their number is the same; else all are replaced (§4.6)."""
    body = {endpoint.id_field: draft.xero_id, **draft.send}
    rows: list[Element] = stored.get("LineItems") or []
    if len(rows) == len(body["LineItems"]):
        pairs = zip(rows, body["LineItems"], strict=True)
        body["LineItems"] = [{"LineItemID": row.get("LineItemID"), **line} for row, line in pairs]
    return body


def _last_sent(work: Work, stage: Stage, draft: Draft) -> Mapping[str, Any] | None:
    found = work.entries.last_body(stage.name, draft.record.procore_id)
    if found is None:
        return None
    text, position = found
    return batches.members(draft.document.endpoint, text)[position]


def _proved_again(work: Work, stage: Stage, draft: Draft, entry: Entry) -> Verdict:
    """A document that Xero had stored otherwise than asked: is it right now?"""
    endpoint = draft.document.endpoint
    sent = _last_sent(work, stage, draft) or draft.send
    rows = [row for row in look_up(work, endpoint, [sent])[0] if row.get(endpoint.id_field) == entry.xero_id]
    tax = expected_tax(entry.facts)
    found = proof.differences(endpoint, sent, rows[0], tax) if rows else ["it is not there any more"]
    if not found:
        work.entries.prove(stage.name, draft.record.procore_id, draft.fingerprint)
        return Verdict(draft.record.kind, draft.record.procore_id, draft.record.title, Outcome.UNCHANGED)
    code = HoldCode.PROOF_FAILED
    return held(work, draft.record, code, code.sentence(difference="; ".join(found)), entry)


def _is_at(entry: Entry, endpoint: Endpoint) -> bool:
    return entry.facts.get("wrapper") == endpoint.wrapper


def expected_tax(facts: Mapping[str, Any]) -> Decimal | None:
    """The tax that Xero was expected to compute when the document was planned."""
    return Decimal(facts["tax"]) if facts.get("tax") is not None else None
