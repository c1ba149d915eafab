"""What beat does when its machine's clock was wrong: nothing waits for a time that never should have been."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import fakeredis
import pytest
from celery.beat import PersistentScheduler, ScheduleEntry

from beat_schedule import SCHEDULE
from worker.beat import FIRST, OneBeat
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
    monkeypatch.setattr("worker.beat.connect", lambda _: fakeredis.FakeRedis())
    return names


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
