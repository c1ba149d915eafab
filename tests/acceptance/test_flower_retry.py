"""Retry in Flower, as an operator meets it: a red job, its cause removed, one press, a green job."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.acceptance.conftest import Running
from tests.services import eventually
from worker.ledger.tables import Job

pytestmark = pytest.mark.acceptance


def remove_both_causes(system: Running) -> None:
    """Both records that the demo's project holds can go after this."""
    glazing = {"name": "Clearspan Glazing Pty Ltd", "is_active": True}
    system.edit_procore("vendors", "-", 161299, glazing)
    mapping = system.mapping_file.read_text()
    system.mapping_file.write_text(mapping.replace("[accounts.cost_types]", '[accounts.cost_types]\nO = "429"'))


def failed_job(system: Running) -> Job:
    """The demo's job that ends red, after a pass."""
    system.discover()
    eventually(lambda: system.job("25-003"))
    job = system.wait_for_end("25-003")
    assert job.state == "failed"
    return job


@pytest.mark.deep
def test_a_failed_job_is_retried_from_its_page(system: Running) -> None:
    """A job with held records is red with one readable line; once their causes are gone, Retry makes it green."""
    failed = failed_job(system)
    said = system.wait_for_flower(failed.task_id, "FAILURE")
    assert said["exception"] == f"JobFailed({failed.message!r})"
    assert failed.message == (
        "25-003: 2 of 18 records held: Clearspan Glazing Pty Ltd, CG-0098 (claim 58853) vendor_missing; "
        "Kestrel Crane Hire Pty Ltd, KCH-3307 (claim 58857) account_missing"
    )
    page = system.flower.get(f"/task/{failed.task_id}").text
    assert 'id="job-retry-button"' in page

    remove_both_causes(system)
    assert httpx.get(str(system.flower.base_url.join(f"/task/{failed.task_id}"))).status_code == 401  # our login holds
    posted_to = re.search(r'url: "(/api/job/retry/[^"]+)"', page)
    assert posted_to is not None
    answer = system.flower.post(posted_to[1])
    assert answer.status_code == 200, answer.text

    said = answer.json()
    assert said["task-id"] != failed.task_id
    assert system.flower.get(said["page"]).status_code == 200  # at once, whether Flower has heard of it or not
    system.wait_for_flower(said["task-id"], "SUCCESS")
    job = system.wait_for_end("25-003")
    assert (job.task_id, job.state) == (said["task-id"], "done"), job.message
    assert "It was started again, as task " in system.flower.get(f"/task/{failed.task_id}").text


@pytest.mark.deep
def test_five_clicks_at_once_make_one_run(system: Running) -> None:
    """Of five simultaneous clicks one starts the job; the others are told in a sentence that it runs."""
    failed = failed_job(system)
    with ThreadPoolExecutor(5) as clicks:
        answers = list(clicks.map(lambda _: system.flower.post(f"/api/job/retry/{failed.task_id}"), range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert all("started again already" in answer.text for answer in answers if answer.status_code == 409)
    job = system.wait_for_end("25-003")
    assert (job.id, job.attempt) == (failed.id + 1, 1)
