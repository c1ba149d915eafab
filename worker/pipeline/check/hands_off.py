"""Whether a document that stands in Xero may be changed or taken out: nothing that a person or the bank has touched is.

A bill that has a payment, lies in a locked period, or was edited by a person since we wrote it is never changed
(promise 5). A payment is deleted only as long as it is not reconciled.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from worker.counting import money
from worker.holds import HoldCode
from worker.pipeline.check.found import VOID, Body, Recoded, as_stored
from worker.pipeline.values import Reason, because
from worker.procore.records import Claim, Invoice, Record
from worker.xero import proof
from worker.xero.answers import Element, amount, currency_code, day
from worker.xero.documents import PAYMENTS, Endpoint
from worker.xero.naming import named


def gone(stored: Element) -> Reason:
    """A document that a person deleted or voided, by its name where the answer has it."""
    has_name = "PaymentID" in stored or "Total" in stored
    on = "" if "PaymentID" in stored else f", dated {day(stored, 'Date')}"
    status = str(stored.get("Status") or "deleted or voided").lower()
    return because(HoldCode.GONE_IN_XERO, status=status, document=f": {named(stored)}{on}" if has_name else "")


def locked(on: date | None, until: date | None) -> Reason | None:
    """Whether a day lies in the period that is locked up to `until`."""
    if on is None or until is None or on > until:
        return None
    return because(HoldCode.LOCKED_PERIOD, date=on, locked_until=until)


def paid(stored: Element) -> Reason | None:
    """Why a bill or credit note is left as it is on which something was paid."""
    is_paid = any(amount(stored, field) for field in ("AmountPaid", "AmountCredited", "AppliedAmount"))
    if not is_paid and stored.get("Status") != "PAID":
        return None
    return because(HoldCode.CHANGED_AFTER_SENDING, why="it has a payment or a credit")


def of_bill(
    endpoint: Endpoint, stored: Element, last: Body | None, until: date | None, recoded: Recoded
) -> Reason | None:
    """Why one that is not paid is left as it is. `last` is what we wrote into it last, as things are called now."""
    if reason := locked(day(stored, "Date"), until):
        return reason
    found = ["it was entered by hand, or what was written into it is not known any more"]
    if last:
        found = proof.differences(endpoint, as_stored(recoded, last, stored), stored)
    return because(HoldCode.EDITED_IN_XERO, difference="; ".join(found)) if found else None


def of_payment(stored: Element, until: date | None) -> Reason | None:
    """Why a payment is not deleted."""
    if stored.get("IsReconciled"):
        return because(HoldCode.CHANGED_AFTER_SENDING, why="the payment is reconciled with the bank")
    return locked(day(stored, "Date"), until)


def entered_by_hand() -> Reason:
    return because(HoldCode.CHANGED_AFTER_SENDING, why="a person entered it there")


def cannot_follow(document: Endpoint, endpoint: Endpoint, stored: Element) -> Reason | None:
    """Why a bill or credit note at `endpoint` cannot become this other document."""
    if stored.get("Status") in VOID:
        return gone(stored)
    if document != endpoint:
        return because(HoldCode.CHANGED_AFTER_SENDING, why="a bill cannot become a credit note")
    return None


def way_out(endpoint: Endpoint, stored: Element, setting: str, *, is_adopted: bool) -> str | Reason:
    """The status that takes a document out of the books whose record is gone or undone, or why it stays, before
    anybody looks whether it was touched. `setting`: what the mapping file says of such documents."""
    if endpoint == PAYMENTS:
        return entered_by_hand() if is_adopted else "DELETED"
    status = str(stored.get("Status"))
    return last_status(setting, status) or left(setting, status)


def last_status(setting: str, status: str) -> str:
    """The status that takes a bill or credit note out of the books, from the one it has (xero-api.md §4.6).

    Blank where it stays: by the mapping file, or because Xero does not delete what is approved. What is paid is not
    looked at here.
    """
    if setting == "hold":
        return ""
    if status in ("DRAFT", "SUBMITTED"):
        return "DELETED"
    return "VOIDED" if setting == "void" else ""


def left(setting: str, status: str) -> Reason:
    """Why it stays."""
    more = f", and Xero does not delete what is {status}" if setting == "delete" else ""
    return because(HoldCode.CHANGED_AFTER_SENDING, why=f"Procore no longer has it{more}")


def sent_back(record: Record, why: Reason, stored: Element) -> Reason:
    """A bill that nobody has approved yet can follow; of an approved one both figures are shown."""
    status = str(stored.get("Status"))
    if why.code is HoldCode.NOT_APPROVED and status in ("DRAFT", "SUBMITTED"):
        return because(HoldCode.SENT_BACK, why=why.sentence, status=status)
    currency = currency_code(stored)
    figures = {
        "net": money(amount(stored, "SubTotal"), currency),
        "total": money(amount(stored, "Total"), currency),
        "procore": _says(record),
    }
    return because(HoldCode.SENT_BACK_TOO_LATE, why=why.sentence, status=status, **figures)


def _says(record: Record) -> Decimal | str:
    """Procore's own figure of a claim or invoice."""
    said = record.summary.current_payment_due if isinstance(record, Claim) else None
    if isinstance(record, Invoice):
        said = record.grand_total if record.amount is None else record.amount
    return "no amount" if said is None else said
