"""What stands in a bill that is left as it is, and what ought to: as whoever changes it by hand needs it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from worker.counting import money
from worker.pipeline.check.found import Body
from worker.pipeline.values import Reason
from worker.xero import lines, proof
from worker.xero.answers import Element, amount, day
from worker.xero.documents import Endpoint


def beside(reason: Reason, endpoint: Endpoint, body: Body, stored: Element, payee: str, tax: Decimal | None) -> Reason:
    """Why it is left as it is, and what is to be changed in it. `payee`: what the contact in the body is called;
    `tax`: what its tax ought to be, where that is stated."""
    said = "; ".join(_otherwise(body, stored, payee, tax))
    if not said and proof.differences(endpoint, body, stored):
        said = "its lines have other texts or another coding"
    return Reason(reason.code, f"{reason.sentence.removesuffix('.')}. In Xero: {said}.") if said else reason


def _otherwise(body: Body, stored: Element, payee: str, tax: Decimal | None) -> Iterator[str]:
    in_words = partial(money, currency=proof.currency_of(body, stored))
    field, total = lines.comes_to(body)
    what = "before tax" if field == "SubTotal" else "in all"
    yield from _instead(what, in_words(amount(stored, field)), in_words(total))
    if tax is not None and "TotalTax" in stored:
        yield from _instead("tax", in_words(amount(stored, "TotalTax")), in_words(tax))
    there = stored.get("Contact") or {}
    if there.get("ContactID") != body["Contact"]["ContactID"]:
        yield from _instead("payable to", f"'{there.get('Name')}'", f"'{payee}'")
    number = "InvoiceNumber" if "InvoiceNumber" in body else "CreditNoteNumber"
    yield from _instead("number", lines.plain(stored.get(number)), lines.plain(body[number]))
    yield from _instead("date", str(day(stored, "Date")), str(body["Date"]))
    if "DueDate" in body:
        yield from _instead("due on", str(day(stored, "DueDate")), str(body["DueDate"]))


def _instead(what: str, stored: str, wanted: str) -> list[str]:
    return [] if stored == wanted else [f"{what} {stored} instead of {wanted}"]
