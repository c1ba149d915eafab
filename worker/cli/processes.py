"""Child processes of this one: it leaves none behind, whatever ends it.

It knows nothing of what it starts. Each child leads its own process group, so that Ctrl-C reaches us alone
and children go down in the reverse of the order in which they came up. It does not restart anything: a child
that ends by itself is an error, told with the end of its log. Who keeps them up is `worker.cli.supervisor`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

from worker.errors import SyncError

_LOG_LINES = 15
#: Below those that Linux, macOS and Windows give out by themselves (from 32768 or 49152 on).
_PORTS = range(20_000, 32_000)
_numbers = itertools.count(os.getpid() * 997)

# Becomes the program by exec (same pid). Linux then ends it with us even when we are killed with -9 and can
# stop nothing ourselves; done here because `preexec_fn` is unsafe beside threads, and a progress bar is one.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, int(signal.SIGTERM))
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent process is gone")
os.execvp(sys.argv[2], sys.argv[2:])
"""


class ProcessDied(SyncError):
    """A process that should run does not; the message says how it ended, with the last lines of its log.

    `name` and `code` (of exit; negative: the signal that ended it) are of a process that ran.
    """

    def __init__(self, sentence: str, name: str = "", code: int | None = None) -> None:
        super().__init__(sentence)
        self.name, self.code = name, code


def free_port() -> int:
    """A loopback port that is free now, and that nobody gets without asking for this very one.

    It is not one of those that systems give to whoever asks for any, as each connection does: such a one may be
    another's before its server has come up. Two processes that ask begin in different places.
    """
    for number in _numbers:
        port = _PORTS[number % len(_PORTS)]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("there is always a next one")


class Processes:
    """Named children, their logs in one directory, all gone when the `with` block is left.

    Those of the names in `aloud` write where we do. Leaving by the end, by an exception, by Ctrl-C, by SIGTERM or by
    SIGHUP is the same to it. Each child's standard input is a pipe that closes when we die, so that a program of ours
    can notice on any system.
    """

    def __init__(self, logs: Path, grace_s: float = 10.0, aloud: Collection[str] = ()) -> None:
        self._logs = logs
        self._grace_s = grace_s
        self._aloud = aloud
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._handlers: dict[signal.Signals, signal.Handlers] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGHUP):
            # Only where nobody else has decided: an outer handler that raises unwinds through us as well.
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _leave)
                self._handlers[number] = signal.SIG_DFL
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            self._handlers.clear()

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str], cwd: Path | None = None) -> None:
        """Start `command` with exactly `env`; its output is appended to `<logs>/<name>.log`, or goes where ours does.

        Raises ProcessDied when there is no such program.
        """
        if name in self._children:
            raise ValueError(f"a process named {name} is already running")
        if not shutil.which(command[0], path=env.get("PATH")):
            raise ProcessDied(f"{name} cannot be started: there is no program {command[0]}.")
        with self._output(name) as log:
            self._children[name] = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                _bound_to_us(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT if log else None,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise ProcessDied for a child that has ended, and forget that child."""
        for name, child in list(self._children.items()):
            if child.poll() is not None:
                del self._children[name]
                _clear_group(child)
                raise ProcessDied(self._obituary(name, child.returncode), name, child.returncode)

    def pids(self) -> dict[str, int]:
        """The process id of each running child by its name."""
        return {name: child.pid for name, child in self._children.items()}

    def end(self, name: str) -> None:
        """End one child, within the grace period."""
        _end(self._children[name], self._grace_s)
        del self._children[name]

    def stop(self) -> None:
        """End all children, the last started first; each has the grace period to end by itself."""
        grace_s = self._grace_s
        while self._children:
            name = next(reversed(self._children))
            try:
                _end(self._children[name], grace_s)
            except (KeyboardInterrupt, SystemExit):
                grace_s = 0.0  # asked a second time: no more patience, but nothing is left behind either
            else:
                del self._children[name]

    @contextlib.contextmanager
    def _output(self, name: str) -> Iterator[IO[bytes] | None]:
        if name in self._aloud:
            yield None
            return
        self._logs.mkdir(parents=True, exist_ok=True)
        with (self._logs / f"{name}.log").open("ab") as log:
            yield log

    def _obituary(self, name: str, code: int) -> str:
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        if name in self._aloud:
            return f"{name} {how}."
        log = self._logs / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return "\n  ".join([f"{name} {how}. The end of its log ({log}):", *(lines or ["(empty)"])])


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _bound_to_us(command: Sequence[str]) -> list[str]:
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *command]


def _end(child: subprocess.Popen[bytes], grace_s: float) -> None:
    if child.stdin:
        child.stdin.close()
    # Only the child itself is asked: a Celery worker stops its own pool in good order.
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(grace_s)
    _clear_group(child)
    child.wait()


def _clear_group(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the child's group, at once after its end: later its number may name another."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says "not permitted" of zombies
        os.killpg(child.pid, signal.SIGKILL)
