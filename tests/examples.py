"""How many examples are drawn of what can be anything: some in `make test`, all in `make test-deep`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, settings

DEEP, NEW = "deep", "new"
#: `make test` draws one in so many.
SHARE = 12


def register() -> None:
    """Some unless pytest is told otherwise (`--hypothesis-profile deep`), the same in each run: what fails is what was
    changed. New ones are drawn by `make soak`. A loaded machine's seconds fail nobody."""
    patient: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    for name in (DEEP, "some"):
        settings.register_profile(name, settings(), derandomize=True, **patient)
    settings.register_profile(NEW, settings(), print_blob=True, **patient)
    settings.load_profile("some")


def examples(all_of_them: int) -> int:
    """As many as are drawn now of so many; for what takes long, since the profile alone changes no number."""
    return all_of_them if settings.get_current_profile_name() in (DEEP, NEW) else max(1, all_of_them // SHARE)


def each_value(*lists: Iterable[Any]) -> list[ParameterSet]:
    """For `parametrize`: `make test` takes each value of these lists at least once, `make test-deep` all that they
    come to together."""
    values: list[Sequence[Any]] = [[*one] for one in lists]
    by_turns = {tuple(turn % len(one) for one in values) for turn in range(max(map(len, values)))}
    return [
        pytest.param(
            *(one[place] for one, place in zip(values, places, strict=True)),
            marks=() if places in by_turns else pytest.mark.deep,
        )
        for places in product(*(range(len(one)) for one in values))
    ]
