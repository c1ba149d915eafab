"""What a person does in Xero by hand, for tests: fields change without the API's rules, and the stamp moves,
unless it is one of them.

Reached only through the control interface.
"""

from __future__ import annotations

from typing import Any

from worker.sandbox.xero.books import Books
from worker.sandbox.xero.lines import Lines, LineTerms, sums
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.values import Row, from_seed, to_seed


def edit(organisation: Organisation, collection: str, key: str, values: dict[str, Any]) -> Row | None:
    """Merge fields into a document and answer it in the seed's shape; None when there is no such document.

    Raises Rejected for lines that cannot be, and for a collection that cannot be edited.
    """
    books = organisation.books
    changes: Row = from_seed(values)
    name = collection.lower()
    if name == "organisation":
        # Null takes a lock date away.
        merged = {**books.organisation, **changes}
        books.organisation = {field: value for field, value in merged.items() if value is not None}
        return dict(to_seed(books.organisation))
    tables = {
        "accounts": books.accounts,
        "contacts": books.contacts,
        "invoices": books.invoices,
        "creditnotes": books.credit_notes,
        "payments": books.payments,
        "items": books.items,
        "trackingcategories": books.categories,
    }
    if name not in tables:
        raise Rejected(f"{collection} cannot be edited; known are Organisation, {', '.join(tables)}")
    row = tables[name].get(key)
    if row is None:
        return None
    changed = {**row, "UpdatedDateUTC": books.now(), **changes}
    if name in ("invoices", "creditnotes"):
        _recompute(organisation, changed, changes)
    tables[name].save(changed)
    if name == "accounts" and changed.get("Code") != row.get("Code"):
        _renumber(books, changed)
    if name == "payments":
        organisation.payments.settle(changed["Collection"], changed["TargetID"])
    shown = {field: value for field, value in changed.items() if field != "Options"}
    return dict(to_seed(shown))


def _renumber(books: Books, account: Row) -> None:
    """What was posted to an account shows the code that it has now, and has not moved by it."""
    for table in (books.invoices, books.credit_notes):
        for document in table.all():
            lines = [
                {**line, "AccountCode": account["Code"]} if line.get("AccountID") == account["AccountID"] else line
                for line in document["LineItems"]
            ]
            table.save({**document, "LineItems": lines})


def _recompute(organisation: Organisation, doc: Row, changes: Row) -> None:
    contact = doc.pop("Contact", None)
    if contact:
        doc["ContactID"] = contact["ContactID"]
    if "LineItems" not in changes:
        return
    kind = next(kind for kind in organisation.kinds if kind.id_field in doc)
    terms = LineTerms(doc["LineAmountTypes"], 4, complete=False)
    lines = Lines(organisation.books, organisation.tracking)
    doc["LineItems"] = lines.replaced([], [_unnumbered(line) for line in changes["LineItems"]], terms)
    doc.update(sums(doc["LineItems"], doc["LineAmountTypes"]))
    doc[kind.open_field] = doc["Total"] - doc[kind.paid_field] - doc.get("AmountCredited", 0)


def _unnumbered(line: Row) -> Row:
    return {field: value for field, value in line.items() if field not in ("LineItemID", "LineAmount")}
