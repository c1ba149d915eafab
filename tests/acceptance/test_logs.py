"""The log of a real worker while it syncs: what a program that collects logs can rely on."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tasks.stages import PROJECT, STAGES
from tests.acceptance.conftest import LOGIN, Machine, a_machine
from tests.acceptance.syncing import ENDS, states
from tests.services import eventually

pytestmark = pytest.mark.acceptance

Line = dict[str, Any]

EVERY_LINE = {"timestamp", "level", "logger", "event"}
OF_A_TASK = EVERY_LINE | {"task", "task_id"}
OF_A_JOB = OF_A_TASK | {"job", "run", "pass_id"}
OUTCOMES = {"sent", "unchanged", "held", "waiting", "ignored"}
OWN = {
    "stage": OF_A_JOB | {"stage", "ended", "seconds"},
    "request": OF_A_JOB | {"stage", "ended", "seconds", "kind", "method", "documents", "request"},
    "job": OF_A_JOB | {"state", "line"},
    "reference read": OF_A_JOB | {"stage", "name"},
    "discovered": OF_A_TASK | {"pass_id", "eligible", "queued", "refused", "stranded"},
}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, list[Line]]]:
    """A pass that is over, and every line of its worker."""
    with a_machine(tmp_path_factory.mktemp("logs")) as machine:
        machine.start_worker()
        machine.discover()
        assert states(machine) == ENDS
        eventually(lambda: machine.worker_said().count("expected: JobFailed"))  # Celery's own word about the last
        yield machine, [json.loads(line) for line in machine.worker_said().rpartition("\n")[0].splitlines()]


def test_every_line_is_an_object_that_says_whose_it_is(synced: tuple[Machine, list[Line]]) -> None:
    """Celery's own lines too; and each of ours has the fields it is to have, and no more."""
    _, lines = synced
    assert [line for line in lines if not line.keys() >= EVERY_LINE] == []
    celerys = [line for line in lines if line["event"].startswith("Task ")]
    of_jobs = [line["task_id"] for line in celerys if line["task"] == "sync_project"]
    assert Counter(Counter(of_jobs).values()) == {2: len(ENDS)}  # each was received, and each ended
    assert [line for line in celerys if not line.keys() >= OF_A_TASK or line["task_id"] not in line["event"]] == []
    for line in lines:
        if fields := OWN.get(line["event"]):
            assert line.keys() - OUTCOMES == fields
    told = {(line["job"], line["run"], line["task_id"]) for line in lines if "job" in line}
    jobs = [machine_job for number in ENDS if (machine_job := synced[0].job(number))]
    assert told == {(job.job_number, job.id, job.task_id) for job in jobs}


def test_each_stage_and_each_request_has_one_line(synced: tuple[Machine, list[Line]]) -> None:
    """Who counts lines counts work: nothing is told twice, nothing is left out."""
    machine, lines = synced
    stages = Counter((line["job"], line["stage"]) for line in lines if line["event"] == "stage")
    assert stages == {(number, stage.name): 1 for number in ENDS for stage in (PROJECT, *STAGES)}
    journal = httpx.get(f"{machine.served.xero_url}/_sandbox/journal").json()["entries"]
    writes = Counter(entry["method"] for entry in journal if "/api.xro/" in entry["path"] and entry["method"] != "GET")
    requests = [line for line in lines if line["event"] == "request"]
    assert Counter(line["method"] for line in requests) == writes
    assert len({line["request"] for line in requests}) == len(requests)
    assert {line["level"] for line in [*requests, *lines] if line["event"] in OWN} == {"info"}


def test_no_money_and_no_secret_is_told(synced: tuple[Machine, list[Line]]) -> None:
    """Whoever may read the log may not read the books."""
    machine, _ = synced
    text = machine.worker_said()
    amounts = set(_amounts(machine.sandbox.dump()))
    assert len(amounts) > 50
    assert [amount for amount in amounts if re.search(rf"(?<![\d.]){re.escape(amount)}(?!\d)", text)] == []
    given = [value for name, value in machine.system.env.items() if name.endswith("_CLIENT_SECRET")]
    assert len(given) == 2
    secrets = [*given, LOGIN[1], "Bearer", "{\\"]
    assert [secret for secret in secrets if secret in text] == []
    assert max(map(len, text.splitlines())) < 600


def _amounts(found: object) -> Iterator[str]:
    """Every amount in both systems, as it would be written."""
    if isinstance(found, Decimal) and found == found.quantize(Decimal("0.01")) and abs(found) >= 100:
        yield from (f"{abs(found):.2f}", f"{abs(found):,.2f}")
    elif isinstance(found, str) and re.fullmatch(r"\d{3,}\.\d\d", found):
        yield found
    elif isinstance(found, dict | list):
        for one in found.values() if isinstance(found, dict) else found:
            yield from _amounts(one)
