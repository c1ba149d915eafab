"""What beat does when its machine's clock was wrong, when Redis is away, and when another beat sends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import fakeredis
import pytest
from celery.beat import PersistentScheduler, ScheduleEntry
from structlog.testing import capture_logs

from beat_schedule import SCHEDULE
from worker.beat import AWAY_S, FIRST, OneBeat
from worker.broker.age import SENT_AT
from worker.celery import app

#: Ticks in which every entry comes once, whatever their order.
TICKS = 2 * len(SCHEDULE)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the entries that went out."""
    names: list[str] = []

    def note(_: PersistentScheduler, entry: ScheduleEntry, producer: object = None) -> None:
        assert entry.options is not None
        assert abs(float(entry.options["headers"][SENT_AT]) - time.time()) < 60
        names.append(str(entry.name))

    monkeypatch.setattr(PersistentScheduler, "apply_entry", note)
    monkeypatch.setattr(PersistentScheduler, "producer", None)
    return names


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> fakeredis.FakeServer:
    """The Redis of all beats of a test."""
    server = fakeredis.FakeServer()
    monkeypatch.setattr("worker.beat.connect", lambda _: fakeredis.FakeRedis(server=server))
    return server


@pytest.fixture
def running(sent: list[str], tmp_path: Path) -> Iterator[OneBeat]:
    """A beat that has sent its first pass, and of which nothing is due."""
    found = OneBeat(app, schedule_filename=str(tmp_path / "schedule"))
    for _ in range(TICKS):
        found.tick()
    assert sent == [FIRST]
    sent.clear()
    yield found
    found.close()


def _ran_in(scheduler: OneBeat, ahead: timedelta) -> None:
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() + ahead


@pytest.mark.parametrize("ahead", [timedelta(minutes=8), timedelta(days=3)], ids=str)
def test_what_ran_in_the_future_is_due_at_once(running: OneBeat, sent: list[str], ahead: timedelta) -> None:
    """The clock is set right while beat runs: each entry goes once, and then in its own time."""
    _ran_in(running, ahead)
    for _ in range(TICKS):
        running.tick()
    assert sorted(sent) == sorted(SCHEDULE)


def test_a_file_from_the_future_holds_up_nothing(sent: list[str], tmp_path: Path) -> None:
    """The clock is set right while beat is stopped, or its file comes from another machine."""
    file = str(tmp_path / "schedule")
    before = OneBeat(app, schedule_filename=file)
    _ran_in(before, timedelta(days=3))
    before.close()
    after = OneBeat(app, schedule_filename=file)
    for _ in range(TICKS):
        after.tick()
    after.close()
    assert set(sent) == set(SCHEDULE)


def test_a_step_of_seconds_sends_nothing_twice(running: OneBeat, sent: list[str]) -> None:
    """A clock that is corrected by a little, as all are now and then, starts no pass."""
    _ran_in(running, timedelta(seconds=2))
    for _ in range(TICKS):
        running.tick()
    assert sent == []


def test_what_is_due_while_redis_is_away_goes_when_it_is_back(
    running: OneBeat, sent: list[str], server: fakeredis.FakeServer
) -> None:
    """Also what comes once a week: its time is not over before it was sent, and nothing goes twice."""
    for entry in running.schedule.values():
        entry.last_run_at = entry.default_now() - timedelta(days=8)
    running._heap = None
    server.connected = False
    for _ in range(TICKS):
        assert running.tick() == AWAY_S
    assert sent == []
    server.connected = True
    for _ in range(TICKS):
        running.tick()
    assert sorted(sent) == sorted(SCHEDULE)


def test_a_second_beat_says_that_it_waits_and_for_whom(running: OneBeat, sent: list[str], tmp_path: Path) -> None:
    """Once, and not in silence; two installations under one name would show here, too."""
    second = OneBeat(app, schedule_filename=str(tmp_path / "second"))
    with capture_logs() as said:
        for _ in range(TICKS):
            second.tick()
    second.close()
    (line,) = said
    assert (line["event"], line["pid"]) == ("this beat waits: another one sends", str(os.getpid()))
    assert line["key"] == "procore-xero:beat"
    assert sent == []
