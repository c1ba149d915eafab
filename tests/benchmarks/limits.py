"""Several processes on one scaled-down set of call limits: how much of what is allowed they use, and what they meet.

Beside them stands what a caller would need that knows everything and takes no time: the share is its time over
theirs. The journal is the sandbox's, whose windows roll, which is stricter than Xero's fixed ones.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean

import httpx

from tests.benchmarks import caller_process
from tests.benchmarks.caller_process import Task
from tests.benchmarks.generate import Size
from tests.benchmarks.run import ROOT, control, is_token, journal, sandbox, settings_of
from worker.cli import broker

_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Scale:
    """Xero's limits with shorter windows. The worker's own are longer by `margin_s`, as they are at full length."""

    per_minute: int = 40
    minute_s: float = 3.0
    at_once: int = 5
    per_day: int = 0
    day_s: float = 60.0
    per_app_minute: int = 0
    margin_s: float = 0.01
    latency_s: float = 0.01

    @property
    def windows(self) -> list[tuple[int, float]]:
        most = min(calls for calls in (self.per_minute, self.per_app_minute) if calls)
        return [(most, self.minute_s), *([(self.per_day, self.day_s)] if self.per_day else [])]

    @property
    def own_minute_s(self) -> float:
        return self.minute_s + self.margin_s

    @property
    def own_day_s(self) -> float:
        return self.day_s + self.margin_s

    @property
    def settings(self) -> dict[str, str]:
        """As the worker is set."""
        return {
            "XERO_CALLS_PER_MINUTE": str(self.per_minute),
            "XERO_CALLS_PER_DAY": str(self.per_day),
            "XERO_CALLS_AT_ONCE": str(self.at_once),
            "XERO_APP_CALLS_PER_MINUTE": str(self.per_app_minute),
        }

    @property
    def enforced(self) -> dict[str, float]:
        """As the sandbox keeps them."""
        return {
            "xero_per_minute": self.per_minute,
            "xero_minute_s": self.minute_s,
            "xero_concurrent": self.at_once,
            "xero_per_day": self.per_day,
            "xero_day_s": self.day_s,
            "xero_app_per_minute": self.per_app_minute,
            "latency_s": self.latency_s,
        }

    def task(self, for_s: float, pause_s: float = 0.0, clock_off_s: float = 0.0, after_s: float = 0.0) -> Task:
        return Task("Xero", self.own_minute_s, self.own_day_s, for_s, after_s, pause_s, clock_off_s)


@dataclass(frozen=True, slots=True)
class Met:
    """How several processes fared."""

    #: When each call was answered, in seconds from the first.
    answered_s: Sequence[float]
    #: Answers by what is not 200.
    refused: Sequence[int]
    failures: Sequence[str]
    #: What each call took its process, waiting included, by process.
    took_s: Sequence[Sequence[float]]

    def share(self, windows: Sequence[tuple[int, float]]) -> float:
        """Of the calls that the limits allow: measured to the last call for which everybody had to wait."""
        ideal = ideal_s(len(self.answered_s), windows)
        last = max(number for number, at in enumerate(ideal) if number == 0 or at > ideal[number - 1])
        return ideal[last] / self.answered_s[last]

    @property
    def too_many(self) -> int:
        return self.refused.count(_TOO_MANY)

    @property
    def mean_s(self) -> float:
        return mean(call for took in self.took_s for call in took)

    def waits_s(self, unhindered_s: float) -> float:
        """What a job waits in all for calls that would take so long by themselves."""
        return mean(sum(max(0.0, call - unhindered_s) for call in took) for took in self.took_s)

    @property
    def longest_s(self) -> float:
        return max(call for took in self.took_s for call in took)


def ideal_s(calls: int, windows: Sequence[tuple[int, float]]) -> list[float]:
    """When each of so many calls goes, for who makes it as soon as all rolling windows allow it."""
    at: list[float] = []
    for number in range(calls):
        at.append(max([0.0, *(at[number - most] + length_s for most, length_s in windows if number >= most)]))
    return at


@contextmanager
def limited_sandbox(limits: Mapping[str, float]) -> Iterator[dict[str, str]]:
    """A sandbox process that enforces these limits; the settings that reach it, without any budget."""
    with sandbox(Size().divided_by(100)) as reached:
        for address in (reached["PROCORE_API_URL"], reached["XERO_TOKEN_URL"]):
            httpx.post(control(address, "limits"), json=dict(limits), timeout=10).raise_for_status()
        yield settings_of(reached, Path())


def one_after_another(processes: Sequence[int], scale: Scale, for_s: float) -> dict[int, Met]:
    """The same limits for so many processes each time.

    Of several the last is a small job that calls now and then, and begins when the large ones have used a window up.
    """
    after_s = 1.5 * scale.minute_s
    met = {}
    with tempfile.TemporaryDirectory() as directory, broker.start(None, Path(directory)) as running:
        for number in processes:
            large = [scale.task(for_s)] * max(1, number - 1)
            small = [scale.task(for_s - after_s, pause_s=1.0, after_s=after_s)] if number > 1 else []
            with limited_sandbox(scale.enforced) as environment:
                met[number] = measure([*large, *small], {**environment, **scale.settings, "REDIS_URL": running.url})
    return met


def measure(tasks: Sequence[Task], environment: Mapping[str, str], meanwhile: Callable[[], None] = lambda: None) -> Met:
    """Run the tasks together, one process each; `meanwhile` is called while they do."""
    started = [_start(task, environment) for task in tasks]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", "a caller did not come up"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    meanwhile()
    said = [json.loads(process.communicate(timeout=120)[0]) for process in started]
    address = environment["XERO_TOKEN_URL" if tasks[0].api == "Xero" else "PROCORE_API_URL"]
    entries = [entry for entry in journal(address)[0] if not is_token(entry)]
    at = sorted(datetime.fromisoformat(entry["at"]).timestamp() for entry in entries if entry["status"] == 200)
    return Met(
        answered_s=[moment - at[0] for moment in at],
        refused=[entry["status"] for entry in entries if entry["status"] != 200],
        failures=[failure for one in said for failure in one["failures"]],
        took_s=[one["took"] for one in said],
    )


def _start(task: Task, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", caller_process.__name__, *caller_process.arguments(task)]
    return subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
