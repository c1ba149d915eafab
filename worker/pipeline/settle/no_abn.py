"""Suppliers without a valid ABN, named once each where a bill of theirs goes into the books of an Australian business.

Who pays a supplier that quotes no ABN must withhold tax from the payment, unless an exception applies. Nothing is
withheld by this worker; it is a note for a person, beside the vendor.
"""

from __future__ import annotations

from typing import Any

from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.mapping import tax_numbers
from worker.pipeline.work import Work
from worker.procore.records import Claim, Invoice, Record
from worker.xero.documents import Bill

KIND, CODE = "left_out", HoldCode.NO_ABN
_HERE = ("", "AU", "AUS", "AUSTRALIA")


def tell(work: Work, record: Record, bill: Bill) -> None:
    """Name the vendor of a bill that went, or take the note back where the vendor has its number by now."""
    if not isinstance(record, Claim | Invoice) or record.vendor_id is None:
        return
    work.known.country = work.known.country or work.settings.country()
    if work.known.country != "AU":
        return
    vendor_id = str(record.vendor_id)
    shown = work.known.payees.get(vendor_id, {})
    contact = work.settings.contact_read(bill.contact_id)
    if _has_number(shown, contact.get("TaxNumber")) or str(shown.get("country", "")).upper() not in _HERE:
        forget(work, vendor_id)
    elif vendor_id not in work.told.without_abn:
        work.told.without_abn.add(vendor_id)
        if not work.holds.is_open_anywhere(KIND, _id(vendor_id), CODE):
            work.holds.settle([_note(work, vendor_id, bill, shown, record.vendor_name)])


def forget(work: Work, vendor_id: str) -> None:
    """It has its number now."""
    work.holds.forget(KIND, [_id(vendor_id)])


def _has_number(shown: dict[str, Any], in_xero: object) -> bool:
    if shown.get("proved"):
        return True
    written = (str(in_xero or ""), str(shown.get("contact_number") or ""))
    return any(tax_numbers.read(text, "AU") is not None for text in written)


def _note(work: Work, vendor_id: str, bill: Bill, shown: dict[str, Any], named: str | None) -> Verdict:
    name, written = shown.get("vendor") or named or vendor_id, shown.get("number") or ""
    said = CODE.sentence(contact=shown.get("contact") or name, written=f" ('{written}' is none)" if written else "")
    links = work.known.procore_url(f"directory/vendors/{vendor_id}"), work.xero_page("Contacts", bill.contact_id)
    return Verdict(KIND, _id(vendor_id), f"vendor {name}", CODE.outcome, CODE, said, *links)


def _id(vendor_id: str) -> str:
    """Beside what else is said of the vendor."""
    return f"abn/{vendor_id}"
