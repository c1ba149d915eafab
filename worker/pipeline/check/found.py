"""Which documents in Xero a body that was sent may have become, and whether they are what it asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from worker.xero import lines, proof
from worker.xero.answers import Element
from worker.xero.documents import CREDIT_NOTES, Endpoint
from worker.xero.renumbered import as_called

#: In which field a line names its account, and its item.
ACCOUNT_CODE, ITEM_CODE = "AccountCode", "ItemCode"
Recoded = Mapping[str, Mapping[str, Sequence[str]]]
#: Statuses of a document that does not count any more.
VOID = ("DELETED", "VOIDED")
Body = Mapping[str, Any]


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


def is_sure(body: Body, element: Element) -> bool:
    """Whether it points at the record's page in Procore, if the body does: a bill that a person typed does not."""
    return body.get("Url") in (None, element.get("Url"))


def is_alike(endpoint: Endpoint, body: Body, row: Element) -> bool:
    """Whether a bill or credit note has the supplier and number of this body."""
    number = "CreditNoteNumber" if endpoint == CREDIT_NOTES else "InvoiceNumber"
    same_contact = (row.get("Contact") or {}).get("ContactID") == body["Contact"]["ContactID"]
    return bool(same_contact) and str(row.get(number) or "").casefold() == str(body[number]).casefold()


def number(body: Body) -> str:
    """Of a bill or credit note."""
    return str(body.get("InvoiceNumber") or body.get("CreditNoteNumber"))


def before_tax(body: Body, tax: Decimal | None) -> Decimal:
    """What the lines come to without the tax that may be in them: of the tax one of two records may say nothing."""
    field, total = lines.comes_to(body)
    return total - (tax or Decimal(0)) if field == "Total" else total


def landed(endpoint: Endpoint, xero_id: str | None, body: Body, element: Element) -> str | None:
    """The id when the write has happened: a create that is there, an update of `xero_id` that is as it asked for.

    Of a contact's update that cannot be told in every field, so it counts as lost: by its id, twice does no harm.
    """
    if (endpoint.wrapper == "Contacts" and xero_id) or not is_sure(body, element):
        return None
    is_update = xero_id or body.get(endpoint.id_field)
    if is_update and proof.differences(endpoint, body, element):
        return None
    return str(element[endpoint.id_field])


def renamed(body: Body, names: Mapping[str | None, str]) -> Body:
    """The body with its options as they are called now, by their ids: we may have renamed them since."""
    if not any(item["TrackingOptionID"] in names for line in body.get("LineItems", ()) for item in line["Tracking"]):
        return body

    def called(line: Body) -> Body:
        options = ({**item, "Option": names.get(item["TrackingOptionID"], item["Option"])} for item in line["Tracking"])
        return {**line, "Tracking": list(options)}

    return {**body, "LineItems": [called(line) for line in body["LineItems"]]}


def by_coding(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document without what moves no money, and no audit finds: texts, how an amount is split among lines, and the
    link to its record, which nobody can change by hand."""
    if not document.get("LineItems"):
        return document
    rest = {name: value for name, value in document.items() if name != "Url"}
    return {**rest, "LineItems": lines.by_coding(document["LineItems"])}


def as_stored(recoded: Recoded, body: Body, stored: Element) -> Body:
    """The body with its items and accounts called as the document in Xero calls them, under whichever of their codes.

    `recoded`: by the field, the code that one has now to those that it had.
    """
    rows = stored.get("LineItems") or ()
    there = {field: {line.get(field) for line in rows} for field, codes in recoded.items() if codes}
    if "LineItems" in body and there:
        return {**body, "LineItems": [{**line, **_called(recoded, line, there)} for line in body["LineItems"]]}
    if "Account" in body and recoded.get(ACCOUNT_CODE):
        shown = [(stored.get("Account") or {}).get("Code")]
        code = as_called(recoded[ACCOUNT_CODE], body["Account"]["Code"], shown)
        return {**body, "Account": {**body["Account"], "Code": code}}
    return body


def _called(recoded: Recoded, line: Body, there: Mapping[str, set[Any]]) -> dict[str, str]:
    return {field: as_called(recoded[field], line[field], shown) for field, shown in there.items() if line.get(field)}
