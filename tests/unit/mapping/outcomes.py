"""How a mapping test says that a record is not carried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from worker.errors import Skippable
from worker.holds import HoldCode


@contextmanager
def is_held(code: HoldCode, *words: str) -> Iterator[None]:
    """What is mapped inside the block is held under `code`, and its sentence has these words."""
    with pytest.raises(Skippable) as held:
        yield
    assert held.value.code is code, held.value.sentence
    for word in words:
        assert word in held.value.sentence
