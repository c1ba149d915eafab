"""One run: a sandbox process, then two passes of the worker, each in a process of its own; calls from the journal.

The journal is the sandbox's, so what is counted is what really reached the two APIs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks import sandbox_process
from tests.benchmarks.generate import Size
from worker.settings import Settings

ROOT = Path(__file__).parents[2]
MAPPING = ROOT / "worker" / "cli" / "demo_mapping.toml"
#: Settings that at 0 say: no call limit, and no Redis to share it through.
NO_BUDGET = (
    "XERO_CALLS_PER_MINUTE",
    "XERO_CALLS_PER_DAY",
    "XERO_CALLS_AT_ONCE",
    "XERO_APP_CALLS_PER_MINUTE",
    "PROCORE_CALLS_AT_ONCE",
)
_LONGEST_S = 600.0


@dataclass(frozen=True, slots=True)
class Calls:
    """What one pass asked of both APIs. Token requests are apart: how often they come depends on time, not on size."""

    xero_reads: int
    #: Write requests by the last part of their address: Contacts, Options, Invoices …
    xero_writes: Mapping[str, int]
    #: The documents in them.
    xero_documents: Mapping[str, int]
    procore_reads: int
    procore_bytes: int
    failed: int
    tokens: int

    @property
    def xero(self) -> int:
        return self.xero_reads + sum(self.xero_writes.values())


@dataclass(frozen=True, slots=True)
class Cost:
    """What one pass cost the worker process."""

    seconds: float
    cpu_s: float
    start_mb: float
    peak_mb: float
    sql_statements: int
    #: By stage and outcome.
    outcomes: Mapping[str, Mapping[str, int]]
    #: By stage: what it took, when it began and ended.
    stages: Mapping[str, Mapping[str, float]]

    def came(self, outcome: str) -> int:
        """How many records ended so."""
        return sum(counts.get(outcome, 0) for counts in self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Pass:
    calls: Calls
    cost: Cost


@dataclass(frozen=True, slots=True)
class Run:
    """A project that was not in Xero, the same project again, and once more with a look at what people changed."""

    size: Size
    first: Pass
    second: Pass
    watched: Pass


def run(size: Size) -> Run:
    """Measure a project of this size."""
    with tempfile.TemporaryDirectory() as directory, sandbox(size) as settings:
        environment = settings_of(settings, Path(directory))
        passes = []
        seen = (0, 0)
        for watch_xero in ("false", "false", "true"):
            cost = work({**environment, "WATCH_XERO": watch_xero}, Path(directory))
            calls, seen = _calls(settings["PROCORE_API_URL"], settings["XERO_TOKEN_URL"], seen)
            passes.append(Pass(calls, cost))
        return Run(size, *passes)


@contextmanager
def sandbox(size: Size, projects: int = 1) -> Iterator[dict[str, str]]:
    """A sandbox of so many projects of this size, without limits: the settings that reach it."""
    with served(sandbox_process.__name__, *sandbox_process.arguments(size, projects)) as settings:
        yield settings


@contextmanager
def served(module: str, *arguments: str) -> Iterator[dict[str, str]]:
    """What a sandbox process prints: the settings that reach it. It ends when we close its input, or when we die."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        settings: dict[str, str] = json.loads(process.stdout.readline())
        yield settings


def settings_of(settings: Mapping[str, str], directory: Path) -> dict[str, str]:
    """The sandbox's settings and nothing of the person who measures; no call limits."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    own = {
        "DATABASE_URL": f"sqlite:///{directory / 'ledger.db'}",
        "MAPPING_FILE": str(MAPPING),
        "PYTHONPATH": str(ROOT),
        **dict.fromkeys(NO_BUDGET, "0"),
    }
    return {**kept, **settings, **own}


def work(environment: Mapping[str, str], directory: Path) -> Cost:
    """One pass."""
    return Cost(**printed("tests.benchmarks.worker_process", environment, directory))


def printed(module: str, environment: Mapping[str, str], directory: Path, *arguments: str) -> dict[str, Any]:
    """What a process that measures itself prints; away from the checkout, where a `.env` may lie.

    Raises RuntimeError with the end of its log.
    """
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=directory, env=dict(environment), capture_output=True, text=True, timeout=_LONGEST_S, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join([module, *arguments])} failed: {done.stderr[-2000:]}")
    cost: dict[str, Any] = json.loads(done.stdout)
    return cost


def _calls(procore_url: str, xero_token_url: str, seen: tuple[int, int]) -> tuple[Calls, tuple[int, int]]:
    procore, procore_last = journal(procore_url, seen[0])
    xero, xero_last = journal(xero_token_url, seen[1])
    tokens = [entry for entry in [*procore, *xero] if is_token(entry)]
    reads = [entry for entry in xero if entry["method"] == "GET"]
    writes = [entry for entry in xero if entry["method"] != "GET" and not is_token(entry)]
    read = [entry for entry in procore if not is_token(entry)]
    documents: Counter[str] = Counter()
    for entry in writes:
        documents[_kind(entry)] += entry["elements"]
    calls = Calls(
        xero_reads=len(reads),
        xero_writes=Counter(map(_kind, writes)),
        xero_documents=documents,
        procore_reads=len(read),
        procore_bytes=sum(entry["response_bytes"] for entry in read),
        failed=sum(entry["status"] >= 400 for entry in [*procore, *xero]),
        tokens=len(tokens),
    )
    return calls, (procore_last, xero_last)


def control(address: str, what: str) -> httpx.URL:
    """Where one API of the sandbox is asked about itself, or told something; from any address of that API."""
    return httpx.URL(address).join(f"/_sandbox/{what}")


def journal(address: str, since: int = 0) -> tuple[list[dict[str, Any]], int]:
    """What has reached this API after so many requests, and how many there are now."""
    answer = httpx.get(control(address, "journal"), params={"since": since}, timeout=60).json()
    return answer["entries"], answer["last"]


def is_token(entry: Mapping[str, Any]) -> bool:
    return str(entry["path"]).endswith("/token")


def _kind(entry: Mapping[str, Any]) -> str:
    return str(entry["path"].rsplit("/", 1)[-1])
