"""Contacts that a person merged in Xero: the vendor's entry follows to the contact that is left.

Seen when Xero refuses a document for its archived contact; looked at once per contact and job.
"""

from __future__ import annotations

import structlog

from worker.holds import HoldCode
from worker.pipeline.look.directory import MOST_MERGES
from worker.pipeline.values import Reason
from worker.pipeline.work import Work

log = structlog.get_logger(__name__)


def is_archived(reason: Reason | None) -> bool:
    """Whether Xero refused a document because its contact is archived (xero-api.md §4.1)."""
    return reason is not None and reason.code is HoldCode.REJECTED and "archived contact" in reason.sentence


def follow(work: Work, contact_id: str) -> bool:
    """Point whatever names this contact to the one it was merged into; False when it was not merged."""
    if contact_id not in work.merged:
        work.merged[contact_id] = _left_of(work, contact_id)
    found = work.merged[contact_id]
    if found is None:
        return False
    work.entries.point("vendors", contact_id, found)
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
