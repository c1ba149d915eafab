"""What a sentence states: its amounts, numbers, dates and names, without the words around them.

What a person acknowledges is a fact: which record, what kind of hold or difference, and these values. So it stays
acknowledged when a later version says the same in other words, and is another one once a value changes. Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Protocol, TypeVar

#: Words that stand for a value of a field, as Xero's status of a document does.
_STATES = frozenset(("approved", "archived", "awaiting", "deleted", "draft", "paid", "voided"))
_OURS = frozenset(("Procore", "Procore's", "Xero", "Xero's"))
_NUMBER = re.compile(r"-?\d+\.\d+")
_CURRENCY = re.compile(r"(?<=\.\d\d) [A-Z]{3}\b")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
#: What stands in quotes, and what a person can type, which is advice.
_QUOTED = re.compile(r"(?<!\w)'(?P<one>[^']*)'(?!\w)|\"(?P<two>[^\"]*)\"|`[^`]*`")
_AROUND = "()[],.;:!?"


class _Said(Protocol):
    """What a person said of something, and the sentence that this had then."""

    @property
    def sentence(self) -> str: ...


class _Acceptable(Protocol):
    """A held record or a difference."""

    @property
    def sentence(self) -> str: ...
    def id_with(self, sentence: str) -> str:
        """Its id if this were its sentence."""

    def earlier_id(self, sentence: str) -> str:
        """The same as long as ids went by every word."""


S = TypeVar("S", bound=_Said)


def stated(sentence: str) -> str:
    """ "It would be sent as INV-2, 1,110.00 AUD." -> "INV-2 1110": the values in their order.

    Amounts have no currency here, since that is a value of the record.
    """
    return " ".join(_values(_THOUSANDS.sub("", _CURRENCY.sub("", sentence))))


def id_of(*parts: object) -> str:
    """Eight hexadecimal digits of these values; an amount is the same at any number of decimals."""
    said = (f"{part.normalize():f}" if isinstance(part, Decimal) else str(part) for part in parts)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]


def said_of(one: _Acceptable, known: Mapping[str, S]) -> S | None:
    """What a person said of it; `known` is by id. None where nobody said anything.

    What was said while ids went by every word is known by its sentence of then: the id of it proves all else.
    """
    its = one.id_with(one.sentence)
    if its in known:
        return known[its]
    same = ((id_, said) for id_, said in known.items() if one.id_with(said.sentence) == its)
    return next((said for id_, said in same if one.earlier_id(said.sentence) == id_), None)


def _values(text: str) -> Iterator[str]:
    start = 0
    for quoted in _QUOTED.finditer(text):
        yield from _of_words(text[start : quoted.start()], begins=start == 0)
        value = quoted["one"] if quoted["one"] is not None else quoted["two"]
        if value is not None:
            yield value
        start = quoted.end()
    yield from _of_words(text[start:], begins=start == 0)


def _of_words(text: str, *, begins: bool) -> Iterator[str]:
    """Words that are no plain ones: with a digit or a capital letter, or that stand for a value."""
    for written in text.split():
        word = written.strip(_AROUND)
        is_name = word[:1].isupper() and not begins and word not in _OURS
        is_code = "_" in word or any(map(str.isdigit, word)) or any(map(str.isupper, word[1:]))
        if is_name or is_code or word in _STATES:
            yield f"{Decimal(word).normalize():f}" if _NUMBER.fullmatch(word) else word
        begins = written[-1] in ".!?:"
