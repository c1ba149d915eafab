"""How an element of a Xero answer is read (xero-api.md §4.0 and §5).

A failed element echoes what was asked for, so its error flag is read before any other field, and an element
without an id is a failure even when no flag is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from worker.errors import ContractBroken

Element = Mapping[str, Any]
ZERO_GUID = "00000000-0000-0000-0000-000000000000"
#: Larger than any amount in Xero (xero-api.md §4.6), and finer than any: beyond them a number is a mistake.
LARGEST, MOST_DECIMALS = Decimal(10) ** 15, 30
_MOMENT = re.compile(r"/Date\((?P<ms>-?[0-9]{1,20})(?P<offset>[+-][0-9]{4})?\)/", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)


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
        if isinstance(part, dict):
            yield from _messages(part)


def amount(element: Element, field: str) -> Decimal:
    """A money field; a missing one is zero. Raises ContractBroken when it is no amount."""
    value = element.get(field)
    if value is None:
        return Decimal(0)
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise _unreadable(field, value)
    found = Decimal(value)
    if abs(found) >= LARGEST or int(found.as_tuple().exponent) < -MOST_DECIMALS:
        raise _unreadable(field, value)
    return found


def currency_code(document: Element) -> str:
    """In which its amounts are: "AUD"; blank where the document does not say it."""
    return str(document.get("CurrencyCode") or "")


def day(element: Element, field: str) -> date | None:
    """A calendar date: `…String` when it is there, else "/Date(ms+0000)/", midnight UTC of the day.

    With another offset, which clients read in two ways, it is the day whose midnight it is.

    Raises ContractBroken when it is no date.
    """
    text = str(element.get(f"{field}String") or element.get(field) or "")
    try:
        return _day(text) if text else None
    except (ValueError, OverflowError):
        raise _unreadable(field, text) from None


def changed_at(element: Element) -> datetime | None:
    """When Xero says that it moved last; None where that is not said, or cannot be read."""
    found = _MOMENT.fullmatch(str(element.get("UpdatedDateUTC") or ""))
    try:
        return _moment(found) if found else None
    except OverflowError:
        return None


def _day(text: str) -> date:
    if not text.startswith("/Date("):
        return date.fromisoformat(text[:10])
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    moment = _moment(found)
    there = moment.astimezone(datetime.strptime(found["offset"] or "+0000", "%z").tzinfo)
    return (there if moment.time() != time.min == there.time() else moment).date()


def _moment(found: re.Match[str]) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(found["ms"]))


def _unreadable(field: str, value: object) -> ContractBroken:
    return ContractBroken(f"Xero answers {field} as {str(value)[:40]!r}, which cannot be read. Try later.")
