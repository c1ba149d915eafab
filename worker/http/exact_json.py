"""JSON whose numbers stay Decimal, both ways: money never passes through a float. Its strings are made plain.

What somebody else sends may be anything: whatever cannot be read is a ValueError, and never another exception.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

import simplejson

from worker.http.plain_text import plain_json

#: Lists and objects inside each other; both APIs need about eight.
DEEPEST = 60
#: Lists, objects and values of one text, counted by their commas and brackets: what bounds the memory they take.
MOST_VALUES = 5_000_000
#: Python takes no longer number for an int; a longer one is a Decimal, digit for digit.
_LONGEST_INT = 4000


def loads(text: str | bytes) -> Any:
    """Parse JSON; numbers with a fraction become Decimal. Raises ValueError, also for NaN and Infinity."""
    plain = plain_json(text if isinstance(text, str) else text.decode("utf-8-sig"))
    if sum(map(plain.count, ",[{")) > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES} values")
    try:
        value = simplejson.loads(
            plain, parse_float=_fraction, parse_int=_whole, object_pairs_hook=_object, allow_nan=False
        )
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    _check_depth(value)
    return value


def dumps(value: object) -> str:
    """Write JSON with Decimals as plain numbers, keys in the order given: the same value gives the same bytes."""
    return simplejson.dumps(value, use_decimal=True, separators=(",", ":"), allow_nan=False)


_NESTING = frozenset((dict, list))
_TOO_DEEP = f"nested more than {DEEPEST} deep"


def _fraction(text: str) -> Decimal | str:
    """A number whose exponent nobody can hold stays the text it is: no amount is written so."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= _LONGEST_INT else Decimal(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that says two different things under one name says nothing."""
    found = dict(pairs)
    if len(found) != len(pairs):
        for name, value in pairs:
            if found[name] != value:
                raise ValueError(f"{name[:60]!r} twice in one object")
    return found


def _check_depth(value: Any) -> None:
    level = [value] if type(value) in _NESTING else []
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _within(outer) if type(inner) in _NESTING]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _within(value: Any) -> Iterable[Any]:
    return value.values() if type(value) is dict else value
