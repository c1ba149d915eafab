"""The page of one project inside a real Flower application: what it shows of a synced world, and who may send."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import fakeredis
import pytest
from tornado.httpclient import HTTPResponse

from tests.integration.conftest import MakeWorld
from tests.integration.flower_app import LOGIN, STRANGERS, InProcess
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed, an_item
from tests.integration.world import World
from worker.assembly import Parts
from worker.flower import one_project
from worker.holds import Outcome
from worker.ledger.accepted import Acceptance, acknowledge
from worker.ledger.holds import open_holds
from worker.ledger.tables import Job
from worker.local_time import today
from worker.settings import Settings

HERE = f"/projects/{PROJECT_ID}"
#: What a browser does not break at its hyphens.
UNBROKEN = re.compile('<span class="text-nowrap">([^<]*)</span>')


class Page:
    """The page as a browser without JavaScript meets it, beside a world of which one claim is held."""

    def __init__(self, world: World, flower: InProcess) -> None:
        self.world = world
        self.flower = flower

    def get(self, query: str = "", path: str = HERE, code: int = 200) -> str:
        answer = self.flower.ask("GET", f"{path}{query}", **LOGIN)
        assert answer.code == code
        return unescape(UNBROKEN.sub(r"\1", answer.body.decode()))

    def post(self, action: str, kind: str = "", id_: str = "", path: str = HERE, **request: Any) -> HTTPResponse:
        body = urlencode({"action": action, "kind": kind, "procore_id": id_})
        return self.flower.ask("POST", path, body=body, **(request or LOGIN))

    def buttons(self) -> dict[str, str]:
        """What each record's button would post, of those that have one."""
        found = re.findall(r'data-record="([^"]*)"(.*?)</tr>', self.get(), re.DOTALL)
        posts = {record: re.search(r'name="action" value="(\w+)"', row) for record, row in found}
        return {record: post[1] for record, post in posts.items() if post}

    def records(self, query: str = "") -> list[str]:
        """The records that are shown, in their order."""
        return re.findall(r'data-record="([^"]*)"', self.get(query))


@pytest.fixture
def page(a_world: MakeWorld, beside: Callable[[World], InProcess], published: list[Job]) -> Page:
    world = a_world(
        a_seed(
            claims=[a_claim(11), a_claim(12, "20.00", items=[an_item("20.00", code="99-999")])],
            payments=[a_payment(71, 11, "10.00")],
        )
    )
    world.whole_pass()
    published.clear()
    assert set(world.holds()) == {"claim 12"}
    return Page(world, beside(world))


def row_of(text: str, record: str) -> str:
    return text.partition(f'data-record="{record}"')[2].partition("</tr>")[0]


def test_what_needs_somebody_comes_first(page: Page) -> None:
    """Called as people call it, with the reason, what to do about it, and a page in Procore to do it on."""
    text = page.get()
    assert page.records()[0] == "claims 12"
    held = row_of(text, "claims 12")
    assert "Supplier 1, SC-501 claim 12, INV-12, 2026-07-31, 22.00 AUD" in held
    (hold,) = open_holds(page.world.parts.engine, Outcome.HELD)
    assert hold.sentence in held
    assert hold.remedy in held
    assert f'href="{hold.procore_url}"' in held
    assert "not in Xero" in held


def test_what_holds_several_is_said_once_with_their_sum(page: Page) -> None:
    """Above the records, and leads to them; neither what is held alone nor what was acknowledged is among it. The page
    of its task says it, too."""
    assert "project-causes" not in page.get().partition("<main")[2]
    page.world.enter("requisitions", a_claim(10, "30.00", items=[an_item("30.00", code="99-999")]))
    page.world.clock.advance(3600)
    page.world.whole_pass()
    (cause,) = re.findall(r'<a href="([^"]*)">([^<]*: 2 records[^<]*)</a>', page.get())
    assert cause[1].endswith(": 2 records, 55.00 AUD")
    assert page.records(cause[0].removeprefix(HERE)) == ["claims 10", "claims 12"]
    task = f"/task/{page.world.job(JOB_NUMBER).task_id}"
    assert cause[1] in page.get(path=task)
    assert re.findall(r"\((claim \d+)\)<br>", page.get(path=task)) == ["claim 10", "claim 12"]
    hold, _ = open_holds(page.world.parts.engine, Outcome.HELD)
    said = Acceptance("Joan", page.world.clock.now(), "corrected next month", None)
    acknowledge(page.world.parts.engine, JOB_NUMBER, [(hold.short_id, hold.title, hold.sentence)], said)
    assert ": 2 records" not in page.get() + page.get(path=task)


def test_each_record_leads_to_both_its_pages(page: Page) -> None:
    """What was sent is there, too, with its document in Xero."""
    sent = row_of(page.get(), "claims 11")
    (bill,) = page.world.documents("invoices")
    assert "Supplier 1, SC-501 claim 11, INV-11, 2026-07-31, 110.00 AUD" in sent
    assert f"InvoiceID={bill['InvoiceID']}" in sent
    assert f"/{PROJECT_ID}/project/commitments/501/requisitions/11" in sent


@pytest.mark.parametrize(
    ("query", "records"),
    [
        ({"state": "held"}, ["claims 12"]),
        ({"q": "inv-11"}, ["claims 11", "payments 71"]),
        ({"q": "22.00"}, ["claims 12"]),
        ({"q": "supplier inv", "state": "held"}, ["claims 12"]),
        ({"q": "nobody"}, []),
    ],
)
def test_filter_and_search_are_addresses(page: Page, query: dict[str, Any], records: list[str]) -> None:
    """By state, and by what people call a record."""
    assert page.records(f"?{urlencode(query)}") == records


def test_many_records_come_in_pages(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same order over all of them; a page that is not there is the last one."""
    everything = page.records()
    monkeypatch.setattr(one_project, "ROWS", 2)
    pages = -(-len(everything) // 2)
    assert [one for n in range(1, pages + 1) for one in page.records(f"?page={n}")] == everything
    assert page.records("?page=99999") == page.records(f"?page={pages}")
    assert f"Page 1 of {pages}" in page.get("?page=nonsense")


def test_it_shows_its_jobs_and_who_works(page: Page) -> None:
    """Each job leads to its task's page; without a worker or a pass the page says so."""
    job = page.world.job(JOB_NUMBER)
    text = page.get()
    assert f'href="/task/{job.task_id}"' in text
    assert job.message.removeprefix(f"{JOB_NUMBER}: ") in text
    assert "Flower hears of none that is alive." in text
    assert "Calls to Xero:</strong> not limited." in text
    assert "Beat:</strong> The last pass began" in text


def test_it_shows_how_many_calls_are_left(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that its organisation may still make."""
    parts = page.world.parts
    parts.settings = parts.settings.model_copy(update={"xero_calls_per_minute": 60, "xero_calls_per_day": 1000})
    monkeypatch.setitem(parts.__dict__, "broker", fakeredis.FakeRedis())
    monkeypatch.delitem(parts.__dict__, "xero_budget", raising=False)
    for _ in range(3):
        with parts.xero_budget.call() as answered:
            answered({}, 0.0)
    assert "57 of 60 left this minute, 997 of 1,000 left today." in page.get()


def test_its_button_sends_it(page: Page, published: list[Job]) -> None:
    """As the list of projects does, and no second time while it waits."""
    for _ in range(2):
        answer = page.post("send")
        assert (answer.code, [job.job_number for job in published][:1]) == (200, [JOB_NUMBER])
    assert len({job.task_id for job in published}) == 1


@pytest.mark.parametrize(("request_", "code"), STRANGERS)
def test_nobody_else_may(page: Page, published: list[Job], request_: dict[str, Any], code: int) -> None:
    """Without the login, or led here by another page."""
    for action in ("send", "only", "again"):
        assert page.post(action, "claims", "12", **request_).code == code
    assert published == []


def test_one_record_goes_by_its_button(page: Page, published: list[Job]) -> None:
    """Mended in Procore it goes alone, once; while its job waits no other record has a button, nor would it go."""
    page.world.enter("requisitions", a_claim(12, "20.00"))
    page.world.enter("requisitions", a_claim(13))
    assert page.buttons() == {"claims 12": "only"}
    answer = page.post("only", "claims", "12")
    assert "Queued: Supplier 1, SC-501 claim 12, INV-12" in answer.body.decode()
    assert (answer.code, [job.only for job in published]) == (200, ["claims/12"])
    assert page.buttons() == {}
    assert page.post("only", "claims", "12").code == 409
    page.world.run(JOB_NUMBER)
    assert sorted(row["InvoiceNumber"] for row in page.world.documents("invoices")) == ["INV-11", "INV-12"]
    assert "only claim 12 was asked for" in page.get()
    assert page.post("only", "claims", "12").code == 409  # it is in Xero: the page that shows its button is old
    assert len(published) == 1


def test_what_was_voided_goes_again_by_its_button(page: Page, published: list[Job]) -> None:
    """Once, and only where the document is gone: asked for twice, or for one that stands, nothing is started."""
    world = page.world
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    world.procore_edit("requisitions", 11, PROJECT_ID, billing_date="2026-07-30")
    world.run(JOB_NUMBER)
    published.clear()
    assert page.buttons() == {"claims 11": "again", "claims 12": "only"}
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="AUTHORISED")
    stands = page.post("again", "claims", "11")
    assert (stands.code, published) == (409, [])
    assert "still in Xero (AUTHORISED)" in stands.body.decode()
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    assert [page.post("again", "claims", "11").code for _ in range(2)] == [200, 409]
    assert [job.job_number for job in published] == [JOB_NUMBER]
    world.run(JOB_NUMBER)
    assert sorted(row["Status"] for row in world.documents("invoices")) == ["AUTHORISED", "VOIDED"]


def test_what_is_acknowledged_stands_below_what_is_not(page: Page) -> None:
    """With who said so, why and until when; it is held as before once that day is over."""
    (hold,) = open_holds(page.world.parts.engine, Outcome.HELD)
    parts = page.world.parts
    said = Acceptance("Joan", parts.now(), "corrected next month", today(parts))
    acknowledge(page.world.parts.engine, JOB_NUMBER, [(hold.short_id, hold.title, hold.sentence)], said)
    row = row_of(page.get(), "claims 12")
    assert f"Acknowledged by Joan until {said.until}: corrected next month" in row
    assert page.records("?state=held") == []
    assert page.records("?state=known") == ["claims 12"]
    page.world.clock.advance(2 * 86_400)
    assert page.records("?state=held") == ["claims 12"]
    assert "Joan" not in page.get()


def test_a_number_that_nobody_has(page: Page) -> None:
    """Said on the page, whatever is asked of it."""
    assert "No project has this number." in page.get(path="/projects/999", code=404)
    assert page.post("send", path="/projects/999").code == 404
    assert page.post("only", "claims", "12", path="/projects/999").code == 409


def test_a_ledger_that_cannot_be_read_is_said(
    page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A sentence on the page instead of an error, and Flower goes on."""
    empty = Parts(Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('empty')}/none.db"))
    monkeypatch.setattr(one_project, "parts", lambda: empty)
    assert "cannot be shown now" in page.get(code=503)


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_jobs_page_says_what_it_held(page: Page, is_heard: bool) -> None:
    """Whether Flower heard of the task or not: as people call it, why, what to do, and the way to its project."""
    job = page.world.job(JOB_NUMBER)
    if is_heard:
        page.flower.hears(job.task_id, "task-failed")
    text = page.get(path=f"/task/{job.task_id}")
    (hold,) = open_holds(page.world.parts.engine, Outcome.HELD)
    for said in (f'href="{HERE}"', hold.called.said, hold.sentence, hold.remedy, f'href="{hold.procore_url}"'):
        assert said in text


def test_a_jobs_page_tells_what_was_held_then(page: Page) -> None:
    """What was mended since stands with the job that held it, and not with the one that sent it."""
    first = page.world.job(JOB_NUMBER)
    page.world.enter("requisitions", a_claim(12, "20.00"))
    page.world.clock.advance(3600)
    page.world.whole_pass()
    assert page.world.holds() == {}
    second = page.world.job(JOB_NUMBER)
    assert "INV-12" in page.get(path=f"/task/{first.task_id}")
    assert "INV-12" not in page.get(path=f"/task/{second.task_id}")
