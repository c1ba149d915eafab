"""Xero's settings are read once, by whichever job needs them first, on each kind of database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.services import PATIENCE_S
from worker.clock import MACHINE
from worker.errors import ApiUnavailable
from worker.ledger.references import References

TENANT = "a tenant"


def counted(texts: list[str], text: str = "[]") -> Callable[[], str]:
    def read() -> str:
        texts.append(text)
        return text

    return read


def test_four_that_start_together_read_once(engine: Engine) -> None:
    """One reads; the others wait and have what it read. It is slow enough for all of them to ask."""
    asked, texts, since = threading.Barrier(4, timeout=PATIENCE_S), list[str](), MACHINE.now()
    waiting = threading.Event()

    def slowly() -> str:
        waiting.wait(PATIENCE_S)
        return counted(texts, "[1]")()

    def job(number: int) -> str:
        references = References(engine, TENANT, f"reader {number}", MACHINE.now)
        asked.wait()
        if number == 0:
            waiting.set()
        return references.once("accounts", since, slowly)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(job, range(4))) == ["[1]"] * 4
    assert texts == ["[1]"]


def test_what_was_read_in_this_pass_is_not_read_again(engine: Engine) -> None:
    """And in the next one it is."""
    references, texts, since = References(engine, TENANT, "reader", MACHINE.now), list[str](), MACHINE.now()
    for _ in range(2):
        references.once("accounts", since, counted(texts))
    assert len(texts) == 1
    references.once("accounts", MACHINE.now(), counted(texts))
    assert len(texts) == 2


def test_a_reading_that_began_too_early_is_not_taken(engine: Engine) -> None:
    """A change in Xero, then a retry, while another job is reading: the retry reads for itself."""
    texts: list[str] = []
    references, retry = (References(engine, TENANT, name, MACHINE.now) for name in ("reader", "retry"))
    asked: list[object] = []

    def read() -> str:
        asked.append(pool.submit(retry.once, "accounts", MACHINE.now(), counted(texts, "after")))
        return counted(texts, "before")()

    with ThreadPoolExecutor(1) as pool:
        assert references.once("accounts", MACHINE.now(), read) == "before"
    assert texts == ["before", "after"]


def test_a_reading_that_failed_is_the_next_ones(engine: Engine) -> None:
    """Nobody waits for it."""
    first, second = (References(engine, TENANT, name, MACHINE.now) for name in ("first", "second"))

    def fail() -> str:
        raise ApiUnavailable("no answer")

    with pytest.raises(ApiUnavailable):
        first.once("accounts", MACHINE.now(), fail)
    assert second.once("accounts", MACHINE.now(), lambda: "[2]") == "[2]"


def test_a_dead_readers_place_is_taken_at_once(engine: Engine) -> None:
    """Killed in the middle of a reading: who looks next reads."""
    since = MACHINE.now()
    assert References(engine, TENANT, "killed", MACHINE.now)._takes("accounts")
    alive = References(engine, TENANT, "next", MACHINE.now, lambda reader: reader == "killed")
    assert alive.once("accounts", since, lambda: "[3]") == "[3]"


def test_a_reader_of_whom_nothing_is_known_is_waited_for_until_its_time_is_over(engine: Engine) -> None:
    """On another machine: its place lapses."""
    since = MACHINE.now()
    assert References(engine, TENANT, "elsewhere", MACHINE.now)._takes("accounts")
    late = References(engine, TENANT, "next", lambda: MACHINE.now() + timedelta(minutes=3))
    assert late.once("accounts", since, lambda: "[4]") == "[4]"
