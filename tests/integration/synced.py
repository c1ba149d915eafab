"""Worlds that begin after their first pass: what a seed comes to is found once in a process, and copied from there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.clocks import RunningClock
from tests.integration.world import MAPPING, World


@dataclass(frozen=True)
class Synced:
    """Both APIs and the ledger at one moment."""

    seed: Mapping[str, Any]
    ledger: bytes
    at: datetime


Then = Callable[[World], object]


def nothing_more(_: World) -> None:
    """It is wanted as it is after its first pass."""


#: By seed, mapping file and settings, and by what came then.
_synced: dict[tuple[str, Then], Synced] = {}


def a_synced_world(
    make: Callable[..., World],
    seed: Mapping[str, Any],
    mapping: str = MAPPING,
    then: Then = nothing_more,
    **given: Any,
) -> World:
    """A world of this seed, mapping file and settings (`given`), after a pass in which nothing was held, and after what
    is to come then.

    Its journals are empty, and its processes have just started.
    """
    key = repr((seed, mapping, sorted(given.items()))), then
    if key not in _synced:
        _synced[key] = _first_pass(seed, mapping, then, given)
    synced = _synced[key]
    world = make(synced.seed, ledger=synced.ledger, clock=RunningClock(synced.at), **given)
    world.mapping_file.write_text(mapping)
    return world


def _first_pass(seed: Mapping[str, Any], mapping: str, then: Then, settings: Mapping[str, Any]) -> Synced:
    with TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.publishing.publish", lambda *_: None)
        world = World(seed, f"sqlite:///{directory}/ledger.db", Path(directory), **settings)
        world.mapping_file.write_text(mapping)
        world.whole_pass()
        assert world.holds() == {}
        then(world)
        world.close()
        ledger = sqlite3.connect(f"{directory}/ledger.db")
        synced = Synced(world.sandbox.dump(), ledger.serialize(), world.clock.now())
        ledger.close()
        return synced
