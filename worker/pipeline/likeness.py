"""What in Xero a record may be, as the ledger keeps it from the hold until a person has said what it is.

It stands on the record's entry, which has no document yet: what it may be, what a person said that it is, and what it
is not. What was said holds for the record as it was then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal

from worker.facts import LIKE, OTHERS, SAME
from worker.ledger.likeness import Claims
from worker.pipeline.draft import Draft
from worker.pipeline.work import Work


def suspect(work: Work, kind: str, draft: Draft, parts: Mapping[str, tuple[Decimal, Decimal]]) -> None:
    """Note what a record may be: documents by id, each with how much of it, and how much it is."""
    claims = {id_: [str(part), str(whole)] for id_, (part, whole) in parts.items()}
    found = {"of": draft.fingerprint, "claims": claims}
    if draft.noted.get(LIKE) != found:
        work.entries.note_free(kind, draft.record.procore_id, {LIKE: found})


def said_same(draft: Draft) -> Claims:
    """What a person said that the record is, as it is now."""
    said = draft.noted.get(SAME) or {}
    claims: Claims = said.get("claims", {})
    return claims if said.get("of") == draft.fingerprint else {}


def document_of(draft: Draft) -> str:
    """The one payment or bill in Xero that a person said the record is; blank where it is none, or more than one."""
    claims = said_same(draft)
    whole = [id_ for id_, (part, amount) in claims.items() if part == amount and "/" not in id_]
    return whole[0] if len(claims) == len(whole) == 1 else ""


def said_others(draft: Draft) -> Collection[str]:
    """What a person said that the record is not."""
    others: list[str] = draft.noted.get(OTHERS) or []
    return others


def taken(work: Work, kind: str) -> Mapping[str, Decimal]:
    """How much of each document was said to be records of this project that are tied to none."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for entry in work.entries.free_in_project(kind).values():
        for id_, (part, _) in (entry.facts.get(SAME) or {}).get("claims", {}).items():
            amounts[id_] += Decimal(part)
    return amounts
