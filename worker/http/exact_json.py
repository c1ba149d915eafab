"""JSON whose numbers stay Decimal, both ways: money never passes through a float. Its strings are made plain.

What somebody else sends may be anything: whatever cannot be read is a ValueError, and never another exception. A fast
parser reads what is in order; what it refuses, and objects that may say one name twice, a careful one reads again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from worker.plain_text import plain_json

#: Lists and objects inside each other; both APIs need about eight.
DEEPEST = 60
#: Lists, objects and values of one text, counted by their commas and brackets: what bounds the memory they take.
MOST_VALUES = 5_000_000
#: Python takes no longer number for an int; a longer one is a Decimal, digit for digit.
_LONGEST_INT = 4000

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def loads(text: str | bytes) -> Any:
    """Parse JSON; numbers with a fraction become Decimal. Raises ValueError, also for NaN and Infinity."""
    plain = plain_json(text if isinstance(text, str) else text.decode("utf-8-sig"))
    if len(plain) > MOST_VALUES and sum(map(plain.count, ",[{")) > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES} values")
    try:
        value = _DECODER.decode(plain)
    except (ValueError, InvalidOperation, RecursionError):
        return _carefully(plain)
    return value if _names_in(value) == _names_told(plain) else _carefully(plain)


def dumps(value: object) -> str:
    """Write JSON with Decimals as plain numbers, keys in the order given: the same value gives the same bytes.

    Raises ValueError for what is no number.
    """
    text = _ENCODER.encode(value).decode()
    if any(word in text for word in _NO_NUMBERS):
        json.dumps(value, allow_nan=False, default=_finite)
    return text


#: What is written for a number that is none; also words that may stand in any string.
_NO_NUMBERS = ("null", "NaN", "Infinity")
_SPACES = " \t\r\n"
_NAME_END = re.compile(rf'"[{_SPACES}]*:')
_NESTING = frozenset((dict, list))
_TOO_DEEP = f"nested more than {DEEPEST} deep"


def _carefully(plain: str) -> Any:
    """The same, some times slower, with an eye on every number and every name."""
    try:
        value = json.loads(
            plain, parse_float=_fraction, parse_int=_whole, parse_constant=_no_number, object_pairs_hook=_object
        )
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    _names_in(value)
    return value


def _fraction(text: str) -> Decimal | str:
    """A number whose exponent nobody can hold stays the text it is: no amount is written so."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= _LONGEST_INT else Decimal(text)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _finite(value: Any) -> str:
    """Of what Python's own writer does not know, a Decimal is a number if it is finite."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{value} is no number")
    return str(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that says two different things under one name says nothing."""
    found = dict(pairs)
    if len(found) != len(pairs):
        for name, value in pairs:
            if found[name] != value:
                raise ValueError(f"{name[:60]!r} twice in one object")
    return found


def _names_told(plain: str) -> int:
    """How many names its objects tell, by the quotes before a colon: more where a string has such, never fewer."""
    is_spaced = any(space in plain and f"{space}:" in plain for space in _SPACES)
    return len(_NAME_END.findall(plain)) if is_spaced else plain.count('":')


def _names_in(value: Any) -> int:
    """How many names its objects have. Raises ValueError when they are too deep inside each other."""
    names = 0
    level = [value] if type(value) in _NESTING else []
    for _ in range(DEEPEST):
        names += sum(len(outer) for outer in level if type(outer) is dict)
        level = [inner for outer in level for inner in _within(outer) if type(inner) in _NESTING]
        if not level:
            return names
    raise ValueError(_TOO_DEEP)


def _within(value: Any) -> Iterable[Any]:
    return value.values() if type(value) is dict else value
