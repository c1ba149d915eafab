"""Wrong logins are slowed, by address, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from worker.flower import attempts as module
from worker.flower.attempts import FORGOTTEN_S, FREE, KEPT, LONGEST_S, Attempts

HERE = "192.0.2.7"


@dataclass
class Clock:
    at: float = 1000.0
    attempts: Attempts = field(init=False)

    def __post_init__(self) -> None:
        self.attempts = Attempts(now=lambda: self.at)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _wrong(clock: Clock, times: int, address: str = HERE) -> None:
    for _ in range(times):
        clock.attempts.wrong(address)


def test_who_mistypes_is_not_slowed(clock: Clock) -> None:
    """Five wrong logins cost nothing."""
    _wrong(clock, FREE)
    assert clock.attempts.wait_s(HERE) == 0


def test_each_further_one_waits_twice_as_long_up_to_a_minute(clock: Clock) -> None:
    """One second, two, four; and never longer than a minute."""
    _wrong(clock, FREE)
    waits = []
    for _ in range(9):
        clock.attempts.wrong(HERE)
        waits.append(clock.attempts.wait_s(HERE))
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_S, LONGEST_S, LONGEST_S]
    _wrong(clock, 5000)
    assert clock.attempts.wait_s(HERE) == LONGEST_S


def test_the_wait_goes_by(clock: Clock) -> None:
    """Nothing has to be done for it."""
    _wrong(clock, FREE + 3)
    clock.at += 3
    assert clock.attempts.wait_s(HERE) == 1
    clock.at += 1
    assert clock.attempts.wait_s(HERE) == 0


def test_a_day_of_guessing_is_a_thousand_guesses(clock: Clock) -> None:
    """Whoever tries as soon as it may."""
    guesses, until = 0, clock.at + 86_400
    while clock.at < until:
        clock.attempts.wrong(HERE)
        guesses += 1
        clock.at += clock.attempts.wait_s(HERE)
    assert guesses < 1500


def test_others_are_not_slowed(clock: Clock) -> None:
    """It goes by address."""
    _wrong(clock, 50)
    assert clock.attempts.wait_s("192.0.2.8") == 0


def test_one_machine_has_a_whole_network_of_ipv6(clock: Clock) -> None:
    """It cannot take another address for each guess."""
    for number in range(FREE + 1):
        clock.attempts.wrong(f"2001:db8::{number:x}")
    assert clock.attempts.wait_s("2001:db8::ffff") == 1
    assert clock.attempts.wait_s("2001:db8:0:1::1") == 0


def test_a_right_login_begins_anew(clock: Clock) -> None:
    """And so does an address that was quiet for a while."""
    _wrong(clock, FREE + 1)
    clock.attempts.right(HERE)
    _wrong(clock, FREE)
    assert clock.attempts.wait_s(HERE) == 0
    clock.at += FORGOTTEN_S
    _wrong(clock, FREE)
    assert clock.attempts.wait_s(HERE) == 0


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was wrong longest ago is forgotten first; one that goes on is not."""
    assert KEPT >= 1000
    monkeypatch.setattr(module, "KEPT", 3)
    _wrong(clock, FREE + 1)
    for number in range(5):
        clock.attempts.wrong(f"198.51.100.{number}")
        clock.attempts.wrong(HERE)
    assert len(clock.attempts) == 3
    assert clock.attempts.wait_s(HERE) == 32
