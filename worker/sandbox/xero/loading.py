"""A seed becomes books, and books become a seed again.

Documents in a seed may leave out ids, totals and dates: they are computed as for a PUT with unitdp=4. Lock
dates, and accounts, contacts or options archived since, do not stop a seed: it tells of the past.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from worker.sandbox.clock import Clock
from worker.sandbox.seed import SeedError
from worker.sandbox.switches import InForce, XeroSwitches
from worker.sandbox.xero.books import Books, Table
from worker.sandbox.xero.documents import CREDIT_NOTES, INVOICES, Kind
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.prepayments import dumped, set_against
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.tracking import new_options
from worker.sandbox.xero.values import Row, fold, from_seed, new_guid, to_seed

#: The actions that Xero documents (OpenAPI, getOrganisationActions).
ACTIONS = (
    "CreateApprovedInvoice", "CreateDraftPurchaseOrder", "CreateApprovedBill", "AttachFilesIntoInvoice",
    "UseMulticurrency", "CreateDraftInvoice", "CreateRepeatingInvoice", "CreateRepeatingBill", "CreateSentQuote",
    "CreateInvoicePayment", "CreateApprovedPurchaseOrder", "CreateDraftQuote", "CreateDraftBill",
)  # fmt: skip


def load(seed: Mapping[str, Any], clock: Clock, switches: InForce[XeroSwitches]) -> Organisation:
    """The organisation that a seed's Xero half describes; raises SeedError naming the row that cannot be."""
    rows: dict[str, Any] = from_seed(dict(seed))
    settings = dict(rows.get("organisation") or {})
    tenant_id = str(rows.get("tenant_id") or settings.get("OrganisationID") or new_guid()).lower()
    books = Books(clock, tenant_id, {"OrganisationID": tenant_id, **settings}, switches)
    asleep = [*_load_reference(books, rows), *_load_contacts(books, rows)]
    organisation = Organisation(books)
    books.is_loading = True
    for kind, name in ((INVOICES, "invoices"), (CREDIT_NOTES, "credit_notes")):
        for n, row in enumerate(rows.get(name, [])):
            _load_document(organisation, kind, row, f"xero.{name}.{n}")
    for n, row in enumerate(rows.get("payments", [])):
        _load_payment(organisation, row, f"xero.payments.{n}")
    for n, row in enumerate(rows.get("credit_notes", [])):
        _load_allocations(organisation, row, f"xero.credit_notes.{n}")
    for row in rows.get("prepayments", []):
        kept = {key: value for key, value in row.items() if key != "Allocations"}
        books.prepayments.save(kept)
        for one in row.get("Allocations") or ():
            set_against(organisation, kept, one["InvoiceID"], one["Amount"])
    for row in rows.get("batch_payments", []):
        books.batch_payments.save({"UpdatedDateUTC": books.now(), "Status": "AUTHORISED", **row})
    books.history.update(rows.get("history") or {})
    for table, row in asleep:
        table.save(row)
    books.is_loading = False
    return organisation


def _load_reference(books: Books, rows: Mapping[str, Any]) -> list[tuple[Table, Row]]:
    books.tax_rates.update({rate["TaxType"]: {"Status": "ACTIVE", **rate} for rate in rows.get("tax_rates", [])})
    books.currencies.extend(rows.get("currencies", []))
    forbidden = {row["Name"]: row["Status"] for row in rows.get("organisation_actions", [])}
    books.actions = [{"Name": name, "Status": forbidden.get(name, "ALLOWED")} for name in ACTIONS]
    for item in rows.get("items", []):
        books.items.save({"ItemID": new_guid(), "UpdatedDateUTC": books.now(), **item})
    blank = {"Status": "ACTIVE", "UpdatedDateUTC": books.now()}
    accounts = [{"AccountID": new_guid(), **blank, **row} for row in rows.get("accounts", [])]
    for account in accounts:
        if account["Type"] == "BANK":
            account.setdefault("CurrencyCode", books.base_currency)
    asleep = _saved_awake(books.accounts, accounts, "Status")
    for category in rows.get("tracking_categories", []):
        options = new_options()
        found = [{"TrackingOptionID": new_guid(), "Status": "ACTIVE", **row} for row in category.get("Options", [])]
        asleep += _saved_awake(options, found, "Status")
        row = {"TrackingCategoryID": new_guid(), "Status": "ACTIVE", **category, "Options": options}
        asleep += _saved_awake(books.categories, [row], "Status")
    return asleep


def _load_contacts(books: Books, rows: Mapping[str, Any]) -> list[tuple[Table, Row]]:
    blank = {"ContactStatus": "ACTIVE", "EmailAddress": "", "Addresses": [], "Phones": [], "ContactPersons": []}
    flags = {"IsSupplier": False, "IsCustomer": False, "UpdatedDateUTC": books.now()}
    contacts = [{"ContactID": new_guid(), **blank, **flags, **row} for row in rows.get("contacts", [])]
    return _saved_awake(books.contacts, contacts, "ContactStatus")


def _saved_awake(table: Table, rows: list[Row], status_field: str) -> list[tuple[Table, Row]]:
    """Save rows as if active, so that old documents may name them; answers those to be put to sleep after."""
    for row in rows:
        table.save({**row, status_field: "ACTIVE"})
    return [(table, row) for row in rows if row[status_field] != "ACTIVE"]


def dump(organisation: Organisation) -> dict[str, Any]:
    """The books in the seed's own shape."""
    books = organisation.books
    state = {
        "tenant_id": books.tenant_id,
        "organisation": books.organisation,
        "accounts": list(books.accounts.all()),
        "tax_rates": list(books.tax_rates.values()),
        "tracking_categories": [{**row, "Options": list(row["Options"].all())} for row in books.categories.all()],
        "contacts": list(books.contacts.all()),
        "invoices": [_dumped(organisation, row) for row in books.invoices.all()],
        "credit_notes": [_dumped(organisation, row) for row in books.credit_notes.all()],
        "payments": [_dumped_payment(organisation, row) for row in books.payments.all()],
        "batch_payments": list(books.batch_payments.all()),
        "prepayments": [dumped(books, row) for row in books.prepayments.all()],
        "history": books.history,
        "items": list(books.items.all()),
        "currencies": books.currencies,
        "organisation_actions": books.actions,
    }
    return {key: to_seed(value) for key, value in state.items()}


def _load_document(organisation: Organisation, kind: Kind, row: Row, path: str) -> None:
    """Write it as a draft, by the rules of a PUT, and then put it where the seed says it stands."""
    element = {key: value for key, value in row.items() if key not in (kind.id_field, "Status", *_COMPUTED)}
    element["LineItems"] = [
        {key: value for key, value in line.items() if key not in _COMPUTED} for line in row.get("LineItems", [])
    ]
    line_ids = [line.pop("LineItemID", None) for line in element["LineItems"]]
    element["Contact"] = _contact_reference(element.get("Contact", {}))
    documents = organisation.documents[kind.collection]
    try:
        doc = dict(documents.create(_as_sent(element), 4))
    except Rejected as error:
        raise SeedError(f"Seed: {path}: {error}.") from None
    documents.table.remove(doc[kind.id_field])
    for line, line_id in zip(doc["LineItems"], line_ids, strict=True):
        line["LineItemID"] = line_id or line["LineItemID"]
    doc[kind.id_field] = row.get(kind.id_field) or doc[kind.id_field]
    doc["Status"] = row.get("Status", "AUTHORISED")
    doc["UpdatedDateUTC"] = row.get("UpdatedDateUTC", doc["UpdatedDateUTC"])
    if row.get("RoundingAmount"):
        doc["RoundingAmount"] = row["RoundingAmount"]
        doc["Total"] += row["RoundingAmount"]
        doc[kind.open_field] += row["RoundingAmount"]
    if doc["Status"] == "PAID":
        doc[kind.paid_field], doc[kind.open_field] = doc["Total"], Decimal("0.00")
    documents.table.save(doc)
    for attachment in row.get("Attachments", []):
        organisation.attachments.restore(doc[kind.id_field], attachment)


#: What Xero computes; a seed's own figures for these are not read.
_COMPUTED = (
    "SubTotal", "TotalTax", "Total", "AmountDue", "AmountPaid", "AmountCredited", "RemainingCredit", "AppliedAmount",
    "LineAmount", "Payments", "Allocations", "UpdatedDateUTC", "FullyPaidOnDate",
)  # fmt: skip


def _as_sent(element: Row) -> Row:
    sent = to_seed({key: value for key, value in element.items() if value is not None})
    return dict(sent)


def _contact_reference(contact: Row) -> Row:
    """One key only, so that loading never changes a contact."""
    for key in ("ContactID", "ContactNumber", "Name"):
        if contact.get(key):
            return {key: contact[key]}
    return {}


def _load_payment(organisation: Organisation, row: Row, path: str) -> None:
    collection = "Invoices" if "Invoice" in row else "CreditNotes"
    documents = organisation.documents[collection]
    kind = documents.kind
    named = row.get("Invoice") or row.get("CreditNote") or {}
    target = documents.table.get(named.get(kind.id_field, ""))
    if target is None:
        found = documents.table.find("number", fold(named.get(kind.number_field) or ""))
        target = found[0] if len(found) == 1 else None
    account = organisation.books.account(row.get("Account") or {})
    if target is None or account is None or "Amount" not in row or "Date" not in row:
        what = "needs Amount, Date, an Account and one Invoice or CreditNote of the seed"
        raise SeedError(f"Seed: {path} {what}.")
    organisation.payments.restore(row, collection, target, account)


def _load_allocations(organisation: Organisation, row: Row, path: str) -> None:
    for allocation in row.get("Allocations") or ():
        invoice_id = (allocation.get("Invoice") or {}).get("InvoiceID")
        if "CreditNoteID" not in row or organisation.books.invoices.get(invoice_id) is None:
            raise SeedError(f"Seed: {path}: an allocation needs the note's CreditNoteID, and an Invoice of the seed.")
        organisation.allocations.restore(row["CreditNoteID"], allocation)


def _dumped(organisation: Organisation, row: Row) -> Row:
    out = {key: value for key, value in row.items() if key not in ("ContactID", "LineItems")}
    out["Contact"] = {"ContactID": row["ContactID"]}
    tracking = organisation.tracking
    out["LineItems"] = [
        {**line, "Tracking": tracking.answer(line["Tracking"], with_option_ids=True)} for line in row["LineItems"]
    ]
    attachments = organisation.attachments.dumped(row.get("InvoiceID") or row["CreditNoteID"])
    if allocations := organisation.books.allocations.find("note", row.get("CreditNoteID")):
        kept = ("AllocationID", "Amount", "Date")
        out["Allocations"] = [
            {**{key: one[key] for key in kept}, "Invoice": {"InvoiceID": one["InvoiceID"]}} for one in allocations
        ]
    return {**out, "Attachments": attachments} if attachments else out


def _dumped_payment(organisation: Organisation, row: Row) -> Row:
    kind = organisation.documents[row["Collection"]].kind
    out = {key: value for key, value in row.items() if key not in ("Collection", "TargetID", "AccountID")}
    out["Account"] = {"AccountID": row["AccountID"]}
    out["Invoice" if row["Collection"] == "Invoices" else "CreditNote"] = {kind.id_field: row["TargetID"]}
    return out
