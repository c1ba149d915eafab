"""Suppliers without a valid ABN of which bills went, each said once, beside the vendor.

Whoever pays a supplier that quotes no ABN must withhold tax from the payment, unless an exception applies. This worker
withholds nothing.
"""

from __future__ import annotations

from typing import Any

from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.mapping import tax_numbers
from worker.pipeline.values import because
from worker.pipeline.verdicts import said
from worker.pipeline.work import Work
from worker.procore.records import Claim, Invoice, Record
from worker.xero.documents import Bill

#: Of notices, which hold no record.
KIND = "left_out"
#: Of a business here, or of one whose country nobody knows.
_HERE = ("", "AU", "AUS", "AUSTRALIA")


def tell(work: Work, record: Record, bill: Bill) -> None:
    """Name the vendor of a bill that went into the books of an Australian business, once and beside the vendor, if it
    has no valid ABN; take the note back where it has one by now."""
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
        has_one(work, vendor_id)
    elif vendor_id not in work.told.without_abn:
        work.told.without_abn.add(vendor_id)
        if not work.holds.is_open_anywhere(KIND, _beside(vendor_id), HoldCode.NO_ABN):
            work.holds.settle([_without_abn(work, vendor_id, bill, shown, record.vendor_name)])


def has_one(work: Work, vendor_id: str) -> None:
    work.holds.forget(KIND, [_beside(vendor_id)])


def _without_abn(work: Work, vendor_id: str, bill: Bill, shown: dict[str, Any], named: str | None) -> Verdict:
    name, written = shown.get("vendor") or named or vendor_id, shown.get("number") or ""
    about = {"contact": shown.get("contact") or name, "written": f" ('{written}' is none)" if written else ""}
    links = work.known.procore_url(f"directory/vendors/{vendor_id}"), work.xero_page("Contacts", bill.contact_id)
    return said(KIND, _beside(vendor_id), f"vendor {name}", because(HoldCode.NO_ABN, **about), *links)


def _beside(vendor_id: str) -> str:
    """Beside what else is said of the vendor."""
    return f"abn/{vendor_id}"
