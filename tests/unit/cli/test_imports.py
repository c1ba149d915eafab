"""What commands load: those that only read the ledger load no broker, no API and no migration tool, which take longer
than the reading."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.unit.cli.conftest import NORTHBANK
from worker.assembly import Parts

#: Each takes a third of a second or more of somebody's patience, with what it loads in turn.
HEAVY = ("celery", "httpx", "httpcore", "alembic", "structlog", "jinja2", "tasks.project")
#: What draws a bar, waits for a browser, and tries again.
SELDOM = ("rich.progress", "http.server", "tenacity")
#: What asks Redis needs it, and it brings the rest.
BROKER = ("redis", "opentelemetry", "cryptography")
#: Commands that none of those below is.
OTHERS = ("worker.cli.send", "worker.cli.plan", "worker.cli.sandbox", "worker.procore.records")
READING = (
    *("status", "status 24-017", "status --find x", "problems", "problems --project 24-017 --kind claims"),
    *("history", "history --job 24-017", "vendors", "export", "open 24-017 claim 1 --no-browser"),
)
_RUN = """
import contextlib, io, json, sys
from worker.cli import main
loaded, commands, names = {}, *map(json.loads, sys.argv[1:])
for words in commands:
    sys.argv[1:] = words.split()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main()
        except SystemExit as ended:
            assert ended.code in (0, 2, 3), (words, ended.code)
    loaded[words] = [name for name in names if name in sys.modules]
print(json.dumps(loaded))
"""


def loaded(commands: tuple[str, ...], names: tuple[str, ...]) -> dict[str, list[str]]:
    """Which of these modules a new process has loaded after each of these commands."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps(commands), json.dumps(names)],
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_commands_that_read_the_ledger_load_nothing_else(ledger: Parts) -> None:
    """One after the other in one process, so that the first that loads too much is named."""
    ledger.projects.record([NORTHBANK])
    assert loaded(READING, HEAVY + BROKER + OTHERS + SELDOM) == {words: [] for words in READING}


@pytest.mark.usefixtures("ledger")
def test_calls_loads_its_client_of_redis_and_nothing_else() -> None:
    """Whether Redis answers or not; not what that client takes along where it is installed."""
    assert loaded(("calls",), (*HEAVY, *OTHERS, "opentelemetry")) == {"calls": []}


@pytest.mark.usefixtures("installation")
def test_help_loads_nothing_that_it_does_not_print() -> None:
    """Nor does the shell's completion of a command's name."""
    heavy = (*HEAVY, *BROKER, *SELDOM, "sqlalchemy", "pydantic", "msgspec", "asyncio", "importlib.metadata")
    assert loaded(("--help",), heavy) == {"--help": []}
