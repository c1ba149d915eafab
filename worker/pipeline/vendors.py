"""A vendor's contact in Xero: found or made, and then left as a person typed it but for what changed in Procore.

What is decided here is kept as a fact of the vendor's entry, so that it can be shown without asking anybody.
"""

from __future__ import annotations

import hashlib
from typing import Any

from worker.holds import HoldCode
from worker.http import exact_json
from worker.ledger.entries import PAYEE
from worker.mapping.payees import By
from worker.pipeline import merged
from worker.pipeline.stage import Draft
from worker.pipeline.work import Work
from worker.xero.answers import Element
from worker.xero.documents import Contact

KIND = "vendors"


def adopt(work: Work, draft: Draft, vendor: Contact) -> Element | None:
    """The contact that is tied to the vendor as it is; None where something is written: its number, or all of it.

    Raises DocumentRejected when a person must choose.
    """
    found = _free_contact(work, vendor)
    if found is None:
        draft.facts[PAYEE] = payee(vendor, vendor.body(), By.MADE)
        return None
    contact, by = found
    draft.facts |= {"adopted": True, PAYEE: payee(vendor, contact, by)}
    if contact.get("ContactNumber") or by is By.MERGED:
        return contact
    draft.send = {"ContactID": contact["ContactID"], "ContactNumber": vendor.number}
    return None


def is_refused_number(draft: Draft, reason: tuple[HoldCode, str] | None) -> bool:
    """Whether all that Xero refused is to write a vendor's number on a good contact; an archived one is none.

    A stored website or e-mail that Xero does not like makes any write of that contact fail (Xero-NetStandard#434,
    xeroizer#477).
    """
    is_number = draft.xero_id is None and isinstance(draft.document, Contact) and "ContactID" in draft.send
    return is_number and reason is not None and reason[0] is HoldCode.REJECTED and not merged.is_archived(reason)


def payee(vendor: Contact, contact: Element, by: By) -> dict[str, Any]:
    """What is shown of a vendor and its contact: both names and tax numbers, and by what the two were put together."""
    return {
        "by": str(by),
        "vendor": vendor.name,
        "number": vendor.tax_number or vendor.tax_number_left_out,
        "valid": bool(vendor.tax_number),
        "contact": str(contact.get("Name") or ""),
        "contact_number": str(contact.get("TaxNumber") or ""),
    }


def fields(contact: Contact) -> dict[str, str]:
    """A mark of each field: an update carries only those that changed in Procore since they were written."""
    marks = {name: hashlib.sha256(exact_json.dumps(value).encode()) for name, value in contact.body().items()}
    return {name: mark.hexdigest()[:12] for name, mark in marks.items()}


def _free_contact(work: Work, vendor: Contact) -> tuple[Element, By] | None:
    """The contact that this vendor adopts: the first that fits and is no other vendor's. It is nobody else's then."""
    directory = work.directory()
    if merged := directory.merged(vendor.number):
        return merged, By.MERGED  # two vendors may share it: a person said that they are one
    while found := directory.find(vendor):
        directory.give(found[0])
        if work.entries.record_of([KIND], str(found[0]["ContactID"])) is None:
            return found
    return None
