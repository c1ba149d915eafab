"""Retention of a project by commitment: what Procore's newest claim says is held back, and what Xero's lines make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from worker.audit.books import commitment_of, on_accounts
from worker.audit.one_project import OneProject
from worker.audit.procore_side import Due, ProcoreSide
from worker.audit.remedies import Found, What
from worker.audit.result import RETENTION
from worker.audit.xero_side import Posted

ZERO = Decimal(0)


def compare(at: OneProject) -> None:
    """What is held back on each commitment."""
    if not at.procore.retention_accounts or "claims" in at.procore.unseen:
        return
    there = posted(at)
    for commitment_id, retained in due(at.procore, at.matched).items():
        called = at.commitment(commitment_id)
        at.result.add(RETENTION, retained, there[commitment_id], called.currency)
        if there[commitment_id] == retained:
            at.result.agree(RETENTION, retained, called.currency)
            continue
        records = [("claims", one.id) for one in at.procore.due if one.commitment_id == commitment_id]
        found = Found(What.RETENTION, "Procore holds back another amount than the documents in Xero do.")
        at.differs(
            RETENTION, f"commitment {commitment_id}", found, retained, there[commitment_id], records, called=called
        )


def due(procore: ProcoreSide, matched: Mapping[str, tuple[Posted, Due]]) -> dict[str, Decimal]:
    """What is to be held back since the start, where no claim from before it is in the books."""
    sent = {one.commitment_id for _, one in matched.values() if one.is_opening}
    before = {id_: amount for id_, amount in procore.retained_before.items() if id_ not in sent}
    return {id_: amount - before.get(id_, ZERO) for id_, amount in procore.retained.items()}


def posted(at: OneProject) -> dict[str, Decimal]:
    """What documents in Xero hold back, also those of claims that are not due any more."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    accounts = set(at.procore.retention_accounts)
    for document, one in at.matched.values():
        held[one.commitment_id] -= on_accounts(document, accounts | at.earlier_retention.get(document.id, set()))
    for documents in at.books.bills(at.procore.project_id).values():
        for document in documents:
            if document.is_live and document.id not in at.matched:
                held[commitment_of(document)] -= on_accounts(document, accounts)
    return held
