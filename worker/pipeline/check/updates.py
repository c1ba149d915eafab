"""Bills that changed in Procore, beside those that stand: whether one is so already, and what an update says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.facts import CODED_BY, RECODE
from worker.holds import HoldCode
from worker.pipeline.check.found import VOID, Body
from worker.pipeline.draft import Draft
from worker.pipeline.values import Reason
from worker.xero import proof
from worker.xero.answers import Element
from worker.xero.documents import Bill, Endpoint


def may_be_there(draft: Draft, endpoint: Endpoint, stored: Element) -> bool:
    """Whether it is worth comparing: what was taken out, or is of the other kind, is none of it."""
    return draft.document.endpoint == endpoint and stored.get("Status") not in VOID


def is_there(draft: Draft, endpoint: Endpoint, stored: Element, body: Body) -> bool:
    """Somebody has made the change already: a person by hand, or we, before an old ledger was put back. `body` is the
    draft's with what Xero would choose by itself."""
    stated = draft.document.stated_tax if isinstance(draft.document, Bill) else None
    return not proof.differences(endpoint, body, stored, stated)


def stays_coded(
    draft: Draft, noted: Mapping[str, Any], stored: Element, reason: Reason | None, *, is_asked: bool
) -> str:
    """Why a bill that was to be recoded is left as it is coded; blank where nothing is in the way. `reason`: why it may
    not be changed; `is_asked`: somebody looks what a recode would do."""
    if reason is not None:
        is_short = reason.code is HoldCode.CHANGED_AFTER_SENDING
        return reason.sentence.rpartition(": ")[2] if is_short else reason.sentence
    is_said = is_asked or noted.get(RECODE) == draft.facts.get(CODED_BY)
    return "" if is_said or stored.get("Status") == "DRAFT" else "It is not a draft any more."


def body(draft: Draft, endpoint: Endpoint, stored: Element) -> dict[str, Any]:
    """An update by id. Lines keep their ids when their number is the same; else all are replaced (§4.6)."""
    said = {endpoint.id_field: draft.xero_id, **draft.send}
    if stored.get("Status") == "AUTHORISED":
        said["Status"] = "AUTHORISED"  # approved in Xero meanwhile: it does not go back
    rows: list[Element] = stored.get("LineItems") or []
    if len(rows) == len(said["LineItems"]):
        pairs = zip(rows, said["LineItems"], strict=True)
        said["LineItems"] = [{"LineItemID": row.get("LineItemID"), **line} for row, line in pairs]
    return said
