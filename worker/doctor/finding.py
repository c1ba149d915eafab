"""What the doctor says about one thing, and how a failed look becomes such a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from worker.errors import AuthRejected, LoginLapsed, Retriable, ScopeMissing, SyncError

#: What to do where the other side does not answer now.
PASSES = "Nothing here has to be changed for it: look again in a few minutes."


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to click or type when it is not well."""

    about: str
    state: State
    sentence: str
    remedy: str = ""


def ok(about: str, sentence: str) -> Finding:
    return Finding(about, State.OK, sentence)


def warn(about: str, sentence: str, remedy: str = "") -> Finding:
    return Finding(about, State.WARN, sentence, remedy)


def wrong(about: str, sentence: str, remedy: str = "") -> Finding:
    return Finding(about, State.WRONG, sentence, remedy)


def looked(about: str, look: Callable[[], Iterable[Finding]], refused: str = "") -> Iterator[Finding]:
    """The findings of a look, or why it could not be taken. `refused` is the remedy when access is refused."""
    try:
        yield from look()
    except SyncError as error:
        yield stopped(about, error, refused if isinstance(error, AuthRejected) else "")


def stopped(about: str, error: SyncError, remedy: str = "") -> Finding:
    """Why something could not be looked at; a missing scope and a lapsed login say themselves what to do.

    What passes by itself is no fault of the settings, whatever `remedy` says.
    """
    if isinstance(error, ScopeMissing):
        return wrong(about, error.what, error.remedy)
    if isinstance(error, Retriable):
        return wrong(about, error.now, PASSES)
    return wrong(about, str(error), "" if isinstance(error, LoginLapsed) else remedy)


def is_well(findings: Iterable[Finding]) -> bool:
    """Nothing is wrong; a warning is not."""
    return not any(finding.state is State.WRONG for finding in findings)
