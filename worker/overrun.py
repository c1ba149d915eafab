"""Ends a process whose job hangs, so that another one takes the job over and what waits behind it goes on.

Every call has an end of its own; what has none (a lookup of a name, a database that is half open, a fault of a library)
may hold a process for ever, while its lease runs out. So each sign of life sets a clock anew, and when none comes for
long, the process writes to its error output where it stands, and exits: the message comes back, the dead owner's job
is taken over at once. The clock is the interpreter's own (`faulthandler`), which runs whatever Python code waits for.
Only in processes of which Celery starts another one; where jobs are threads of one process, nothing is ended.
"""

from __future__ import annotations

import faulthandler

#: Of a lease: so much later nothing that is meant to be can still be under way.
LEASES = 2.0
_ERROR_OUTPUT = 2

_is_replaced = False
_after_s = 0.0


def allow() -> None:
    """This process does one job at a time, and another one comes in its place."""
    global _is_replaced
    _is_replaced = True


def holds(lease_s: float) -> None:
    """A lease was taken or extended: until it has run out twice there must be another sign of life."""
    global _after_s
    if _is_replaced:
        _after_s = LEASES * lease_s
        moves()


def moves() -> None:
    """A sign of life: a request is about to go."""
    if _after_s:
        faulthandler.dump_traceback_later(_after_s, exit=True, file=_ERROR_OUTPUT)


def over() -> None:
    """The job has ended, whichever way."""
    global _after_s
    _after_s = 0.0
    faulthandler.cancel_dump_traceback_later()
