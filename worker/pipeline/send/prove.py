"""Each answer is compared with what was sent (promise 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from worker.holds import HoldCode
from worker.pipeline.values import Proof, Reason, because
from worker.xero import answers, proof
from worker.xero.answers import Element
from worker.xero.documents import Endpoint

_NAME_TAKEN = "is already assigned to another contact"


@dataclass(frozen=True, slots=True)
class Sent:
    """A member of a request: its body, and the tax that Xero is to compute on it."""

    procore_id: str
    body: Mapping[str, Any]
    tax: Decimal | None = None


def prove(endpoint: Endpoint, sent: Sequence[Sent], elements: Sequence[Element]) -> list[Proof]:
    """What became of each member, and why for those that are to be held."""
    matched = proof.match(endpoint, [one.body for one in sent], elements)
    return [_proof(endpoint, one, element) for one, element in zip(sent, matched, strict=True)]


def _proof(endpoint: Endpoint, sent: Sent, element: Element | None) -> Proof:
    if element is None:
        reason = because(HoldCode.PROOF_FAILED, difference="the answer does not mention it")
        return Proof(sent.procore_id, None, reason, is_answered=False)
    if refusals := answers.problems(element, endpoint.id_field):
        return Proof(sent.procore_id, None, _refused(sent.body, "; ".join(refusals).rstrip(".")))
    found = proof.differences(endpoint, sent.body, element, sent.tax)
    differs = because(HoldCode.PROOF_FAILED, difference="; ".join(found)) if found else None
    return Proof(sent.procore_id, str(element[endpoint.id_field]), differs)


def _refused(body: Mapping[str, Any], messages: str) -> Reason:
    """Xero has one active contact of a name: who has it is a person's to say (xero-api.md §4.1)."""
    if _NAME_TAKEN in messages and "Name" in body:
        return because(HoldCode.NAME_TAKEN, name=body["Name"], why="Xero takes a name once")
    return because(HoldCode.REJECTED, messages=messages)
