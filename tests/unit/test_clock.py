"""The one clock: asked seldom, carried on by seconds that nobody sets, and asked anew when something is odd."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from worker.clock import APART_S, ASK_EVERY_S, LONGEST_ASKED_S, MACHINE, Clock, Machine, SharedClock
from worker.errors import ApiUnavailable

START = datetime(2026, 10, 1, 8, tzinfo=UTC)


@dataclass
class Bench(Machine):
    """A machine and a server beside it, whose clocks a test sets."""

    own: datetime = START
    theirs: datetime = START
    since_start: float = 1000.0
    asked: int = 0
    #: Seconds that an answer takes there, and back.
    way_s: tuple[float, float] = (0.0, 0.0)
    away: ApiUnavailable | None = None
    shared: SharedClock = field(init=False)

    def __post_init__(self) -> None:
        self.shared = SharedClock(self.ask, self)

    def now(self) -> datetime:
        return self.own

    def seconds(self) -> float:
        return self.since_start

    def passes(self, seconds: float) -> None:
        self.own += timedelta(seconds=seconds)
        self.theirs += timedelta(seconds=seconds)
        self.since_start += seconds

    def ask(self) -> datetime:
        if self.away is not None:
            raise self.away
        self.asked += 1
        self.passes(self.way_s[0])
        said = self.theirs
        self.passes(self.way_s[1])
        return said


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("minutes", [-9, 7])
def test_it_is_the_servers_time_whatever_the_machine_says(bench: Bench, minutes: int) -> None:
    """Also while nobody is asked, and it is asked once a minute."""
    bench.own += timedelta(minutes=minutes)
    for _ in range(100):
        assert bench.shared() == bench.theirs
        bench.passes(1.0)
    assert bench.asked == 2


def test_a_machine_whose_clock_is_set_meanwhile(bench: Bench) -> None:
    """A step of its clock moves nothing; it is a reason to ask, because the seconds may be what is wrong."""
    bench.shared()
    bench.own += timedelta(minutes=8)
    assert bench.shared() == bench.theirs
    assert bench.asked == 2


def test_a_machine_that_stood_still_unawares(bench: Bench) -> None:
    """Its seconds did not go on, and its clock was put right since: the pause is not missed."""
    bench.shared()
    bench.theirs += timedelta(minutes=8)
    bench.own += timedelta(minutes=8)
    assert bench.shared() == bench.theirs


def test_another_server_is_asked_at_once(bench: Bench) -> None:
    """After a failover the connections are new, and the clock may be another one."""
    bench.shared()
    bench.theirs += timedelta(seconds=30)
    bench.shared.doubt()
    assert bench.shared() == bench.theirs


def test_a_small_correction_does_not_turn_time_back(bench: Bench) -> None:
    """Something planned just now is not from the future; a clock that was really set back is another matter."""
    before = bench.shared()
    bench.passes(ASK_EVERY_S)
    later = bench.shared()
    assert later == before + timedelta(seconds=ASK_EVERY_S)
    bench.theirs -= timedelta(milliseconds=20)
    bench.shared.doubt()
    assert bench.shared() == later
    bench.theirs -= timedelta(minutes=8)
    bench.shared.doubt()
    assert bench.shared() == bench.theirs


def test_an_answer_is_known_to_half_of_its_way(bench: Bench) -> None:
    """Whether the way there or the way back took the time, nobody can tell."""
    bench.way_s = (0.8, 0.0)
    assert bench.shared() == bench.theirs + timedelta(seconds=0.4)


def test_a_slow_answer_is_asked_for_again_and_none_is_guessed(bench: Bench) -> None:
    """Of a server that answers after minutes nobody knows what time it is; the job comes back."""
    bench.way_s = (LONGEST_ASKED_S, 1.0)
    with pytest.raises(ApiUnavailable, match="takes 2 s"):
        bench.shared()
    bench.way_s = (0.0, 0.0)
    assert bench.shared() == bench.theirs


def test_a_server_that_is_away_is_missed_when_it_is_to_be_asked(bench: Bench) -> None:
    """Within a minute the time is known without it; then nothing is decided."""
    bench.shared()
    bench.away = ApiUnavailable("away")
    bench.passes(ASK_EVERY_S - 1)
    assert bench.shared() == bench.theirs
    bench.passes(1)
    with pytest.raises(ApiUnavailable):
        bench.shared()
    bench.away = None
    assert bench.shared() == bench.theirs


def test_seconds_go_on_while_the_machine_sleeps() -> None:
    """Where the system counts those, they are counted."""
    counted = time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
    assert MACHINE.seconds() == pytest.approx(counted, abs=60.0)
    assert MACHINE.now().timestamp() == pytest.approx(time.time(), abs=60.0)


@pytest.mark.parametrize(
    ("off_s", "way_s", "said"),
    [(0, 0.1, 0), (4, 0.1, 0), (480, 0.1, 480), (-480, 0.1, -480), (20, 60.0, 0)],
)
def test_a_date_tells_how_far_a_clock_is_off(bench: Bench, off_s: float, way_s: float, said: float) -> None:
    """As far as whole seconds and a slow answer can tell: what may be the same is not called different."""
    clock, asked = Clock(bench), bench.seconds()
    bench.own += timedelta(seconds=off_s)
    bench.passes(way_s)
    clock.hear_date(bench.theirs.strftime("%a, %d %b %Y %H:%M:%S GMT"), asked)
    assert clock.ahead_s() == pytest.approx(said, abs=APART_S if said else 0)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Thu, 32 Oct 2026 08:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "\x00", "1"]
)
def test_a_date_that_is_none_says_nothing(bench: Bench, date: str) -> None:
    """No answer's header can stop a call."""
    clock = Clock(bench)
    clock.hear_date(date, bench.seconds())
    assert clock.read() is None
    assert clock.ahead_s() == 0
