"""What a person said that a record is, or is not, of what stands in Xero (`procore-xero match`).

It stands on the record's entry, which has no document yet. What was said that it is holds for the record as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from worker.facts import LIKE, OTHERS, SAME
from worker.pipeline.values import New

#: Document to how much of it the record is, and how much it is.
Claims = dict[str, list[str]]


def like(draft: New, parts: Mapping[str, tuple[Decimal, Decimal]]) -> dict[str, Any]:
    """What is noted of a record until a person has said it; nothing where it is noted already."""
    claims = {id_: [str(part), str(whole)] for id_, (part, whole) in parts.items()}
    found = {"of": draft.fingerprint, "claims": claims}
    return {LIKE: found} if draft.noted.get(LIKE) != found else {}


def same(draft: New) -> Claims:
    """What a person said that the record is, as it is now."""
    said = draft.noted.get(SAME) or {}
    claims: Claims = said.get("claims", {})
    return claims if said.get("of") == draft.fingerprint else {}


def document(draft: New) -> str:
    """The one payment or bill in Xero that a person said the record is; blank where it is none, or more than one."""
    claims = same(draft)
    whole = [id_ for id_, (part, amount) in claims.items() if part == amount and "/" not in id_]
    return whole[0] if len(claims) == len(whole) == 1 else ""


def others(draft: New) -> Collection[str]:
    """What a person said that the record is not."""
    ids: list[str] = draft.noted.get(OTHERS) or []
    return ids
