"""Progress: a bar on standard error, when it lasts and somebody looks; never among what a command says."""

from __future__ import annotations

import io
import re
import threading

import pytest
from rich.console import Console
from rich.progress import Progress

from tests.services import PATIENCE_S
from worker.cli import progress
from worker.http import limit_waits


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The bar appears at once, and says so."""
    event = threading.Event()
    start = Progress.start

    def started(self: Progress) -> None:
        start(self)
        event.set()

    monkeypatch.setattr(progress, "QUIET_S", 0.0)
    monkeypatch.setattr(Progress, "start", started)
    return event


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal that writes down what it shows."""
    shown = io.StringIO()
    terminal = Console(file=shown, force_terminal=True, force_interactive=True, width=80, color_system=None)
    monkeypatch.setattr(progress, "errors", lambda: terminal)
    return shown


def test_what_lasts_shows_how_far_it_is(screen: io.StringIO, begun: threading.Event) -> None:
    """What is done and how much of it; within 80 columns, and gone in the end."""
    with progress.working("Reading both sides") as tell:
        tell("24-017 [x]", 1, 3)
        assert begun.wait(PATIENCE_S)
    shown = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in screen.getvalue().split("\r")]
    assert any("Reading both sides: 24-017 [x]" in line for line in shown)
    assert max(map(len, shown)) <= 80
    assert screen.getvalue().endswith("\x1b[2K")


def test_a_call_limit_that_is_waited_for_stands_in_place_of_the_step(
    screen: io.StringIO, begun: threading.Event
) -> None:
    """With the seconds that it still takes, and as long as it is so."""
    with progress.working("Looking"):
        assert begun.wait(PATIENCE_S)
        with limit_waits.waiting("Xero's minute is used up", 48.2):
            pass
    assert re.search(r"Xero's minute is used up; free in 4\d s", screen.getvalue())


def test_without_a_terminal_a_call_limit_is_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    """Once, on standard error."""
    with progress.working("Looking"), limit_waits.waiting("Xero's minute is used up", 48.2):
        pass
    assert capfd.readouterr().err == "Xero's minute is used up; free in 48 s.\n"


def test_what_is_quick_shows_nothing(screen: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar that flickers tells nobody anything."""
    assert progress.QUIET_S > 1
    monkeypatch.setattr(progress, "QUIET_S", PATIENCE_S)
    with progress.working("Reading the ledger") as tell:
        tell("", 1, 1)
    assert "Reading" not in screen.getvalue()


def test_without_a_terminal_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A log is not filled with bars, however long it lasts."""
    monkeypatch.setattr(progress, "QUIET_S", 0.0)
    with progress.working("Reading the ledger") as tell:
        tell("24-017", 1, 2)
    assert capfd.readouterr() == ("", "")


def test_an_error_ends_it_as_well(screen: io.StringIO, begun: threading.Event) -> None:
    """The terminal has its cursor back."""
    with pytest.raises(ZeroDivisionError):
        _fail_visibly(begun)
    assert screen.getvalue().count("\x1b[?25h") == screen.getvalue().count("\x1b[?25l") == 1


def _fail_visibly(begun: threading.Event) -> None:
    with progress.working("Dividing"):
        assert begun.wait(PATIENCE_S)
        raise ZeroDivisionError
