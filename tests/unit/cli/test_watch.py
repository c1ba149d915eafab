"""Jobs while they run: what a person sees, on a terminal and without one."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from tests.unit.cli.conftest import FAIRFIELD, NORTHBANK
from tests.unit.cli.story import OWNER
from worker.assembly import Parts
from worker.cli import watch, workers
from worker.http.used_up import UsedUp
from worker.ledger.tables import Job

STAGES = ("projects", "vendors", "cost_codes", "claims", "payments", "invoices")


class Script:
    """A clock by which the worker does its next step whenever the watcher rests."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._steps = list(steps)
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds
        self._steps.pop(0)()


def nothing_new() -> None:
    """The worker is still at the same step."""


@pytest.fixture
def queued(ledger: Parts) -> list[Job]:
    ledger.projects.record([NORTHBANK, FAIRFIELD])
    jobs = [ledger.jobs.hurry(one.job_number, one.name) for one in (NORTHBANK, FAIRFIELD)]
    return [job for job in jobs if job]


def a_run(ledger: Parts, job: Job, line: str) -> Sequence[Callable[[], object]]:
    """What a worker writes into the job table during one job."""
    jobs = ledger.jobs
    return (
        lambda: jobs.claim(job.task_id, OWNER),
        lambda: jobs.extend(job.id, OWNER, {"projects": Counter(sent=1), "cost_codes": Counter()}),
        lambda: jobs.extend(job.id, OWNER, {"projects": Counter(sent=1), "claims": Counter(sent=12, held=2)}),
        lambda: jobs.end(job.id, OWNER, "done", line, {"projects": {"sent": 1}}),
    )


def test_without_a_terminal_each_step_is_a_plain_line(
    ledger: Parts, queued: list[Job], capsys: pytest.CaptureFixture[str]
) -> None:
    """A log shows stage and counts as they change, each once, and no control characters."""
    steps = [step for work in a_run(ledger, queued[0], "all sent") for step in (nothing_new, work)]
    ended = watch.follow(ledger.jobs, [queued[0].id], STAGES, clock=Script(*steps))
    assert [job.state for job in ended] == ["done"]
    assert capsys.readouterr().err.splitlines() == [
        "24-017: waits for a worker",
        "24-017: starts",
        "24-017: cost codes · 1 sent",
        "24-017: claims · 13 sent, 2 held",
    ]


def test_on_a_terminal_there_is_a_bar_for_each_job_and_one_for_all(
    ledger: Parts, queued: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress is live where it can be."""
    screen = Console(file=io.StringIO(), force_terminal=True, force_interactive=True, width=80, color_system=None)
    monkeypatch.setattr(watch, "errors", lambda: screen)
    steps = [*a_run(ledger, queued[0], "one"), *a_run(ledger, queued[1], "two")]
    watch.follow(ledger.jobs, [job.id for job in queued], STAGES, clock=Script(*steps))
    assert isinstance(screen.file, io.StringIO)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.file.getvalue())
    assert re.search(r"all +\S+ 2 of 2 jobs", shown)
    assert re.search(r"24-017 +\S+ done · 1 sent", shown)


def test_a_job_that_comes_back_says_why(ledger: Parts, queued: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who waits sees what is being waited for, and until when; a narrow terminal still says of which job."""
    ledger.jobs.claim(queued[0].task_id, OWNER)
    ledger.jobs.put_back(queued[0].id, OWNER, 60.0, "Xero cannot be reached.")
    (job,) = ledger.jobs.with_ids([queued[0].id])
    screen = Console(file=io.StringIO(), force_terminal=True, force_interactive=True, width=60, color_system=None)
    monkeypatch.setattr(watch, "errors", lambda: screen)
    with watch._bars(STAGES, UTC) as show:
        show([job], None)
    assert isinstance(screen.file, io.StringIO)
    assert job.job_number in screen.file.getvalue()
    sydney = ZoneInfo("Australia/Sydney")
    assert job.not_before is not None
    at = f"{job.not_before.astimezone(sydney):%H:%M %Z}"
    assert watch.doing(job, sydney) == f"goes on at {at}. Xero cannot be reached."


def test_a_call_limit_that_is_waited_for_is_told(
    ledger: Parts, queued: list[Job], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once in a line where nobody sees a bar; else below the bars as long as it is so."""
    kept_back = iter([UsedUp("Xero's minute is used up", float(left)) for left in (48, 47)])
    steps = a_run(ledger, queued[0], "all sent")
    watch.follow(ledger.jobs, [queued[0].id], STAGES, used_up=lambda: next(kept_back, None), clock=Script(*steps))
    assert capsys.readouterr().err.count("used up") == 1
    screen = Console(file=io.StringIO(), force_terminal=True, force_interactive=True, width=80, color_system=None)
    monkeypatch.setattr(watch, "errors", lambda: screen)
    steps = a_run(ledger, queued[1], "all sent")
    watch.follow(
        ledger.jobs,
        [queued[1].id],
        STAGES,
        used_up=lambda: UsedUp("Xero's day is used up", 4800.0),
        clock=Script(*steps),
    )
    assert isinstance(screen.file, io.StringIO)
    shown = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in re.split("[\r\n]", screen.file.getvalue())]
    assert any("Xero's day is used up; free in 1 h 20 min" in line for line in shown)
    assert max(map(len, shown)) <= 80


def test_a_missing_worker_is_noticed(ledger: Parts, queued: list[Job], capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever waits for a worker that nobody started is told so, once."""
    idle = [nothing_new] * 60
    script = Script(*idle, *a_run(ledger, queued[0], "all sent"))
    watch.follow(ledger.jobs, [queued[0].id], STAGES, no_worker=lambda: workers.NONE_RUNS, clock=script)
    assert capsys.readouterr().err.count("No worker answers, so nothing starts before one runs.") == 1


@pytest.mark.parametrize(
    ("names", "said"),
    [([], "No worker answers"), (["celery@here"], "1 worker running, at other jobs; it starts after them.")],
)
def test_why_no_job_starts_is_asked_of_the_workers(
    monkeypatch: pytest.MonkeyPatch, names: list[str], said: str
) -> None:
    """None is there, or all are busy."""
    monkeypatch.setattr(workers, "answering", lambda: names)
    assert workers.why_none_starts().startswith(said)


def test_many_jobs_share_a_dozen_bars(ledger: Parts) -> None:
    """A hundred projects do not scroll the terminal."""
    jobs = [Job(id=number, job_number=str(number), state="running", counts={}) for number in range(100)]
    assert len(watch.worth_a_bar(jobs, set())) == watch.MOST_BARS
    assert len(watch.worth_a_bar(jobs, set(range(5)))) == watch.MOST_BARS
