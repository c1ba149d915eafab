"""What time it is. Whatever decides about never-twice goes by one clock that all processes share, not by a machine's.

Two machines whose clocks differ by minutes would take a request for younger or older than it is, and a living worker's
lease for run out. So the shared clock is asked once in a while, and in between its time is carried on by this machine's
seconds since its start: nobody sets those, and they count while it sleeps. Nothing else here reads a machine's clock.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from worker.errors import ApiUnavailable

#: Seconds after which the shared clock is asked anew. In so many a machine's seconds are wrong by thousandths.
ASK_EVERY_S = 60.0
#: An answer that took longer than so many seconds does not say well enough what time it is.
LONGEST_ASKED_S, MOST_ASKED = 1.0, 3
#: This machine's clock and its seconds may differ by so many: beyond it one of the two has been set, or stood still.
STEP_S = 1.0
#: Clocks that differ by more seconds are spoken of.
APART_S = 5.0
#: What says that it is another year is no clock.
EARLIEST_YEAR, LATEST_YEAR = 2000, 3000

#: Python's own: commands that read the ledger load no other.
log = logging.getLogger(__name__)


class Machine:
    """This machine's own clock, which may be wrong and may be set, and its seconds, which only go on."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)

    def seconds(self) -> float:
        """Since it was started, those that it slept among them where the system counts them."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


MACHINE = Machine()


@dataclass(frozen=True, slots=True)
class Reading:
    """What another clock showed, and what our own seconds and clock showed then."""

    at: datetime
    seconds: float
    own: datetime
    #: It may be wrong by so many seconds, either way.
    within_s: float


class Clock:
    """Another clock, as it was last heard of."""

    def __init__(self, machine: Machine = MACHINE) -> None:
        self._machine = machine
        self._reading: Reading | None = None

    def hear(self, at: datetime, asked: float, resolution_s: float = 0.0) -> datetime:
        """It said this, rounded down by up to its resolution, after we asked when our seconds were `asked`.

        Returns what it shows now, which is known to half of the time that it took to answer.
        """
        seconds = self._machine.seconds()
        within_s = (seconds - asked + resolution_s) / 2
        now = at + timedelta(seconds=within_s)
        self._reading = Reading(now, seconds, self._machine.now(), within_s)
        return now

    def hear_date(self, text: str, asked: float) -> None:
        """The same of an answer's `Date`, which has whole seconds (RFC 9110 §6.6.1); what is none says nothing."""
        at = date_of(text)
        if at is not None and EARLIEST_YEAR <= at.year < LATEST_YEAR:
            self.hear(at, asked, resolution_s=1.0)

    def read(self) -> datetime | None:
        """What it shows now; None while it was never heard of."""
        reading = self._reading
        if reading is None:
            return None
        return reading.at + timedelta(seconds=self._machine.seconds() - reading.seconds)

    def ahead_s(self) -> float:
        """Seconds by which this machine's clock was ahead of it when we heard of it, behind being below nothing.

        None at all where they may well show the same time.
        """
        if (reading := self._reading) is None:
            return 0.0
        ahead_s = (reading.own - reading.at).total_seconds()
        return ahead_s if abs(ahead_s) - reading.within_s > APART_S else 0.0


class SharedClock(Clock):
    """The time by the clock that all processes share; `ask` asks it."""

    def __init__(self, ask: Callable[[], datetime], machine: Machine = MACHINE) -> None:
        super().__init__(machine)
        self._ask = ask
        self._latest = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        """Now. It does not go back by the small step that a new answer may bring.

        Raises ApiUnavailable when the clock takes too long to answer, and whatever `ask` raises.
        """
        now = self._now()
        if timedelta() < self._latest - now <= timedelta(seconds=STEP_S):
            return self._latest
        self._latest = now
        return now

    def doubt(self) -> None:
        """It may be another one from now on: it is asked before it is read again."""
        self._reading = None

    def _now(self) -> datetime:
        before = self.read()
        if before is not None and not self._is_stale():
            return before
        now = self._heard()
        if before is not None and abs(now - before) > timedelta(seconds=STEP_S):
            log.warning("the clock that all processes share was set by %.1f s", (now - before).total_seconds())
        return now

    def _heard(self) -> datetime:
        for _ in range(MOST_ASKED):
            asked = self._machine.seconds()
            now = self.hear(self._ask(), asked)
            took_s = self._machine.seconds() - asked
            if took_s <= LONGEST_ASKED_S:
                return now
        self.doubt()
        raise ApiUnavailable(f"The ledger's database takes {took_s:.0f} s to say what time it is.", 10.0)

    def _is_stale(self) -> bool:
        """Time to ask anew, or our clock has made a step that our seconds have not: one of the two was not right."""
        reading = self._reading
        if reading is None:
            return True
        seconds = self._machine.seconds() - reading.seconds
        by_clock = (self._machine.now() - reading.own).total_seconds()
        return seconds >= ASK_EVERY_S or abs(by_clock - seconds) > STEP_S


def date_of(text: str) -> datetime | None:
    """The moment of an HTTP date; None for what is none."""
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
