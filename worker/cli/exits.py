"""The exit codes of every command, and which error ends in which."""

from __future__ import annotations

from enum import IntEnum

from worker.errors import ConfigError, MissingReference, Retriable, SyncError


class Exit(IntEnum):
    """What a script may rely on."""

    DONE = 0
    FAILED = 1
    REFUSED = 2
    UNREACHABLE = 3
    OTHER = 4
    INTERRUPTED = 130
    UNREAD = 141


#: Stands in `procore-xero --help` and in docs/commands.md.
MEANINGS = {
    Exit.DONE: "done",
    Exit.FAILED: (
        "a job failed, was parked, or left records held (send --wait); something is wrong (doctor), differs (audit), "
        "or could not be looked at (plan)"
    ),
    Exit.REFUSED: "nothing was started: wrong usage, a wrong setting or file, or a project that is not synced",
    Exit.UNREACHABLE: "Procore, Xero, the broker or the database cannot be reached now; try again later",
    Exit.OTHER: "something else; the sentence says what",
    Exit.INTERRUPTED: "ended by Ctrl-C",
    Exit.UNREAD: "its output was not read to the end (procore-xero problems | head)",
}


class RefusedError(SyncError):
    """What was typed cannot be done; nothing was started."""


def code_of(error: SyncError) -> Exit:
    """The exit code for an error that ended a command. What is missing to a command is what was typed."""
    if isinstance(error, RefusedError | ConfigError | MissingReference):
        return Exit.REFUSED
    return Exit.UNREACHABLE if isinstance(error, Retriable) else Exit.OTHER
