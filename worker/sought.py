"""A search as people type one: words that all stand in what a record is called, in any order and case. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from worker.called import Called

_AMOUNT = re.compile(r"-?[0-9,]*[0-9]\.[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; without words it is in everything."""

    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words)

    def fits(self, called: Called, *texts: str) -> bool:
        """Whether a record that is called so, and of which these texts stand beside it, is meant."""
        return self.is_in((called.said, *texts), [called.amount])

    def is_in(self, texts: Iterable[str], amounts: Iterable[Decimal | None]) -> bool:
        """Whether each word is part of these texts, or one of these amounts: 8123.40 is 8,123.40."""
        whole, known = " ".join(texts).casefold(), {amount for amount in amounts if amount is not None}
        return all(word in whole or _amount(word) in known for word in self.words)


#: A search without words.
ANYTHING = Sought()


def read(typed: str) -> Sought:
    return Sought(tuple(typed.casefold().split()))


def _amount(word: str) -> Decimal | None:
    return Decimal(word.replace(",", "")) if _AMOUNT.fullmatch(word) else None
