"""The command line and short programs, each in a process of its own, without the second that a new interpreter takes.

They are forked from one process in which everything is loaded: what they are and do is what a new process would be and
do, but for what is loaded. What starts the interpreter itself, and Celery's programs, are tested as they are started.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import IO

from tests.integration.site import WARM
from tests.services import PATIENCE_S
from worker import cli
from worker.assembly import forget_parts
from worker.settings import settings


@dataclass(frozen=True)
class Program:
    """A process that runs, what it reads, and what it says on both its outputs."""

    process: ForkServerProcess
    typed: IO[str]
    said: IO[str]

    def type(self, line: str) -> None:
        self.typed.write(f"{line}\n")
        self.typed.flush()

    def ends(self) -> tuple[int, str]:
        """Wait for its end: its exit code, and what it said that nobody has read yet."""
        rest = self.said.read()
        self.process.join(PATIENCE_S)
        code = self.process.exitcode
        assert code is not None, f"the process does not end: {rest}"
        return code, rest

    def kill(self) -> None:
        self.process.kill()
        self.process.join(PATIENCE_S)


@contextmanager
def program(run: Callable[..., None], *words: str, env: Mapping[str, str], directory: Path) -> Iterator[Program]:
    """The function with these words, started; killed when the test did not end it."""
    reads, typed = WARM.Pipe(duplex=False)
    said, says = WARM.Pipe(duplex=False)
    process = WARM.Process(target=_begin, args=(reads, says, dict(env), str(directory), run, words))
    process.start()
    for end in (reads, says):
        end.close()
    with _text(typed, "w") as to_it, _text(said, "r") as from_it:
        started = Program(process, to_it, from_it)
        try:
            yield started
        finally:
            started.kill()


def command(*words: str) -> None:
    """The command line, as `procore-xero` with these words."""
    sys.argv = ["procore-xero", *words]
    cli.main()


def _text(end: Connection, mode: str) -> IO[str]:
    with end:
        return os.fdopen(os.dup(end.fileno()), mode, encoding="utf-8")


def _begin(
    reads: Connection,
    says: Connection,
    env: Mapping[str, str],
    directory: str,
    run: Callable[..., None],
    words: Sequence[str],
) -> None:
    for end, descriptors in ((reads, (0,)), (says, (1, 2))):
        for descriptor in descriptors:
            os.dup2(end.fileno(), descriptor)
        end.close()
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 - as at the start
    os.environ.clear()
    os.environ.update(env)
    os.chdir(directory)
    settings.cache_clear()
    forget_parts()
    try:
        run(*words)
    except SystemExit as error:
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
        raise
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
