"""The Projects page inside a real Flower application, over HTTP: what it shows, and who may start what."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tornado.httpclient import HTTPResponse
from tornado.web import create_signed_value

from tests.factories import record
from tests.integration.flower_app import LOGIN, STRANGERS, InProcess
from worker.assembly import Parts
from worker.flower import projects
from worker.flower.retry import NO_LOGIN, READ_ONLY
from worker.holds import HoldCode
from worker.ledger.holds import Holds, Verdict
from worker.ledger.jobs import Wanted
from worker.ledger.projects import Seen
from worker.ledger.tables import Job
from worker.procore.records import Project
from worker.settings import Settings

TOWER = Seen(1, "24-017", "Tower <b>&</b> Söhne", "Send to Xero", "eligible")
SCHOOL = Seen(2, "24-021", "School", "Send to Xero", "eligible")
SHED = Seen(3, "", "Shed", "Send to Xero", "refused", "no_job_number", "It has no job number.")
YARD = Seen(5, "22-001", "Yard", "Tender", "refused", "other_stage", "Its stage is 'Tender'.")
DEPOT = Seen(4, "23-001", "Depot", "Closed", "paused", "other_stage", "Its stage is 'Closed'.")


class Page:
    """The Projects page as a browser without JavaScript meets it."""

    def __init__(self, flower: InProcess, published: list[Job]) -> None:
        self.flower = flower
        self.parts = flower.parts
        self.published = published

    def get(self, query: str = "", **request: Any) -> str:
        answer = self.flower.ask("GET", f"/projects{query}", **(request or LOGIN))
        assert answer.code == 200
        return answer.body.decode()

    def post(self, action: str, job_number: str = "", **request: Any) -> HTTPResponse:
        body = urlencode({"action": action, "job_number": job_number})
        return self.flower.ask("POST", "/projects", body=body, **(request or LOGIN))

    def rows(self, query: str = "") -> list[str]:
        """The job numbers that are shown."""
        return re.findall(r'data-job-number="([^"]*)"', self.get(query))

    def ends(self, seen: Seen, state: str, message: str = "") -> Job:
        """A job of this project that has come to this state."""
        (job,) = self.parts.jobs.queue([Wanted(seen.job_number, seen.name)], "periodic")
        self.parts.jobs.claim(job.task_id, "a worker")
        if state != "running":
            self.parts.jobs.end(job.id, "a worker", state, message, {})
        return job

    def holds(self, seen: Seen, count: int = 1, code: HoldCode = HoldCode.NO_LINES, xero_url: str = "") -> None:
        verdicts = [
            Verdict("claims", str(n), f"claim {n}", code.outcome, code, "No <i>line</i>.", f"https://p/{n}", xero_url)
            for n in range(count)
        ]
        Holds(self.parts.engine, "a tenant", seen.procore_id, self.parts.now).settle(verdicts)


@pytest.fixture
def page(in_process: InProcess, published: list[Job]) -> Page:
    in_process.parts.projects.record([TOWER, SCHOOL, SHED, DEPOT])
    return Page(in_process, published)


def test_every_page_of_flower_links_to_the_projects(page: Page) -> None:
    """One link, in Flower's own navigation, on Flower's pages, on ours, and where a page is not found."""
    job = page.ends(TOWER, "failed")
    page.flower.hears(job.task_id, "task-failed")
    for path in ("/", "/tasks", "/projects", "/nowhere", f"/task/{job.task_id}"):
        bar = page.flower.ask("GET", path, **LOGIN).body.decode().split("</nav>")[0]
        assert len(re.findall('<a [^>]*href="/projects"[^>]*>Projects</a>', bar)) == 1, path
        assert ('aria-current="page">Projects' in bar) == (path == "/projects")


def test_each_project_is_shown_with_what_became_of_it(page: Page) -> None:
    """Its last result with the task's page, what is held with sentence, remedy and links, and why it is not synced."""
    job = page.ends(TOWER, "failed", "24-017: 1 of 9 records held")
    page.holds(TOWER, xero_url="https://x/1")
    page.parts.projects.record([YARD])
    text = page.get()
    # what needs somebody comes first, what is not meant to be synced last
    assert page.rows() == ["24-017", "", "24-021", "22-001", "23-001"]
    assert f'href="/task/{job.task_id}"' in text
    assert "1 of 9 records held" in text
    assert "It has no job number." in text
    assert "Its stage is &#x27;Closed&#x27;." in text
    assert HoldCode.NO_LINES.remedy in text
    assert 'href="https://p/0"' in text
    assert 'href="https://x/1"' in text
    assert text.count("Send now</button>") == 2  # the refused and the paused one have none


def test_names_and_sentences_are_text(page: Page) -> None:
    """What people write in Procore is never markup."""
    page.holds(TOWER)
    text = page.get("?q=tower+%3Cb%3E")
    assert "Tower &lt;b&gt;&amp;&lt;/b&gt; Söhne" in text
    assert "No &lt;i&gt;line&lt;/i&gt;." in text
    assert 'value="tower &lt;b&gt;"' in text
    assert "<b>" not in text


@pytest.mark.parametrize(
    ("query", "job_numbers"),
    [
        ("?state=failed", ["24-017"]),
        ("?state=held", ["24-021"]),
        ("?state=done", ["24-021"]),
        ("?state=running", []),
        ("?state=paused", ["23-001"]),
        ("?state=refused", [""]),
        ("?q=SCHOOL", ["24-021"]),
        ("?q=24-0+tower", ["24-017"]),
        ("?q=closed", ["23-001"]),
        ("?q=tower&state=done", []),
        ("?state=nonsense&page=nonsense", ["24-017", "24-021", "", "23-001"]),
        ("?page=999999999999999999999", ["24-017", "24-021", "", "23-001"]),
    ],
)
def test_filter_and_search_are_addresses(page: Page, query: str, job_numbers: list[str]) -> None:
    """They work without JavaScript and can be kept as a bookmark; what makes no sense is left out."""
    page.ends(TOWER, "failed")
    page.ends(SCHOOL, "done")
    page.holds(SCHOOL)
    assert page.rows(query) == job_numbers


def test_a_job_of_no_project_is_shown_too(page: Page) -> None:
    """Whoever enqueued a number that does not exist finds out here."""
    page.ends(Seen(0, "99-999", "", "", ""), "failed", "99-999 is not synced: Procore shows no project.")
    assert page.rows("?state=failed") == ["99-999"]


def test_ten_thousand_projects_stay_a_small_page(page: Page) -> None:
    """Neither many projects nor one with many held records makes a page that a telephone cannot load."""
    many = [Seen(n, f"30-{n:05}", f"Project {n}", "Send to Xero", "eligible") for n in range(10, 10_010)]
    page.parts.projects.record(many)
    page.holds(many[0], 3000)
    text = page.get()
    assert len(text) < 300_000
    assert "Page 1 of 201" in text
    last = page.get("?page=201")
    assert "30-10009" in last
    assert 'rel="next"' not in last
    assert re.search(r'href="/projects/10">The first of\s+3,000: show all', page.get("?state=held"))


def test_sending_one_starts_it_ahead_of_the_periodic_ones(page: Page) -> None:
    """The same as on the command line: the row, then its message to the manual queue."""
    answer = page.post("send", " 24-017 ")
    assert answer.code == 200
    assert "Queued: 24-017." in answer.body.decode()
    assert [(job.job_number, job.trigger, job.project_name) for job in page.published] == [
        ("24-017", "manual", TOWER.name)
    ]


def test_five_clicks_make_one_run(page: Page) -> None:
    """One message, however often somebody presses."""
    with ThreadPoolExecutor(5) as clicks:
        answers = list(clicks.map(lambda _: projects.press("send", "24-017"), range(5)))
    assert {answer.sentence for answer in answers} == {"Queued: 24-017."}
    assert len(page.published) == 1


class _Procore:
    """Procore, with these projects."""

    def __init__(self, *found: Project) -> None:
        self._found = found

    def projects(self, with_region: bool = False) -> list[Project]:
        return list(self._found)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("24-071", "Did you mean 24-021, 24-017"),
        ("", "Enter a job number first."),
        ("<script>", "&lt;script&gt; is not synced: Procore shows no project with this job number"),
    ],
)
def test_a_wrong_number_starts_nothing(page: Page, monkeypatch: pytest.MonkeyPatch, typed: str, said: str) -> None:
    """It is answered in a sentence, and stays in its field to be corrected."""
    monkeypatch.setitem(page.parts.__dict__, "procore", _Procore())
    answer = page.post("send", typed)
    assert answer.code == 409
    assert said in answer.body.decode()
    assert not page.published


def test_a_project_made_a_minute_ago_is_asked_for_in_procore(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for the next pass."""
    row = {"id": 77, "name": "New", "project_number": "26-001", "project_stage": {"name": "Send to Xero"}}
    monkeypatch.setitem(page.parts.__dict__, "procore", _Procore(record(Project, row)))
    assert page.post("send", "26-001").code == 200
    assert [job.job_number for job in page.published] == ["26-001"]


def test_sending_all_starts_every_eligible_project(page: Page) -> None:
    """And no other; what runs already is left alone and said."""
    page.ends(SCHOOL, "running")
    answer = page.post("send_all")
    assert "Queued: 24-017. Running already: 24-021." in answer.body.decode()
    assert [job.job_number for job in page.published] == ["24-017"]


def test_retrying_all_that_failed(page: Page) -> None:
    """Each once, under a new task id; what is done, or no longer eligible, is left; and the question says how many."""
    failed = page.ends(TOWER, "failed")
    page.ends(SCHOOL, "done")
    page.ends(DEPOT, "failed")
    assert "Retry the 1 job that failed?" in page.get()
    answer = page.post("retry_failed")
    assert "Queued: 24-017." in answer.body.decode()
    (job,) = page.published
    assert job.id > failed.id
    assert job.task_id != failed.task_id
    assert page.post("retry_failed").code == 409
    assert len(page.published) == 1


@pytest.mark.parametrize("action", projects.ACTIONS)
@pytest.mark.parametrize(("request_", "code"), STRANGERS)
def test_a_stranger_starts_nothing(page: Page, action: str, request_: dict[str, Any], code: int) -> None:
    """Without the login, or from another site's page, no button does anything."""
    page.ends(SCHOOL, "failed")
    assert page.post(action, "24-017", **request_).code == code
    assert not page.published


def test_a_stranger_sees_nothing(page: Page) -> None:
    """The books of a company are not for everybody."""
    assert page.flower.ask("GET", "/projects").code == 401


@pytest.mark.parametrize("action", projects.ACTIONS)
def test_without_a_login_or_read_only_nothing_is_started(
    page: Page, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    """Not even where Flower's own API was opened to everybody; the page says why it has no buttons."""
    page.ends(SCHOOL, "failed")
    page.flower.options["read_only"] = True
    answer = page.post(action, "24-017")
    assert answer.code == 403
    assert READ_ONLY in answer.body.decode()
    assert '<form method="post"' not in page.get()
    monkeypatch.setenv("FLOWER_UNAUTHENTICATED_API", "true")
    page.flower.options |= {"read_only": False, "basic_auth": []}
    assert page.post(action, "24-017", headers={}).code == 403
    shown = page.flower.ask("GET", "/projects").body.decode()
    assert NO_LOGIN in shown
    assert '<form method="post"' not in shown
    assert not page.published


def test_behind_oauth_a_click_needs_the_session_and_its_token(page: Page) -> None:
    """There the browser sends a cookie by itself, so a form must show that it comes from our page."""
    page.flower.options |= {"basic_auth": [], "auth": ".*@example.com"}
    page.flower.settings["cookie_secret"] = "a made-up secret"
    user = create_signed_value("a made-up secret", "user", "ada@example.com").decode()
    body = {"action": "send", "job_number": "24-017"}

    def post(token: str) -> int:
        cookie = {"Cookie": f"user={user}; _xsrf=0123456789abcdef0123456789abcdef"}
        said = urlencode(body | ({"_xsrf": token} if token else {}))
        return page.flower.ask("POST", "/projects", body=said, headers=cookie).code

    assert post("") == 403
    assert post("f" * 32) == 403
    assert not page.published
    assert post("0123456789abcdef0123456789abcdef") == 200
    assert len(page.published) == 1
    text = page.get(headers={"Cookie": f"user={user}"})
    assert text.count('method="post"') == text.count('name="_xsrf"') == 5


def test_an_unknown_button_is_refused(page: Page) -> None:
    """Nobody starts anything by a name that no button has."""
    assert page.post("delete_everything").code == 400


def test_under_a_prefix_everything_stays_under_it(page: Page) -> None:
    """Behind a proxy under a path, links and buttons have that path."""
    page.flower.options["url_prefix"] = "flower"
    page.ends(TOWER, "failed")
    text = page.flower.ask("GET", "/flower/projects?state=failed", **LOGIN).body.decode()
    assert 'action="/flower/projects?state=failed"' in text
    assert 'href="/flower/task/' in text
    ours = text[text.index('id="main-content"') :] + text.split("</nav>")[0].split("<nav")[1]
    assert not re.findall(r'(?:href|action)="/(?!flower)', ours)


def test_a_ledger_that_cannot_be_read_is_said(
    page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A sentence on the page instead of an error, and Flower goes on."""
    empty = Parts(Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('empty')}/none.db"))
    monkeypatch.setattr(projects, "parts", lambda: empty)
    answer = page.flower.ask("GET", "/projects", **LOGIN)
    assert answer.code == 503
    assert "The projects cannot be shown now." in answer.body.decode()
    empty.engine.dispose()


def test_a_wrong_mapping_file_does_not_hide_the_list(page: Page, tmp_path: Path) -> None:
    """A banner says what is wrong with it; the projects come from the ledger, which knows them all the same."""
    (wrong := tmp_path / "mapping.toml").write_text("organisations = 1", encoding="utf-8")
    page.parts.settings = page.parts.settings.model_copy(update={"mapping_file": wrong})
    assert f"Nothing is sent. The mapping file {wrong}" in page.get()
    assert len(page.rows()) == 4


def test_of_several_organisations_a_project_shows_and_is_found_by_its_own(page: Page) -> None:
    """Beside its name, as text, and by the search."""
    page.parts.projects.record([replace(SCHOOL, organisation="South & <b>Coast</b>")])
    assert "South &amp; &lt;b&gt;Coast&lt;/b&gt;" in page.get()
    assert page.rows("?q=coast") == ["24-021"]


def test_a_job_that_runs_again_later_says_when(page: Page) -> None:
    """With the reason: whoever sees it queued need not guess whether it hangs."""
    (job,) = page.parts.jobs.queue([Wanted(TOWER.job_number, TOWER.name)], "periodic")
    page.parts.jobs.claim(job.task_id, "a worker")
    page.parts.jobs.put_back(job.id, "a worker", 60, "Xero answers 503.")
    assert re.search(r"goes on at \d\d:\d\d UTC\. Xero answers 503\.", page.get())
