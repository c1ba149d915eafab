"""Our handlers inside a real Flower application, over HTTP: who may press Retry, and what its pages show."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flower.command
import flower.urls
import pytest
from tornado.options import options
from tornado.web import url

from tests.integration.flower_app import LOGIN, STRANGERS, InProcess
from worker.errors import ConfigError
from worker.flower import retry as retrying
from worker.flower.handlers import HANDLERS
from worker.flower.leaving import leave
from worker.flower.navigation import Navigation
from worker.flower.reach import require_closed
from worker.settings import settings

CONFIG = Path(retrying.__file__).with_name("flowerconfig.py")


def test_a_failed_jobs_page_has_the_button_and_flowers_own_content(in_process: InProcess) -> None:
    """The button is added to Flower's page; what Flower shows stays."""
    job = in_process.a_failed_job()
    in_process.hears(job.task_id, "task-failed")
    page = in_process.page(job.task_id)
    assert 'id="job-retry-button"' in page
    assert f'"/api/job/retry/{job.task_id}"' in page
    assert "JobFailed()" in page
    assert "location.reload" not in page


@pytest.mark.parametrize(("kind", "name"), [("task-failed", "discover"), ("task-succeeded", "sync_project")])
def test_other_pages_have_no_button(in_process: InProcess, kind: str, name: str) -> None:
    """A task that no failed job stands behind has Flower's page as it is: discovery comes by itself."""
    in_process.hears("another", kind, name)
    assert "job-retry" not in in_process.page("another")


def test_a_job_that_flower_missed_has_a_page(in_process: InProcess) -> None:
    """Events are gone while Flower is down: the job table tells of the job, and Retry is there."""
    job = in_process.a_failed_job()
    page = in_process.page(job.task_id)
    assert "25-003: 2 of 18 records held" in page
    assert "Fairfield &lt;Fitout&gt;" in page
    assert 'id="job-retry-button"' in page


def test_the_page_of_a_job_just_started_looks_again(in_process: InProcess) -> None:
    """After a press the new task's page is there at once, and looks again until the task has ended."""
    code, said = in_process.press(in_process.a_failed_job().task_id)
    assert code == 200
    job = in_process.parts.jobs.latest()["25-003"]
    assert f'"/task/{job.task_id}"' in said
    assert "location.reload" in in_process.page(job.task_id)
    in_process.hears(job.task_id, "task-started")
    assert "location.reload" in in_process.page(job.task_id)
    in_process.parts.jobs.claim(job.task_id, "a worker")
    in_process.parts.jobs.end(job.id, "a worker", "done", "", {})
    in_process.hears(job.task_id, "task-succeeded")
    assert "location.reload" not in in_process.page(job.task_id)


def test_an_unknown_task_is_not_found(in_process: InProcess) -> None:
    """Neither Flower nor the job table knows it."""
    assert in_process.ask("GET", "/task/unknown", **LOGIN).code == 404


def test_a_url_prefix_moves_the_button_too(in_process: InProcess) -> None:
    """Behind a proxy under a path, the page posts under that path, and the answer's page is under it."""
    in_process.options["url_prefix"] = "flower"
    job = in_process.a_failed_job()
    page = in_process.ask("GET", f"/flower/task/{job.task_id}", **LOGIN).body.decode()
    assert f'"/flower/api/job/retry/{job.task_id}"' in page
    answer = in_process.ask("POST", f"/flower/api/job/retry/{job.task_id}", **LOGIN)
    assert answer.code == 200
    assert '"/flower/task/' in answer.body.decode()


@pytest.mark.parametrize(("request_", "code"), STRANGERS)
def test_a_stranger_cannot_retry(in_process: InProcess, request_: dict[str, Any], code: int) -> None:
    """Without the login, or from another site's page, nothing is started."""
    job = in_process.a_failed_job()
    assert in_process.press(job.task_id, **request_)[0] == code
    assert in_process.parts.jobs.latest()["25-003"].state == "failed"


def test_flower_without_a_login_retries_nothing(in_process: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where Flower's own API was opened to everybody; the page says how to set a login."""
    monkeypatch.setenv("FLOWER_UNAUTHENTICATED_API", "true")
    in_process.options["basic_auth"] = []
    job = in_process.a_failed_job()
    code, sentence = in_process.press(job.task_id, headers={})
    assert (code, sentence) == (401, retrying.NO_LOGIN)
    page = in_process.ask("GET", f"/task/{job.task_id}").body.decode()
    assert retrying.NO_LOGIN in page
    assert 'job-retry-button">' not in page


def test_a_read_only_flower_retries_nothing(in_process: InProcess) -> None:
    """Read-only is read-only for Retry as well."""
    in_process.options["read_only"] = True
    assert in_process.press(in_process.a_failed_job().task_id) == (403, retrying.READ_ONLY)


def test_a_refusal_reaches_the_page_as_a_sentence(in_process: InProcess) -> None:
    """What there is nothing to retry about is a 409 with words, not a bare 500."""
    code, sentence = in_process.press("unknown")
    assert code == 409
    assert sentence.startswith("No failed job has this task id")


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Executes the configuration file as Flower does, and answers the names that it sets."""
    monkeypatch.setattr(flower.urls, "handlers", list(flower.urls.handlers))
    monkeypatch.setattr(flower.urls, "settings", dict(flower.urls.settings))
    settings.cache_clear()

    def run(login: str) -> dict[str, Any]:
        monkeypatch.setenv("FLOWER_LOGIN", login)
        return runpy.run_path(str(CONFIG))

    yield run
    settings.cache_clear()


def _pattern(entry: Any) -> str:
    return str(entry.regex.pattern if isinstance(entry, url) else entry[0])


def test_the_configuration_sets_the_login(configured: Callable[[str], dict[str, Any]]) -> None:
    """FLOWER_LOGIN opens Flower's API and Retry to that login, on whatever address the command line says."""
    said = configured("operator:secret")
    assert said["basic_auth"] == ["operator:secret"]
    assert "address" not in said
    assert [_pattern(one) for one in flower.urls.handlers[: len(HANDLERS)]] == [_pattern(one) for one in HANDLERS]
    assert flower.urls.settings["ui_modules"] == {"Template": Navigation}
    assert {"format_task", "tasks_columns"} <= set(said) & set(options)
    assert flower.command.sigterm_handler is leave


def test_without_a_login_flower_stays_on_its_machine(configured: Callable[[str], dict[str, Any]]) -> None:
    """A Flower that asks nobody for a password is not shown to the network."""
    said = configured("")
    assert said["address"] == "127.0.0.1"
    assert "basic_auth" not in said
    require_closed(SimpleNamespace(**{**options.as_dict(), "address": said["address"]}))


def test_every_option_in_the_configuration_is_one_of_flowers(configured: Callable[[str], dict[str, Any]]) -> None:
    """Flower ignores a misspelt option in silence."""
    plain = {name for name, value in configured("a:b").items() if type(value) in (bool, int, str, list)}
    assert {name for name in plain if not name.startswith("__")} - {"handlers", "HANDLERS", "TRANSFORMS"} <= set(
        options
    )


@pytest.mark.parametrize("login", ["operator", ":secret", "operator:", "operatör:secret"])
def test_a_login_that_cannot_work_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, login: str) -> None:
    """Flower would answer 401 or 500 to everybody; and the message keeps the password to itself."""
    monkeypatch.setenv("FLOWER_LOGIN", login)
    settings.cache_clear()
    with pytest.raises(ConfigError, match=r"FLOWER_LOGIN: .*user:password") as refused:
        settings()
    assert login not in str(refused.value)
    settings.cache_clear()
