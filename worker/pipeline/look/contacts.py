"""Contacts in Xero: as they are now, the one that a vendor adopts, and the one into which a person merged another.

That a contact was merged is seen when Xero refuses a document for its archived contact; it is looked at once per
contact and job.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import structlog

from worker.mapping.payees import By
from worker.pipeline.look.directory import MOST_MERGES
from worker.pipeline.work import Work
from worker.xero.answers import Element
from worker.xero.documents import Contact

KIND = "vendors"
log = structlog.get_logger(__name__)


def stored(work: Work, ids: Iterable[str]) -> dict[str, Element]:
    """Contacts as they are in Xero now, by id."""
    wanted = list(ids)
    return {str(row["ContactID"]): row for row in work.xero.contacts_by_id(wanted)} if wanted else {}


def free(work: Work, vendor_id: str, vendor: Contact, without: Collection[str]) -> tuple[Element, By] | None:
    """The contact that this vendor adopts: the first that fits and is no other vendor's. It is nobody else's then."""
    directory = work.settings.directory()
    if (left := directory.merged(vendor.number)) and left["ContactID"] not in without:
        return left, By.MERGED  # two vendors may share it: a person said that they are one
    while found := directory.find(vendor, without):
        owner = work.entries.record_of([KIND], str(found[0]["ContactID"]))
        directory.give(found[0], owner[1].procore_id if owner else vendor_id)
        if owner is None:
            directory.reserve(vendor_id, str(found[0].get("Name") or ""), vendor.tax_number or "")
            return found
    return None


def follow(work: Work, contact_id: str) -> bool:
    """Point whatever names this contact to the one it was merged into; False when it was not merged."""
    if contact_id not in work.merged:
        work.merged[contact_id] = _left_of(work, contact_id)
    found = work.merged[contact_id]
    if found is None:
        return False
    work.entries.point(KIND, contact_id, found)
    work.merged |= {old: found for old, left in work.merged.items() if left == contact_id}
    work.known.contacts = {id_: found if own == contact_id else own for id_, own in work.known.contacts.items()}
    log.info("contact merged in Xero", contact=contact_id, into=found)
    return True


def _left_of(work: Work, contact_id: str) -> str | None:
    """The active contact at the end of the merges that begin with this one."""
    found = contact_id
    for _ in range(MOST_MERGES):
        row = work.xero.contact(found)
        if row.get("ContactStatus") == "ACTIVE":
            return None if found == contact_id else found
        if not row.get("MergedToContactID"):
            return None
        found = str(row["MergedToContactID"])
    return None
