"""Worlds that begin after their first pass: what a seed comes to is found once in a process, and copied from there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.clocks import RunningClock
from tests.integration.conftest import MakeWorld
from tests.integration.world import World


@dataclass(frozen=True)
class Synced:
    """Both APIs and the ledger at one moment."""

    seed: Mapping[str, Any]
    ledger: bytes
    at: datetime


def a_synced_world(make: MakeWorld, seed_of: Callable[[], Mapping[str, Any]], **settings: Any) -> World:
    """One of this function's seed and these settings, after a pass in which nothing was held; on SQLite."""
    synced = _first_pass(seed_of, frozenset(settings.items()))
    return make(synced.seed, ledger=synced.ledger, clock=RunningClock(synced.at), **settings)


@cache
def _first_pass(seed_of: Callable[[], Mapping[str, Any]], settings: frozenset[tuple[str, Any]]) -> Synced:
    with TemporaryDirectory() as directory:
        world = World(seed_of(), f"sqlite:///{directory}/ledger.db", Path(directory), **dict(settings))
        world.whole_pass()
        assert world.holds() == {}
        world.close()
        ledger = sqlite3.connect(f"{directory}/ledger.db")
        synced = Synced(world.sandbox.dump(), ledger.serialize(), world.clock.now())
        ledger.close()
        return synced
