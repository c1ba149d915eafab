"""Real workers tell people, without beat: after a pass once, however many workers there are, and when none comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import Machine
from tests.listening import HOST, Mailbox, mail_server, text_of
from tests.services import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.deep]

#: The interval between two passes, and so between two looks of each worker.
INTERVAL_S = 5.0


@pytest.fixture
def mailbox(machine: Machine) -> Iterator[Mailbox]:
    """Told by mail; a pass is late when none has finished for longer than a test takes."""
    with mail_server() as mailbox:
        machine.system.env |= {
            "SMTP_URL": f"smtp://{HOST}:{mailbox.port}",
            "REPORT_EMAIL_FROM": "reports@example.com",
            "REPORT_EMAIL_TO": "books@example.com",
            "SYNC_EVERY_MINUTES": str(INTERVAL_S / 60),
            "ALARM_AFTER_INTERVALS": "1000",
        }
        yield mailbox


def start_worker(machine: Machine, name: str) -> None:
    """A worker of this name beside others."""
    command = ["-m", "celery", "-A", "worker.celery", "worker", "-Q", "manual,periodic", "-c", "2", "-n", f"{name}@%h"]
    machine.system.processes.start(name, [sys.executable, *command], machine.system.env, machine.system.directory)


def test_two_workers_tell_of_a_pass_once_and_without_beat(machine: Machine, mailbox: Mailbox) -> None:
    """Each looks by its own clock, several times; one mail comes."""
    for name in ("first", "second"):
        start_worker(machine, name)
    machine.discover()
    eventually(lambda: mailbox.messages)
    (row,) = [row for row in machine.parts.passes.all() if row.finished_at is not None]
    assert {job.state for job in machine.parts.jobs.of_pass(row.id)} == {"done", "failed"}
    logs = [machine.system.directory / "logs" / f"{name}.log" for name in ("first", "second")]
    so_far = sum(log.read_text("utf-8").count("passes over") for log in logs)
    eventually(lambda: sum(log.read_text("utf-8").count("passes over") for log in logs) >= so_far + 4)
    (message,) = mailbox.messages
    assert "claim 58853" in text_of(message)
    assert "45 created, 2 adopted; 2 held" in text_of(message)


def test_a_worker_says_that_no_pass_comes_any_more(machine: Machine, mailbox: Mailbox) -> None:
    """Beat is gone, or was never there again after the first pass."""
    machine.system.env["ALARM_AFTER_INTERVALS"] = "1"
    start_worker(machine, "only")
    machine.discover()
    eventually(lambda: any("ALARM: no pass has finished" in subject for subject in mailbox.subjects))
