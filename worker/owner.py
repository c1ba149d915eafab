"""Who holds a job: a name for this process, by which another one on the same machine can tell whether it still lives.

A pid means something in one boot and one pid namespace only, and comes round again; so the name says both, and when
the process began. Of an owner elsewhere, or where the system does not tell (no /proc), nobody is called dead: its lease
runs out. A wrong "dead" costs time and no document, since who has lost a job cannot plan a write any more.
"""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from pathlib import Path

_PROC = Path("/proc")
#: Where the states begin in /proc/PID/stat after the program's name, and the place of the start time behind it.
_STATE, _STARTED = 0, 19
_ENDED = ("Z", "X")


def owner_name() -> str:
    """This process, this run: "host:pid:place.began:random"."""
    began = f"{_place()}.{_began(os.getpid())}"
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{began}:{uuid.uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Whether the process of this name has surely ended; False where that cannot be told from here."""
    parts = owner.split(":")
    if len(parts) != 4 or not parts[1].isdecimal():
        return False
    place, _, began = parts[2].partition(".")
    if not place or place != _place():
        return False
    try:
        os.kill(int(parts[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's process: ours, or a later one with its pid
    return _began(int(parts[1])) not in ("", began)


def _place() -> str:
    """This boot and this pid namespace; blank where there is no /proc."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text()
        namespace = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""
    return hashlib.sha256(f"{boot}{namespace}".encode()).hexdigest()[:8]


def _began(pid: int) -> str:
    """When the process began, in ticks since the boot; "ended" for one that waits to be counted, blank if unknown."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "ended" if fields[_STATE] in _ENDED else fields[_STARTED]
