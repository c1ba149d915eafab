"""Documents in Xero: by their ids, by what names them whatever happened to the answer, and as we wrote them last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from worker.ledger.entries import Known as Entry
from worker.pipeline.check import hands_off
from worker.pipeline.check.found import ACCOUNT_CODE, ITEM_CODE, VOID, Body, fitting, live, renamed
from worker.pipeline.values import MONEY, Reason
from worker.pipeline.work import Work
from worker.xero import batches, proof
from worker.xero.answers import Element, amount
from worker.xero.documents import BILLS, CREDIT_NOTES, ITEMS, PAYMENTS, Endpoint, allocated


def look_up(work: Work, endpoint: Endpoint, bodies: Sequence[Body]) -> list[list[Element]]:
    """For each body the live documents in Xero that it may have become; only the sure ones where there are any."""
    return fitting(endpoint, bodies, live(candidates(work, endpoint, bodies)))


def stored(work: Work, endpoint: Endpoint, ids: Iterable[str]) -> dict[str, Element]:
    """Bills, credit notes or payments as they are in Xero now, by id."""
    rows = work.xero.payments(ids) if endpoint == PAYMENTS else work.xero.documents(endpoint, ids)
    return {str(row[endpoint.id_field]): of_contact_left(work, row) for row in coded(work, endpoint, list(rows))}


def of_contact_left(work: Work, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A bill as one of the contact that is left, where it still names one that a person merged into it. Whether Xero
    shows the one or the other is not documented."""
    contact = document.get("Contact") or {}
    left = work.merged.get(str(contact.get("ContactID")))
    return document if left is None else {**document, "Contact": {**contact, "ContactID": left}}


def coded(work: Work, endpoint: Endpoint, rows: Sequence[Element]) -> Sequence[Element]:
    """Payments with the code of their bank account also where Xero answers its id alone, so that it is compared."""
    bare = [row for row in rows if (row.get("Account") or {}).get("AccountID") and not row["Account"].get("Code")]
    if endpoint != PAYMENTS or not bare:
        return rows
    codes = work.settings.chart().codes_by_id()
    named = {id(row): codes.get(str(row["Account"]["AccountID"]), row["Account"]["AccountID"]) for row in bare}
    return [{**row, "Account": {**row["Account"], "Code": named[id(row)]}} if id(row) in named else row for row in rows]


def last_written(work: Work, endpoint: Endpoint, kind: str, procore_id: str) -> Body | None:
    """The body that was last written into a record's document; None where it was adopted, or nothing is known."""
    found = work.entries.last_body(kind, procore_id)
    return batches.members(endpoint, found[0])[found[1]] if found else None


def not_anothers(work: Work, endpoint: Endpoint, kind: str, procore_id: str, rows: Sequence[Element]) -> list[Element]:
    """Without the options and items that are another record's, however alike the two are called."""
    if not endpoint.is_option and endpoint != ITEMS:
        return list(rows)
    owners = [(row, work.entries.record_of([kind], str(row[endpoint.id_field]))) for row in rows]
    return [row for row, owner in owners if owner is None or owner[1].procore_id == procore_id]


def candidates(work: Work, endpoint: Endpoint, bodies: Sequence[Body]) -> list[Element]:
    """The documents among which these can be. An archived option is still the option of that name."""
    if endpoint.is_option:
        rows = work.xero.tracking_categories(archived=True)
        found = [
            option for row in rows if row["TrackingCategoryID"] in endpoint.path for option in row.get("Options") or []
        ]
        return [{**option, "Status": None} for option in found if option.get("Status") not in VOID]
    if endpoint == ITEMS:
        return list(work.xero.items())
    if endpoint.wrapper == "Contacts":
        return [row for row in work.xero.contacts() if row.get("ContactStatus") == "ACTIVE"]
    if endpoint.is_allocation:
        note_id = endpoint.path.split("/")[2]
        shares = allocated(stored(work, CREDIT_NOTES, [note_id]).get(note_id, {}))
        return list({(share["InvoiceID"], amount(share, "Amount")): share for share in shares}.values())
    if endpoint == PAYMENTS:
        notes = [str(proof.paid_id(body)) for body in bodies if "CreditNote" in body]
        bills = [str(proof.paid_id(body)) for body in bodies if "CreditNote" not in body]
        return [*work.xero.payments_of_bills(bills), *work.xero.refunds(notes)]
    contacts = dict.fromkeys(str(body["Contact"]["ContactID"]) for body in bodies)
    found = list(work.xero.documents_of_contacts(endpoint, contacts))
    if endpoint == BILLS:  # also one that a person gave to another contact
        found += work.xero.bills_numbered(dict.fromkeys(str(body["InvoiceNumber"]) for body in bodies))
    return list({row[endpoint.id_field]: row for row in found}.values())


def last_sent(work: Work, kind: str, endpoint: Endpoint, procore_id: str) -> Mapping[str, Any] | None:
    """What we wrote last into this document, its options called as they are called now: we may have renamed them."""
    body = last_written(work, endpoint, kind, procore_id)
    if body is None:
        return None
    if "LineItems" in body:
        body = work.settings.chart().with_currency(dict(body))  # an earlier version left it to Xero
    return as_called_now(work, body)


def touched(work: Work, kind: str, endpoint: Endpoint, procore_id: str, stored: Element) -> Reason | None:
    """Why a document of ours is left as it is: for what was paid on it or reconciled, the lock date, a person's edit.
    What we wrote into it is read only where nothing was paid."""
    if endpoint == PAYMENTS:
        return hands_off.of_payment(stored, work.settings.chart(to_write=True).locked_until)
    if reason := hands_off.paid(stored):
        return reason
    last = last_sent(work, kind, endpoint, procore_id)
    chart = work.settings.chart(to_write=True)
    recoded = {ITEM_CODE: work.known.recoded, ACCOUNT_CODE: chart.former_codes}
    return hands_off.of_bill(endpoint, stored, last, chart.locked_until, recoded)


def as_called_now(work: Work, body: Body) -> Body:
    """A body that was sent, with its options as they are called now, since any project's job may have renamed them, and
    its contact as it was merged."""
    body = of_contact_left(work, body)
    if "LineItems" not in body:
        return body
    codes = work.entries.live("cost_codes").values()  # not from `known`, which has them only where a line needed one
    names = {entry.xero_id: str(entry.facts.get("name")) for entry in codes}
    if work.known.project is not None:
        names[work.known.project.option_id] = work.known.project.option
    return renamed(body, names)


def standing(work: Work, entries: Mapping[str, Entry]) -> dict[str, Element]:
    """The documents of these entries that Xero still has, neither voided nor deleted, by Procore id."""
    found: dict[str, Element] = {}
    for wrapper, endpoint in MONEY.items():
        ids = {str(entry.xero_id): id_ for id_, entry in entries.items() if entry.facts.get("wrapper") == wrapper}
        rows = stored(work, endpoint, list(ids)) if ids else {}
        found |= {ids[xero_id]: row for xero_id, row in rows.items() if row.get("Status") not in VOID}
    return found
