"""JSON whose numbers stay Decimal, both ways: money never passes through a float."""

from __future__ import annotations

from typing import Any

import simplejson


def loads(text: str | bytes) -> Any:
    """Parse JSON; numbers with a fraction become Decimal. Raises ValueError, also for NaN and Infinity."""
    return simplejson.loads(text, use_decimal=True, allow_nan=False)


def dumps(value: object) -> str:
    """Write JSON with Decimals as plain numbers, keys in the order given: the same value gives the same bytes."""
    return simplejson.dumps(value, use_decimal=True, separators=(",", ":"), allow_nan=False)
