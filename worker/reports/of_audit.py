"""The weekly audit as a message: what differs, and what to do about each; then what is paused and still open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from worker.audit.result import Difference
from worker.ledger.notices import Message
from worker.reports import rendering
from worker.reports.wording import SENDER, for_chat

#: Differences that are named; beyond them the message says how many more there are.
MOST = 40


def of_audit(
    organisation: str,
    count: str,
    agreed: str,
    differences: Sequence[Difference],
    paused: Sequence[tuple[str, str]],
) -> Message:
    """`count` and `agreed` are the audit's own words; `paused` are job numbers, each with why and what is open."""
    shown, more = differences[:MOST], max(0, len(differences) - MOST)
    headline = f"audit: {count}"
    text = "\n".join(_lines(organisation, headline, agreed, shown, more, paused))
    page = rendering.render(
        "audit.html", organisation=organisation, headline=headline, agreed=agreed, shown=shown, more=more, paused=paused
    )
    facts: dict[str, Any] = {
        "text": for_chat("\n".join([f"{organisation}, {headline}", *map(_line, shown[:10])])),
        "kind": "audit",
        "organisation": organisation,
        "differences": [
            {
                "job_number": one.job_number,
                "title": one.title,
                "about": one.called.said,
                "sentence": one.sentence,
                "remedy": one.remedy,
            }
            | {"id": one.id, "hold": one.hold, "commands": one.commands}
            for one in shown
        ],
        "more": more,
        "paused": [{"job_number": number, "reason": why} for number, why in paused],
    }
    return Message(f"{SENDER}: {headline}", text, page, facts)


def _line(one: Difference) -> str:
    amounts = f" {one.amounts}." if one.amounts else ""
    return f"{one.job_number} {one.heading}: {one.sentence}{amounts}"


def _lines(
    organisation: str,
    headline: str,
    agreed: str,
    shown: Sequence[Difference],
    more: int,
    paused: Sequence[tuple[str, str]],
) -> Iterator[str]:
    yield organisation
    yield f"{headline[:1].upper()}{headline[1:]}. {agreed[:1].upper()}{agreed[1:]}"
    for one in shown:
        yield ""
        yield _line(one) + (f" It is {one.outcome}: {one.hold}." if one.hold else "")
        if one.members:
            yield f"  {one.named}"
        yield f"  To do: {one.remedy}"
        yield from (f"    {command}" for command in one.commands)
    if more:
        yield f"\nAnd {more} more: procore-xero audit shows all."
    for number, why in paused:
        yield f"\n{number} is paused, and it has bills in Xero: {why}"
