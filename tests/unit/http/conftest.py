"""A Redis in this process, on a frozen clock."""

from __future__ import annotations

import time

import fakeredis
import pytest
import redis

from tests.unit.http.frozen import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    return clock


@pytest.fixture
def server(clock: Clock) -> redis.Redis:
    return fakeredis.FakeRedis()
