"""What somebody who mistyped a name may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: How alike a name must be to be suggested; 24-107 is meant to find 24-017.
ALIKE = 0.6
#: Letters of a part of a name that are enough to be told the whole of it.
SHORTEST = 3
#: Names that are suggested.
MOST = 3


def nearest(typed: str, known: Iterable[str], alike: float = ALIKE) -> str:
    """At most three names that look like it, else that have it in them, as they are written: "24-017 or 24-026"; blank
    where none does."""
    names, text = {_folded(name): name for name in sorted(known) if name}, _folded(typed)
    near = [names[name] for name in difflib.get_close_matches(text, names, n=MOST, cutoff=alike)]
    near = near or [names[name] for name in names if len(text) >= SHORTEST and text in name][:MOST]
    *others, last = near or [""]
    return f"{', '.join(others)}{' or ' if others else ''}{last}"


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """A question after a sentence; blank where nothing looks like it."""
    near = nearest(typed, known)
    return f" Did you mean {near}?" if near else ""


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
