"""Flower as its operator meets it: in a real browser, against a real worker. The pictures are kept to be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from tests.acceptance.browser import Browser, chromium
from tests.acceptance.conftest import LOGIN, Running
from tests.acceptance.test_flower_retry import failed_job, remove_both_causes
from tests.services import eventually

pytestmark = pytest.mark.acceptance

ANSWER = "#projects-answer"
#: A name as nobody should write it, longer than any cell.
NASTY = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> & Söhne " + "x" * 90


@pytest.fixture
def browser(system: Running, tmp_path: Path) -> Iterator[Browser]:
    pictures = Path(os.environ.get("TEST_PICTURES") or tmp_path / "pictures")
    with chromium(str(system.flower.base_url).rstrip("/"), LOGIN, tmp_path / "chromium", pictures) as browser:
        yield browser


def _row(job_number: str) -> str:
    return f'tr[data-job-number="{job_number}"]'


@pytest.mark.deep
def test_a_red_job_is_found_mended_and_retried(system: Running, browser: Browser) -> None:
    """The operator's day: Projects in the navigation, the red job, its remedies, its page, Retry, and it is green."""
    failed = failed_job(system)
    system.wait_for_flower(failed.task_id, "FAILURE")
    browser.open("/")
    browser.press('.app-nav a[href="/projects"]')
    row = _row("25-003")
    assert "2 of 18 records held" in browser.find(row).text
    browser.press(f"{row} + .projects-records summary")
    records = browser.find(f"{row} + .projects-records").text
    assert "It names vendor 161299 (Clearspan Glazing Pty Ltd), which Procore's directory does not have." in records
    assert "Choose an existing vendor in Procore" in records
    links = browser.driver.find_elements(By.CSS_SELECTOR, f"{row} + .projects-records .projects-links a")
    assert all(str(link.get_attribute("href")).startswith("https://us01.procore.com/") for link in links)
    browser.picture("projects-failed")

    browser.press(f"{row} .projects-state a")
    assert "25-003: 2 of 18 records held" in browser.find(".task-details-card").text
    assert "25-003 · Fairfield" in browser.find(".task-details-card").text
    assert "Traceback" not in browser.find(".task-details-card").text
    browser.picture("task-failed")

    remove_both_causes(system)
    browser.press("#job-held a")
    browser.picture("project-failed")
    record = "tr[data-record='claims 58853']"
    browser.press(f"{record} .projects-button button")
    eventually(lambda: browser.reads(f"{record} .project-state") == "sent")  # by itself
    system.wait_for_end("25-003")
    browser.open(f"/task/{failed.task_id}")
    browser.press("#job-retry-button")
    eventually(lambda: browser.reads(".task-details-card .badge") == "SUCCESS")
    assert system.wait_for_end("25-003").state == "done"
    browser.open("/projects?state=failed")
    assert "25-003" not in browser.find("#projects-shown").text
    browser.open("/tasks")
    eventually(lambda: "25-003 · Fairfield" in browser.reads("#tasks-table"))
    browser.picture("tasks")
    assert browser.overhang(".dataTables_scrollBody") == [0, 0]


@pytest.mark.deep
def test_one_is_sent_by_its_number(system: Running, browser: Browser) -> None:
    """A wrong number starts nothing and is answered with near ones; a right one starts its job; the list follows."""
    browser.open("/projects")
    browser.picture("projects-empty")
    browser.find('#projects-send-one input[name="job_number"]').send_keys("24-071")
    browser.press("#projects-send-one button")
    eventually(lambda: browser.reads(ANSWER))
    assert "24-071 is not synced: Procore shows no project" in browser.reads(ANSWER)
    assert "Did you mean 24-021, 24-017" in browser.reads(ANSWER)
    typed = browser.find('#projects-send-one input[name="job_number"]')
    assert typed.get_attribute("value") == "24-071"
    assert system.parts.jobs.latest() == {}
    browser.picture("projects-wrong-number")

    typed.clear()
    typed.send_keys("24-017")
    browser.press("#projects-send-one button")
    eventually(lambda: browser.reads(ANSWER) == "Queued: 24-017.")
    eventually(lambda: "done" in browser.reads(f"{_row('24-017')} .projects-state"))  # by itself
    assert list(system.parts.jobs.latest()) == ["24-017"]


@pytest.mark.deep
def test_all_are_sent_after_a_question(system: Running, browser: Browser) -> None:
    """Send all and Retry all failed say how many they mean before they start, and Cancel starts nothing."""
    system.edit_procore("projects", "-", 310417, {"name": NASTY})
    browser.open("/projects")
    browser.find('#projects-send-one input[name="job_number"]').send_keys("24-017")  # reads the list of projects
    browser.press("#projects-send-one button")
    eventually(lambda: browser.reads(ANSWER) == "Queued: 24-017.")
    system.wait_for_end("24-017")

    browser.press('button[data-bs-target="#projects-send_all"]')
    eventually(lambda: browser.reads("#projects-send_all .modal-body") == "Send all 3 eligible projects to Xero now?")
    browser.picture("projects-question")
    browser.press('#projects-send_all button[data-bs-dismiss="modal"]')
    assert len(system.parts.jobs.latest()) == 1
    eventually(lambda: not browser.find("#projects-send_all").is_displayed())
    browser.press('button[data-bs-target="#projects-send_all"]')
    browser.press('#projects-send_all button[type="submit"]')
    eventually(lambda: browser.reads(ANSWER).startswith("Queued: 24-017, 24-021, 25-003."))
    browser.picture("projects-all-sent")
    for job_number in ("24-017", "24-021", "25-003"):
        system.wait_for_end(job_number)

    # a project's name is text, on our page and on Flower's own
    browser.open("/projects")
    assert NASTY in browser.find(_row("24-017")).text
    browser.picture("projects-nasty-name")
    browser.open("/tasks")
    eventually(lambda: "<img src=x" in browser.reads("#tasks-table"))
    assert "owned" not in browser.driver.title

    browser.open("/projects")
    browser.press('button[data-bs-target="#projects-retry_failed"]')
    eventually(lambda: browser.reads("#projects-retry_failed .modal-body") == "Retry the 1 job that failed?")
    browser.press('#projects-retry_failed button[type="submit"]')
    eventually(lambda: browser.reads(ANSWER) == "Queued: 25-003.")
