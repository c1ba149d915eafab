"""Procore's messages over real HTTP: each is a hint, and starts a project's job once, whatever else it may be."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import structlog

from tasks import hints, publishing
from tests.integration.conftest import POSTGRESQL_IS_DEEP, MakeWorld
from tests.integration.listened import SECRET, Listened, listening
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, VENDOR_ID, a_claim, a_seed, an_invoice
from tests.integration.test_rhythm import LISTS, rested
from tests.integration.world import World
from tests.ledgers import all_lists
from worker.errors import ApiUnavailable
from worker.ledger.hints import make_due
from worker.ledger.lists import Lists
from worker.ledger.tables import Job
from worker.listen import server
from worker.listen.intake import Doing
from worker.listen.server import Rate
from worker.owner import owner_name
from worker.pipeline.read import rhythm


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    """A project that was synced, and in which nothing has moved for a month."""
    return rested(a_world)


@pytest.fixture
def any_rested(any_world: MakeWorld) -> World:
    """The same, on each kind of database in turn."""
    return rested(any_world)


def reads(world: World) -> dict[str, int]:
    return {name: len(world.procore_calls(path)) for name, path in LISTS.items()}


def due(world: World) -> set[str]:
    return {one.name for one in all_lists(world.parts.engine) if one.due_at <= world.clock.now()}


def jobs(world: World) -> list[Job]:
    """Those that are queued or running."""
    return [job for job in world.parts.jobs.latest().values() if job.state in ("queued", "running")]


@pytest.mark.parametrize(
    ("resource", "name", "read"),
    [
        ("Direct Costs", "invoices", {"direct_costs"}),
        ("Contract Payments", "payments", {"contracts"}),
        ("Work Order Contracts", "payments", {"contracts"}),
        ("Requisitions", "claims", {"requisitions"}),
        ("Project Vendors", "vendors", {"vendors"}),
    ],
)
def test_the_list_that_it_is_about_is_read(
    world: World, published: list[Job], resource: str, name: str, read: set[str]
) -> None:
    """It is due from then on, and the project's job reads it and no other one."""
    with listening(world) as listened:
        assert listened.post(listened.message(resource)) == 204
        assert due(world) == {name}
        listened.start_due()
    (job,) = jobs(world)
    assert [one.id for one in published][-1] == job.id
    assert (job.trigger, job.pass_id, job.lists) == ("periodic", None, name)
    before = reads(world)
    world.run(JOB_NUMBER)
    assert {list_ for list_, count in reads(world).items() if count > before[list_]} == read
    assert due(world) == set()


def test_an_approval_is_in_the_books_with_the_job_that_its_message_starts(world: World) -> None:
    """And nothing was read but its list."""
    world.enter("direct_costs", an_invoice(92))
    with listening(world) as listened:
        assert listened.post(listened.message(resource_id="92")) == 204
        listened.start_due()
    world.run(JOB_NUMBER)
    assert world.bill("DC-92")


def test_where_every_list_is_read_the_job_reads_all(a_world: MakeWorld) -> None:
    """READ_LISTS=every_pass knows of no list when it was read."""
    world = a_world(a_seed(claims=[a_claim(11)], invoices=[an_invoice(91)]), read_lists="every_pass")
    world.whole_pass()
    world.enter("direct_costs", an_invoice(92))
    with listening(world) as listened:
        assert listened.post(listened.message()) == 204
        listened.start_due()
    assert [job.lists for job in jobs(world)] == [None]
    world.run(JOB_NUMBER)
    assert world.bill("DC-92")


@POSTGRESQL_IS_DEEP
def test_a_thousand_messages_are_one_job(any_rested: World) -> None:
    """Whether they say the same or not; some are repeats of an earlier one, as Procore sends them."""
    before = len(any_rested.parts.jobs.with_ids(range(1, 1_000)))
    with (
        listening(any_rested, wait_s=0.0) as listened,
        httpx.Client(headers={"Authorization": f"Bearer {SECRET}"}) as client,
    ):
        resources = ("Direct Costs", "Contract Payments")
        messages = [
            listened.message(resources[n % 2], id=f"message-{n // 2}", resource_id=str(n)) for n in range(1_000)
        ]
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda message: client.post(listened.url, json=message).status_code, messages))
        assert set(answers) == {204}
        listened.start_due()
        listened.start_due()
    (job,) = jobs(any_rested)
    assert job.lists == "invoices payments"
    assert len(any_rested.parts.jobs.with_ids(range(1, 1_000))) == before + 1


def test_a_message_that_comes_again_later_costs_a_reading_and_nothing_else(world: World) -> None:
    """A replay of a month-old message: the books stay as they are."""
    since = world.last()
    with listening(world) as listened:
        for _ in range(2):
            assert listened.post(listened.message()) == 204
        listened.start_due()
    assert world.run(JOB_NUMBER).held == 0
    assert world.writes(since) == []


@pytest.mark.parametrize(
    "shown",
    [
        *(
            "",
            "Bearer",
            SECRET,
            f"Bearer {SECRET[:-1]}",
            f"Bearer {SECRET}x",
            f"bearer {SECRET}",
            f"Bearer {SECRET.upper()}",
        ),
        f"Bearer {SECRET}, Bearer {SECRET}",
        f"Bearer {'ü' * 40}",
    ],
    ids=map(str, range(9)),
)
def test_who_has_not_the_secret_gets_nowhere(world: World, shown: str) -> None:
    """And is not told why."""
    with listening(world) as listened:
        answer = httpx.post(listened.url, json=listened.message(), headers=[(b"Authorization", shown.encode())])
        assert (answer.status_code, answer.content) == (401, b"")
        assert httpx.post(listened.url, json=listened.message()).status_code == 401
        listened.start_due()
    assert (due(world), jobs(world)) == (set(), [])


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[[[[", b"null", b"\x00\xff", b'{"company_id": 1e999}'],
)
def test_what_is_no_message_is_answered_and_forgotten(world: World, body: bytes) -> None:
    """It would not get better by coming again."""
    with listening(world) as listened:
        assert listened.post(body) == 204
        listened.start_due()
    assert (due(world), jobs(world)) == (set(), [])


def test_what_is_not_ours_to_sync_starts_nothing_and_says_why(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown project, one that is refused, another company, another tool; each with a line for who looks for it."""
    for module in (hints, server):  # an earlier test may have had them say less
        monkeypatch.setattr(module, "log", structlog.get_logger())
    world.procore_edit(
        "projects", 900, None, name="Office", active=True, project_number="", project_stage={"name": "Bid"}
    )
    world.discover()
    world.run_all()
    with listening(world) as listened:
        for message in (
            listened.message(project_id=4_711),
            listened.message(project_id=900),
            listened.message(company_id="1"),
            listened.message("RFIs"),
            listened.message("Company Vendors", project_id=None, resource_id="4711"),
        ):
            assert listened.post(message) == 204
        listened.start_due()
    assert (due(world), jobs(world)) == (set(), [])
    said = capsys.readouterr().out
    assert "no pass has seen it" in said
    assert "Its stage is 'Bid'" in said
    assert "another company" in said
    assert "not synced" in said
    assert "no project has it" in said


@POSTGRESQL_IS_DEEP
def test_a_vendor_of_the_company_is_read_where_it_was_sent_from(any_rested: World) -> None:
    """One project is enough: the contact is one for all of them."""
    with listening(any_rested) as listened:
        assert listened.post(listened.message("Company Vendors", project_id=None, resource_id=str(VENDOR_ID))) == 204
        listened.start_due()
    assert [job.lists for job in jobs(any_rested)] == ["vendors"]


def test_a_changed_project_is_judged_by_a_worker(world: World) -> None:
    """Who listens has no login of Procore; however many messages come, it is asked for once in five minutes."""
    with listening(world) as listened:
        for project in (PROJECT_ID, 4_711):
            assert listened.post(listened.message("Projects", None, resource_id=str(project))) == 204
        listened.start_due()
        assert listened.judged == [{PROJECT_ID, 4_711}]
        assert listened.post(listened.message("Projects", None, resource_id=str(PROJECT_ID))) == 204
        listened.start_due()
        assert listened.judged == [{PROJECT_ID, 4_711}]


@POSTGRESQL_IS_DEEP
def test_what_comes_while_the_job_runs_is_read_by_the_next_one(any_rested: World) -> None:
    """The running job may have read the list already; one that began after the message has not."""
    any_rested.parts.jobs.hurry(JOB_NUMBER, "")
    (queued,) = jobs(any_rested)
    running = any_rested.parts.jobs.claim(queued.task_id, owner := owner_name())
    assert running is not None
    any_rested.clock.advance(1)
    with listening(any_rested) as listened:
        assert listened.post(listened.message()) == 204
        listened.start_due()
        assert [job.id for job in jobs(any_rested)] == [running.id]
        any_rested.carry_out(running, owner, any_rested.parts)
        listened.run(listened.intake.start_due(all_of_them=True))
    assert [(job.id > running.id, job.lists) for job in jobs(any_rested)] == [(True, "invoices")]


def test_what_comes_due_while_it_is_read_stays_due(world: World) -> None:
    """The reading may have passed what the message is about."""
    engine, lists, began = world.parts.engine, Lists(world.parts.engine, PROJECT_ID), world.clock.now()
    (read,) = [one for one in all_lists(engine) if one.name == "invoices"]
    read = replace(read, read_at=began, due_at=began + timedelta(hours=4))
    for told_at, is_due in ((began - timedelta(seconds=1), False), (began + timedelta(seconds=1), True)):
        make_due(engine, {PROJECT_ID: ["invoices"]}, told_at)
        lists.note(read, began + timedelta(seconds=2))
        world.clock.advance(5)
        assert due(world) == ({"invoices"} if is_due else set())


@POSTGRESQL_IS_DEEP
def test_a_job_that_waits_reads_what_a_message_is_about_as_well(any_rested: World) -> None:
    """One job for both, and its message stays the same."""
    any_rested.clock.advance(timedelta(hours=2).total_seconds())
    any_rested.discover()
    (waiting,) = jobs(any_rested)
    assert waiting.lists == "claims"
    with listening(any_rested) as listened:
        listened.post(listened.message())
        listened.start_due()
    assert [(job.id, job.task_id, job.lists) for job in jobs(any_rested)] == [
        (waiting.id, waiting.task_id, "claims invoices")
    ]


def test_a_body_that_is_too_large_is_not_read(world: World) -> None:
    """Whether its size is said beforehand or not."""
    with listening(world) as listened:
        large = b'{"x": "' + b"x" * (server.MOST_BYTES + 1) + b'"}'
        assert _answer(listened, large) in (b"400", b"413", b"")
        assert _answer(listened, large, chunked=True) in (b"400", b"413", b"")
        assert listened.post(listened.message()) == 204


def test_who_sends_slowly_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers or a body that do not end; others are answered meanwhile."""
    monkeypatch.setattr(server, "BODY_S", 0.3)
    monkeypatch.setattr(server, "HEADERS_S", 0.3)
    with listening(world) as listened:
        for begun in (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", b"POST / HTTP/1.1\r\nHo"):
            with _connected(listened) as connection:
                connection.sendall(begun)
                assert listened.post(listened.message()) == 204
                connection.settimeout(10)
                assert connection.recv(100) == b""


def test_no_more_connections_than_there_is_room_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is closed at once, and there is room again when one has gone."""
    monkeypatch.setattr(server, "CONNECTIONS", 1)
    with listening(world) as listened:
        with _connected(listened) as first:
            first.sendall(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n")
            assert first.recv(1_000).startswith(b"HTTP/1.1 204")
            with _connected(listened) as second:
                second.settimeout(10)
                assert second.recv(100) == b""
        deadline = time.monotonic() + 10
        while not _answers(listened) and time.monotonic() < deadline:
            pass
        assert _answers(listened)


def test_more_messages_than_it_takes_come_again(world: World) -> None:
    """Procore sends what was not answered with 2xx again, later and later."""
    with listening(world, rate=Rate(rate=0.0, burst=2.0)) as listened:
        assert [listened.post(listened.message()) for _ in range(3)] == [204, 204, 429]
        assert listened.post(listened.message(), "wrong") == 401


def test_without_the_ledger_a_message_has_to_come_again(world: World) -> None:
    """Nothing was noted, so nothing is answered for."""

    def away(*_: Any) -> Any:
        raise ApiUnavailable("The ledger cannot be reached.")

    with listening(world, Doing(away, away, away)) as listened:
        assert [listened.post(listened.message()) for _ in range(2)] == [503, 503]


def test_without_the_broker_the_job_waits_in_the_ledger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is answered; a worker finds the job there when the broker is back."""

    def away(*_: Any) -> None:
        raise ApiUnavailable("The broker cannot be reached.")

    monkeypatch.setattr(publishing, "publish", away)
    with listening(world) as listened:
        assert listened.post(listened.message()) == 204
        listened.start_due()
    (job,) = jobs(world)
    world.clock.advance(60)
    assert [one.id for one in world.parts.jobs.strand(3_600, ("periodic",))] == [job.id]


def test_messages_wait_while_they_have_used_their_half_of_the_hour(world: World) -> None:
    """Else a flood of them left nothing to passes and people. The list is due all the same, and its job starts as soon
    as there are calls."""

    def allow(calls: int) -> None:
        world.settings = world.parts.settings = world.settings.model_copy(update={"procore_calls_per_hour": calls})

    allow(2 * rhythm.OF_A_MESSAGE)
    with listening(world) as listened:
        assert listened.post(listened.message()) == 204
        listened.start_due()
        assert (due(world), jobs(world)) == ({"invoices"}, [])
        allow(3 * rhythm.OF_A_MESSAGE)
        listened.run(listened.intake.start_due(all_of_them=True))
        assert [job.lists for job in jobs(world)] == ["invoices"]


def test_it_says_nothing_about_itself(world: World) -> None:
    """Neither which server it is, nor anything of a page that is not there."""
    with listening(world) as listened:
        for method in ("GET", "PUT", "HEAD"):
            answer = httpx.request(method, listened.url)
            assert (answer.status_code, answer.content, answer.headers.get("Server")) == (405, b"", None)
        assert httpx.get(listened.url.replace("procore", "healthcheck")).status_code == 204


def _connected(listened: Listened) -> socket.socket:
    parts = urlsplit(listened.url)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 0))


def _answers(listened: Listened) -> bool:
    try:
        return httpx.get(listened.url.replace("procore", "healthcheck")).status_code == 204
    except httpx.TransportError:
        return False


def _answer(listened: Listened, body: bytes, chunked: bool = False) -> bytes:
    """The status of an answer to a body as it is; blank when the connection was closed."""
    size = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(body)
    sent = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    with _connected(listened) as connection:
        connection.settimeout(10)
        head = b"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n" % (SECRET.encode(), size)
        try:
            connection.sendall(head + sent)
            return connection.recv(1_000)[9:12]
        except ConnectionError:
            return b""
