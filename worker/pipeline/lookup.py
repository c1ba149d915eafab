"""Finding again in Xero what a body may have become: by natural keys, whatever happened to the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from worker.ledger.requests import Planned
from worker.pipeline.work import Work
from worker.xero import batches, proof
from worker.xero.answers import Element, amount
from worker.xero.documents import BILLS, CREDIT_NOTES, ITEMS, PAYMENTS, Endpoint, allocated

#: Statuses of a document that does not count any more.
VOID = ("DELETED", "VOIDED")
Body = Mapping[str, Any]


def look_up(work: Work, endpoint: Endpoint, bodies: Sequence[Body]) -> list[list[Element]]:
    """For each body the live documents in Xero that it may have become; only the sure ones where there are any."""
    return fitting(endpoint, bodies, live(candidates(work, endpoint, bodies)))


def live(rows: Iterable[Element]) -> list[Element]:
    """Those that count."""
    return [row for row in rows if row.get("Status") not in VOID]


def taken_out(rows: Iterable[Element]) -> list[Element]:
    """Those that were deleted or voided."""
    return [row for row in rows if row.get("Status") in VOID]


def fitting(endpoint: Endpoint, bodies: Sequence[Body], rows: Sequence[Element]) -> list[list[Element]]:
    """For each body those of these documents that it may have become; only the sure ones where there are any."""
    found = [[row for row in rows if proof.same(endpoint, body, row)] for body in bodies]
    return [[row for row in some if is_sure(body, row)] or some for body, some in zip(bodies, found, strict=True)]


def stored(work: Work, endpoint: Endpoint, ids: Iterable[str]) -> dict[str, Element]:
    """Bills, credit notes or payments as they are in Xero now, by id."""
    rows = work.xero.payments(ids) if endpoint == PAYMENTS else work.xero.documents(endpoint, ids)
    return {str(row[endpoint.id_field]): row for row in coded(work, endpoint, list(rows))}


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


def renamed(body: Body, names: Mapping[str | None, str]) -> Body:
    """The body with its options as they are called now, by their ids: we may have renamed them since."""
    if not any(item["TrackingOptionID"] in names for line in body.get("LineItems", ()) for item in line["Tracking"]):
        return body

    def called(line: Body) -> Body:
        options = ({**item, "Option": names.get(item["TrackingOptionID"], item["Option"])} for item in line["Tracking"])
        return {**line, "Tracking": list(options)}

    return {**body, "LineItems": [called(line) for line in body["LineItems"]]}


def is_sure(body: Body, element: Element) -> bool:
    """Whether it points at the record's page in Procore, if the body does: a bill that a person typed does not."""
    return body.get("Url") in (None, element.get("Url"))


def not_anothers(work: Work, endpoint: Endpoint, kind: str, procore_id: str, rows: Sequence[Element]) -> list[Element]:
    """Without the options and items that are another record's, however alike the two are called."""
    if not endpoint.is_option and endpoint != ITEMS:
        return list(rows)
    owners = [(row, work.entries.record_of([kind], str(row[endpoint.id_field]))) for row in rows]
    return [row for row, owner in owners if owner is None or owner[1].procore_id == procore_id]


def landed(endpoint: Endpoint, member: Planned, body: Body, element: Element) -> str | None:
    """The id when the write has happened: a create that is there, an update whose document is what it asked for.

    Of a contact's update that cannot be told in every field, so it counts as lost: by its id, twice does no harm.
    """
    if (endpoint.wrapper == "Contacts" and member.xero_id) or not is_sure(body, element):
        return None
    is_update = member.xero_id or body.get(endpoint.id_field)
    if is_update and proof.differences(endpoint, body, element):
        return None
    return str(element[endpoint.id_field])


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
