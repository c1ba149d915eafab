"""Scripted faults: what goes wrong, on which requests, how often.

This module only keeps the script and says which fault is due. How a fault looks on the wire is the shell's
and each API's own business.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

#: The last three are Xero's: an element answered as an error although it was saved (XeroAPI/xero-node#491), an update
#: answered OK that changed nothing (waynerobinson/xeroizer#48), and an answer that leaves its last element out.
Kind = Literal[
    "status",
    "slow",
    "cut",
    "lost_answer",
    "expired_token",
    "repeat_page",
    "saved_but_error",
    "ok_but_unchanged",
    "cut_short",
]
Method = Literal["GET", "PUT", "POST", "PATCH", "DELETE"]


class FaultError(ValueError):
    """A fault that cannot be scripted, said in one sentence."""


@dataclass
class Fault:
    """One scripted fault; `skip` matching requests pass first, then `times` are hit."""

    id: int
    kind: Kind
    method: str | None = None
    #: Searched in the path. None is every path but the token address.
    path: str | None = None
    #: Searched in what the request carries. None is anything.
    about: str | None = None
    times: int = 1
    skip: int = 0
    #: For kind "status".
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    #: For kind "status": what was asked for is done all the same.
    done: bool = False
    #: For kind "status"; None is the API's own body for that status.
    body: str | None = None
    #: For kind "slow": how long, unless the faults are forgotten before.
    seconds: float = 0.0

    def matches(self, method: str, path: str, body: bytes, is_token: bool) -> bool:
        """Whether this request is one of those the fault waits for."""
        if self.method is not None and self.method != method:
            return False
        if self.about is not None and not re.search(self.about.encode(), body):
            return False
        return not is_token if self.path is None else re.search(self.path, path) is not None


class Faults:
    """The script of one API."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)
        self._lock = threading.Condition()
        self._forgotten = 0

    def add(self, values: Mapping[str, Any]) -> Fault:
        """Script a fault; raises FaultError when it makes no sense."""
        fault = Fault(id=next(self._ids), **_checked(values))
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget every fault; what is slow just now goes on at once."""
        with self._lock:
            self._faults.clear()
            self._forgotten = next(self._ids)
            self._lock.notify_all()

    def sleep(self, fault: Fault) -> None:
        """As long as a slow one says, or until it is forgotten."""
        with self._lock:
            self._lock.wait_for(lambda: fault.id < self._forgotten, fault.seconds)

    def listed(self) -> list[dict[str, Any]]:
        """The faults that are still to come."""
        return [asdict(fault) for fault in self._faults]

    def take(self, method: str, path: str, body: bytes, *, is_token: bool, cuts: bool) -> Fault | None:
        """The fault due for this request, now used once. `cuts` asks for cuts only, else for all others."""
        with self._lock:
            for fault in self._faults:
                if (fault.kind == "cut") != cuts or not fault.matches(method, path, body, is_token):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    known = set(Fault.__dataclass_fields__) - {"id"}
    unknown = set(values) - known
    if unknown:
        raise FaultError(f"a fault has no field {sorted(unknown)[0]!r}; known are {', '.join(sorted(known))}")
    if values.get("kind") not in get_args(Kind):
        raise FaultError(f"kind must be one of {', '.join(get_args(Kind))}")
    if values.get("method") not in (None, *get_args(Method)):
        raise FaultError(f"method must be one of {', '.join(get_args(Method))}, or null")
    for name in ("path", "about"):
        try:
            re.compile(values.get(name) or "")
        except re.error as error:
            raise FaultError(f"{name} is not a regular expression: {error}") from None
    for name in ("times", "skip", "status"):
        if not isinstance(values.get(name, 1), int):
            raise FaultError(f"{name} must be a whole number")
    return {**values, "seconds": float(values.get("seconds", 0))}
