"""What somebody who mistyped a name may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: How alike a name must be to be suggested; 24-107 is meant to find 24-017.
ALIKE = 0.6


def nearest(typed: str, known: Iterable[str], alike: float = ALIKE) -> str:
    """At most three names that look like it, as they are written: "24-017 or 24-026"; blank where none does."""
    names = {_folded(name): name for name in sorted(known) if name}
    near = [names[name] for name in difflib.get_close_matches(_folded(typed), names, cutoff=alike)]
    *others, last = near or [""]
    return f"{', '.join(others)}{' or ' if others else ''}{last}"


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """A question after a sentence; blank where nothing looks like it."""
    near = nearest(typed, known)
    return f" Did you mean {near}?" if near else ""


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
