"""How an element of a Xero answer is read (xero-api.md §4.0 and §5).

A failed element echoes what was asked for, so its error flag is read before any other field, and an element
without an id is a failure even when no flag is set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

Element = Mapping[str, Any]
ZERO_GUID = "00000000-0000-0000-0000-000000000000"


def problems(element: Element, id_field: str) -> list[str]:
    """Why Xero did not take this element; empty when it did."""
    found = list(dict.fromkeys(_messages(element)))
    failed = element.get("HasErrors") or element.get("HasValidationErrors")
    if failed or str(element.get("StatusAttributeString", "OK")).upper() == "ERROR" or found:
        return found or ["no reason given"]
    if str(element.get(id_field) or ZERO_GUID) == ZERO_GUID:
        return [f"the answer carries no {id_field}"]
    return []


def _messages(element: Element) -> Iterator[str]:
    for error in element.get("ValidationErrors") or ():
        yield str(error.get("Message") or error.get("Description") or error)
    nested = [element.get("Contact"), *(element.get("LineItems") or ())]
    for part in nested:
        if isinstance(part, Mapping):
            yield from _messages(part)


def amount(element: Element, field: str) -> Decimal:
    """A money field; a missing one is zero."""
    value = element.get(field)
    return Decimal(0) if value is None else Decimal(value)


def day(element: Element, field: str) -> date | None:
    """A calendar date: `…String` when it is there, else "/Date(ms+0000)/", midnight UTC of the day."""
    text = str(element.get(f"{field}String") or element.get(field) or "")
    if text.startswith("/Date("):
        digits = text.removeprefix("/Date(").split(")")[0]
        sign = -1 if digits.startswith("-") else 1
        ms = sign * int(digits.lstrip("-").split("+")[0].split("-")[0])
        return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)).date()
    return date.fromisoformat(text[:10]) if text else None
