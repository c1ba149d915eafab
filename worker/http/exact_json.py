"""JSON whose numbers stay Decimal, both ways: money never passes through a float. Its strings are made plain.

What somebody else sends may be anything: whatever cannot be read is a ValueError, and never another exception. A fast
parser reads what is in order; what it refuses, and objects that may say one name twice, a careful one reads again.
"""

from __future__ import annotations

import json
import math
import re
from codecs import BOM_UTF8
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from worker.plain_text import plain_json

#: Lists and objects inside each other; both APIs need about eight.
DEEPEST = 60
#: Python takes no longer number for an int; a longer one is a Decimal, digit for digit.
_LONGEST_INT = 4000

#: Bytes of memory that what is read of one answer may take: some twelve million bytes of what both APIs say.
MOST_MEMORY = 120_000_000

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class TooMuch(ValueError):
    """There may be nothing wrong with it, but what it holds would take more memory than it may."""


def loads(text: str | bytes, most_memory: float = math.inf) -> Any:
    """Parse JSON; numbers with a fraction become Decimal. Raises ValueError, also for NaN and Infinity.

    Raises TooMuch, before anything is built, for what might take more bytes of memory than `most_memory`.
    """
    plain = plain_json((text.encode() if isinstance(text, str) else text).removeprefix(BOM_UTF8))
    if _OF_ANY_BYTE * len(plain) > most_memory and _memory(plain) > most_memory:
        raise TooMuch
    try:
        value = _DECODER.decode(plain)
        if _names_in(value) == _names_told(plain):
            return value
    except (ValueError, InvalidOperation, RecursionError):
        pass
    value = None  # the careful reader needs its room
    if _memory(plain) + _memory_of_care(plain) > most_memory:
        raise TooMuch
    return _carefully(plain.decode())


def _memory(plain: bytes) -> int:
    """Bytes that the values of a text take at most, as CPython 3.11 to 3.13 lay them out (measured)."""
    values = sum(map(plain.count, _VALUE_BEGINS))
    return _width(plain) * len(plain) + _OF_A_VALUE * values + _OF_A_NAME * plain.count(b":")


def _memory_of_care(plain: bytes) -> int:
    """What reading carefully takes beside: the text as a string, and each object once more as pairs."""
    return _width(plain) * len(plain) + _OF_A_PAIR * plain.count(b":")


def _width(text: bytes) -> int:
    """Bytes that a character of its strings takes at most: one such character widens a whole string."""
    if text.isascii():
        return 1
    return 4 if any(lead in text for lead in _FOUR_BYTES) else 2


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
_SPACES = (b" ", b"\t", b"\r", b"\n")
_NAME_END = re.compile(rb'"[ \t\r\n]*:')
_VALUE_BEGINS = (b",", b"[", b"{")
#: Of UTF-8: where a character begins that is as wide as a string may have.
_FOUR_BYTES = tuple(bytes([lead]) for lead in range(0xF0, 0xF5))
#: A Decimal and its place in a list, an object of one name by its two signs; a place in an object, and its name.
_OF_A_VALUE, _OF_A_NAME, _OF_A_PAIR = 120, 130, 150
_OF_ANY_BYTE = 4 + max(_OF_A_VALUE, _OF_A_NAME)
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


def _names_told(plain: bytes) -> int:
    """How many names its objects tell, by the quotes before a colon: more where a string has such, never fewer."""
    is_spaced = any(space in plain and space + b":" in plain for space in _SPACES)
    return sum(1 for _ in _NAME_END.finditer(plain)) if is_spaced else plain.count(b'":')


def _names_in(value: Any) -> int:
    """How many names its objects have. Raises ValueError when they are too deep inside each other."""
    names = 0
    level = [value] if type(value) in _NESTING else []
    for _ in range(DEEPEST + 1):
        if not level:
            return names
        names += sum(len(one) for one in level if type(one) is dict)
        level = [
            inner for one in level for inner in (one.values() if type(one) is dict else one) if type(inner) in _NESTING
        ]
    raise ValueError(_TOO_DEEP)
