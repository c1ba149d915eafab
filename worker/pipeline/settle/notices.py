"""What a person may want to see to, said without holding the record: what a contact does without since Xero refuses it,
a number that went twice, what another integration has exported, too, and suppliers without a valid ABN.

A notice beside the record's own outcome: it never counts as a record, and it goes with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from worker.facts import NUMBER_REFUSED, PAYEE, TWICE, UNTRACKED
from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.mapping import tax_numbers
from worker.pipeline.check.found import before_tax, number
from worker.pipeline.decide.record import exported_too
from worker.pipeline.values import Reason, because, expected_tax
from worker.pipeline.verdicts import said
from worker.pipeline.work import Work
from worker.procore.records import Claim, Invoice, Record
from worker.xero.documents import Bill, Contact, Document

KIND = "left_out"
#: Of a business here, or of one whose country nobody knows.
_HERE = ("", "AU", "AUS", "AUSTRALIA")


@dataclass(frozen=True, slots=True)
class Standing:
    """A record's document that is in Xero, with the facts of its entry."""

    record: Record
    document: Document
    xero_id: str | None
    facts: Mapping[str, Any]
    #: Whether it has come there since the list was read last.
    is_new: bool = False


def tell(work: Work, standing: Sequence[Standing]) -> None:
    """Say what is missing on a contact in Xero, by the facts of the vendor's entry, or who else exported a record."""
    for one in standing:
        _tell(work, one)
        if one.is_new and isinstance(one.document, Bill):
            _tell_of_vendor(work, one.record, one.document)


def _tell(work: Work, one: Standing) -> None:
    record, document = one.record, one.document
    id_ = record.procore_id if isinstance(document, Contact) else f"{record.kind}/{record.procore_id}"
    if isinstance(document, Contact) and document.tax_number:
        _has_abn(work, id_)
    reason = _missing(document, one.facts) if isinstance(document, Contact) else _of_document(work, one)
    if reason is None:
        work.holds.forget(KIND, [id_])
        return
    links = work.known.procore_url(record.page), work.xero_page(document.endpoint.wrapper, one.xero_id)
    work.holds.settle([said(KIND, id_, record.title, reason, *links)])


def _of_document(work: Work, one: Standing) -> Reason | None:
    return _sent_twice(work, one.document, one.facts) or exported_too(one.record) or _untracked(work, one.facts)


def _sent_twice(work: Work, document: Document, facts: Mapping[str, Any]) -> Reason | None:
    """Another record has its supplier, number and amount (`same_number`): as long as both are as they were, and the
    other one stands."""
    found = facts.get(TWICE)
    if not found or not isinstance(document, Bill):
        return None
    body, (kind, procore_id) = document.body(), found["of"]
    if (found["number"], Decimal(found["amount"])) != (number(body), before_tax(body, expected_tax(facts))):
        return None
    other = work.entries.known(kind, [procore_id]).get(procore_id)
    if other is not None and other.state == "free":
        return None
    amount = f"{Decimal(found['amount']):,.2f}"
    return because(HoldCode.SENT_TWICE, other=found["title"], number=found["number"], amount=amount)


def _untracked(work: Work, facts: Mapping[str, Any]) -> Reason | None:
    """Of a document that a person entered and that is a record's now."""
    if not facts.get(UNTRACKED) or work.known.project is None:
        return None
    return because(HoldCode.TRACKING_LEFT_OUT, option=work.known.project.option)


def _missing(contact: Contact, facts: Mapping[str, Any]) -> Reason | None:
    """Of a contact that was adopted only the number was to be written."""
    if facts.get(NUMBER_REFUSED):
        return because(HoldCode.CONTACT_NUMBER_LEFT_OUT, contact=facts[PAYEE]["contact"], why=facts[NUMBER_REFUSED])
    if contact.email_left_out and not facts.get("adopted"):
        return because(HoldCode.EMAIL_LEFT_OUT, email=contact.email_left_out)
    return None


def _tell_of_vendor(work: Work, record: Record, bill: Bill) -> None:
    """Name the vendor of a bill that went into the books of an Australian business, once and beside the vendor, if it
    has no valid ABN; take the note back where it has one by now.

    Whoever pays a supplier that quotes no ABN must withhold tax from the payment, unless an exception applies. This
    worker withholds nothing.
    """
    if not isinstance(record, Claim | Invoice) or record.vendor_id is None:
        return
    work.known.country = work.known.country or work.settings.country()
    if work.known.country != "AU":
        return
    vendor_id = str(record.vendor_id)
    shown = work.known.payees.get(vendor_id, {})
    written = (str(work.settings.contact_read(bill.contact_id).get("TaxNumber") or ""), shown.get("contact_number"))
    has_abn = shown.get("proved") or any(tax_numbers.read(str(text or ""), "AU") is not None for text in written)
    if has_abn or str(shown.get("country", "")).upper() not in _HERE:
        _has_abn(work, vendor_id)
    elif vendor_id not in work.told.without_abn:
        work.told.without_abn.add(vendor_id)
        if not work.holds.is_open_anywhere(KIND, _beside(vendor_id), HoldCode.NO_ABN):
            work.holds.settle([_without_abn(work, vendor_id, bill, shown, record.vendor_name)])


def _has_abn(work: Work, vendor_id: str) -> None:
    work.holds.forget(KIND, [_beside(vendor_id)])


def _without_abn(work: Work, vendor_id: str, bill: Bill, shown: dict[str, Any], named: str | None) -> Verdict:
    name, written = shown.get("vendor") or named or vendor_id, shown.get("number") or ""
    about = {"contact": shown.get("contact") or name, "written": f" ('{written}' is none)" if written else ""}
    links = work.known.procore_url(f"directory/vendors/{vendor_id}"), work.xero_page("Contacts", bill.contact_id)
    return said(KIND, _beside(vendor_id), f"vendor {name}", because(HoldCode.NO_ABN, **about), *links)


def _beside(vendor_id: str) -> str:
    """Beside what else is said of the vendor."""
    return f"abn/{vendor_id}"
