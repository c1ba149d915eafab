"""Amounts in sentences that people read: each has its currency beside it."""

from __future__ import annotations

import re

#: With two decimals, and no part of a number, a path or a quotation; a percentage is no amount.
_BARE = re.compile(r"(?<![\w.,/'-])\d[\d,]*\.\d\d(?![\w%]|\.\d)(?! [A-Z]{3}\b)(?! %)")


def without_currency(sentence: str) -> list[str]:
    """The amounts of which the sentence does not say the currency."""
    return _BARE.findall(sentence)
