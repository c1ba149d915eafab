"""After a pass people are told once, of what is worth it; and a mail server that is down delays nothing else."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tasks import hints
from tests.integration.conftest import POSTGRESQL_IS_DEEP, MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_project, a_seed, a_vendor, an_invoice
from tests.integration.told import Told, told
from tests.integration.world import MAPPING
from tests.listening import text_of
from worker.cli.doctor import examine
from worker.errors import ApiUnavailable, SyncError
from worker.ledger.notices import CUT_OFF, Notices
from worker.owner import owner_name
from worker.procore.message import Hint
from worker.reports.summary import MOST_MOVED, MOST_RECORDS

MakeTold = Callable[..., Told]
NASTY = "<script>alert(1)</script> @channel & Söhne"


@pytest.fixture
def make_told(any_world: MakeWorld) -> Iterator[MakeTold]:
    """On each kind of database."""
    with ExitStack() as stack:
        yield lambda seed=None, **settings: stack.enter_context(contextmanager(told)(any_world, seed, **settings))


@pytest.fixture
def a_told(a_world: MakeWorld) -> Iterator[MakeTold]:
    """On SQLite."""
    with ExitStack() as stack:
        yield lambda seed=None, **settings: stack.enter_context(contextmanager(told)(a_world, seed, **settings))


def a_firm(*amounts: str, **fields: Any) -> dict[str, Any]:
    """Claims 11, 12, … of these amounts."""
    return a_seed(claims=[a_claim(11 + n, amount, **fields) for n, amount in enumerate(amounts)])


@POSTGRESQL_IS_DEEP
def test_a_pass_is_told_once_with_links_into_both_systems(make_told: MakeTold) -> None:
    """Created, held and refused, per project, in plain text, HTML and JSON."""
    people = make_told()
    people.whole_pass()
    people.look()
    (mail,) = people.mailbox.messages
    assert mail["Subject"] == "Procore to Xero: 45 created, 2 adopted; 2 held; 5 new problems"
    text, page = text_of(mail), text_of(mail, "html")
    for said in (
        "25-003 Fairfield Medical Centre Fitout: 8 created, 1 adopted, 2 held",
        "HELD (new): Clearspan Glazing Pty Ltd, SC-003-02 claim 1, CG-0098, 2026-06-30, 9,092.07 AUD (claim 58853)",
        "To do: Choose an existing vendor in Procore",
        "Procore: https://us01.procore.com/310503/project/commitments/702502/requisitions/58853",
        "Job number '24-030' also belongs to",
    ):
        assert said in text
    assert 'href="https://us01.procore.com/310503/project/commitments/702502/requisitions/58853"' in page
    assert "<li>adopted: Kestrel Crane Hire Pty Ltd, paid as" in page
    (body,) = people.web.bodies
    assert (body["kind"], body["created"], body["held"], body["new_problems"]) == ("pass", 45, 2, 5)
    assert {project["job_number"] for project in body["projects"]} == {"24-017", "24-021", "25-003"}
    assert body["text"].startswith("Redgum &amp; Rowe Constructions Pty Ltd: 45 created")


def test_what_jobs_of_messages_moved_and_held_is_told_with_the_next_pass(a_told: MakeTold) -> None:
    """Nobody looks while they run; the pass's own job of that project has nothing left to do. And once."""
    people = a_told(a_firm("100.00"))
    people.whole_pass()
    people.world.enter("direct_costs", an_invoice(92))
    people.world.enter("direct_costs", an_invoice(93, vendor_id=None, vendor=None))
    people.world.clock.advance(60)
    hints.note(people.world.parts, {Hint("invoices", PROJECT_ID)})
    hints.start(people.world.parts, {PROJECT_ID: {"invoices"}}, {PROJECT_ID: people.world.clock.now()})
    people.world.run_all()
    people.look()
    assert len(people.mailbox.messages) == 1
    people.whole_pass()
    assert people.mailbox.subjects[-1] == "Procore to Xero: 1 created; 1 held; 1 new problem"
    assert "DC-92" in people.last_mail
    assert "HELD (new): Supplier 1, " in people.last_mail
    people.whole_pass()
    assert len(people.mailbox.messages) == 2


def test_few_documents_are_named_and_many_are_counted(a_told: MakeTold) -> None:
    """The first pass of a company is no list of a hundred lines; afterwards each document has its links."""
    people = a_told(a_firm(*["100.00"] * MOST_MOVED))
    people.whole_pass()
    people.look()
    assert f"24-017 Tower 310: {MOST_MOVED + 3} created" in people.last_mail
    assert "(claim 11)" not in people.last_mail
    assert len(people.last_mail.splitlines()) < 10
    people.world.enter("requisitions", a_claim(99, "55.00"))
    people.world.clock.advance(3600)
    people.whole_pass()
    people.look()
    assert "created: Supplier 1, SC-501 claim 99, INV-99" in people.last_mail
    assert "Xero:    https://go.xero.com/AccountsPayable/View.aspx?InvoiceID=" in people.last_mail


def test_a_project_leads_to_its_page_in_flower(a_told: MakeTold) -> None:
    """In mails and for programs, where somebody said at which address people open it."""
    people = a_told(a_firm("100.00"), flower_url="https://flower.example.com/")
    people.whole_pass()
    people.look()
    page = f"https://flower.example.com/projects/{PROJECT_ID}"
    (mail,) = people.mailbox.messages
    assert page in text_of(mail).splitlines()[4]
    assert f'<a href="{page}">' in text_of(mail, "html")
    assert people.web.bodies[0]["projects"][0]["page_url"] == page


def test_a_project_that_is_not_synced_any_more_is_named(a_told: MakeTold) -> None:
    """It has a bill in Xero, which may be open."""
    people = a_told(a_firm("100.00"))
    people.whole_pass()
    people.world.procore_edit("projects", PROJECT_ID, active=False)
    people.whole_pass()
    people.look()
    assert "NEW: The project is not active in Procore." in people.last_mail


def test_nothing_is_told_when_nothing_changed(a_told: MakeTold) -> None:
    """What was held before is no news either."""
    people = a_told()
    people.whole_pass()
    people.whole_pass()
    assert len(people.mailbox.messages) == len(people.web.bodies) == 1


@pytest.mark.parametrize(("when", "messages"), [("always", 2), ("never", 0)])
def test_when_people_are_told_is_a_setting(a_told: MakeTold, when: str, messages: int) -> None:
    people = a_told(a_firm("100.00"), report_when=when)
    people.whole_pass()
    people.whole_pass()
    assert len(people.mailbox.messages) == messages


def test_what_changed_and_what_was_solved_is_told(a_told: MakeTold) -> None:
    """Updated apart from created; a record that is not held any more counts as news."""
    people = a_told(a_firm("100.00", "50.00"))
    people.world.procore_edit("requisitions", 12, 310, billing_date=None)
    people.whole_pass()
    assert "1 held; 1 new problem" in people.mailbox.subjects[0]
    people.world.enter("requisitions", a_claim(11, "120.00"))
    people.world.enter("requisitions", a_claim(12, "50.00"))
    people.whole_pass()
    assert people.mailbox.subjects[1] == "Procore to Xero: 1 created, 1 updated; 1 solved"
    assert re.search(r"updated: Supplier 1, .* \(claim 11\)", people.last_mail)


def test_what_was_taken_out_is_told_first_and_named(a_told: MakeTold) -> None:
    """Supplier, number and amount of each document, before whatever was made, and however much that is."""
    people = a_told(a_firm(*["100.00"] * 10))
    people.world.mapping_file.write_text(f'{MAPPING}\n[documents]\ndeleted_in_procore = "void"\n')
    people.whole_pass()
    people.world.procore_delete("requisitions", 11, 310)
    for n in range(MOST_RECORDS):
        people.world.enter("requisitions", a_claim(30 + n))
    people.whole_pass(after_s=25 * 3600)
    assert people.mailbox.subjects[1] == f"Procore to Xero: {MOST_RECORDS} created, 1 withdrawn"
    moved = [line for line in people.last_mail.splitlines() if line.startswith(("  withdrawn:", "  created:"))]
    assert moved[0] == "  withdrawn: bill INV-11 of Supplier 1, 110.00 AUD (claim 11)"


def test_a_problem_that_says_something_else_is_not_new(a_told: MakeTold) -> None:
    """A held record whose sentence changes with its amount is told once."""
    people = a_told(a_firm("100.00", items=[]))
    people.whole_pass()
    before = people.world.sentences()
    people.world.enter("requisitions", a_claim(11, "120.00", items=[]))
    people.whole_pass()
    assert people.world.sentences() != before
    assert len(people.mailbox.messages) == 1


def test_a_pass_is_not_told_before_its_last_job_has_ended(a_told: MakeTold) -> None:
    """A job that comes back is still part of it."""
    people = a_told(a_firm("100.00"))
    world = people.world
    world.discover()
    people.look()
    job = world.parts.jobs.claim(world.job(JOB_NUMBER).task_id, "a worker")
    assert job is not None
    people.look()
    world.parts.jobs.put_back(job.id, "a worker", 60.0, "busy")
    people.look()
    assert people.mailbox.messages == []
    world.run_all()
    people.look()
    assert len(people.mailbox.messages) == 1


def test_a_job_that_stopped_is_told_once(a_told: MakeTold) -> None:
    """Also where records of its project are held from before; the same reason in the next pass is no news."""
    people = a_told(a_firm("100.00"))
    for _ in range(2):
        people.world.clock.advance(1800)
        people.world.discover()
        owner, row = owner_name(), people.world.job(JOB_NUMBER)
        job = people.world.parts.jobs.claim(row.task_id, owner)
        assert job is not None
        people.world.parts.jobs.end(job.id, owner, "failed", f"{JOB_NUMBER}: Procore refused us.", {})
        people.look()
    assert len(people.mailbox.messages) == 1
    assert "STOPPED: Procore refused us." in people.last_mail


def test_a_pass_that_cannot_start_is_told_once(a_told: MakeTold) -> None:
    """With its reason; again when the reason is another one."""
    people = a_told(a_firm("100.00"))
    people.whole_pass()
    for _ in range(2):
        people.world.clock.advance(1800)
        people.world.procore_fault("status", status=403, times=20)
        with pytest.raises(SyncError):
            people.world.discover()
        people.look()
    assert people.mailbox.subjects[1:] == ["Procore to Xero: nothing was started"]
    assert people.world.parts.passes.all()[-1].failed


def test_a_pass_whose_worker_died_is_over_when_the_next_one_begins(a_told: MakeTold) -> None:
    """It is not waited for for ever, and counts as one that started nothing."""
    people = a_told(a_firm("100.00"))
    dead = people.world.parts.passes.start()
    people.look()
    assert people.world.parts.passes.all()[0].finished_at is None
    people.whole_pass()
    seen = people.world.parts.passes.get(dead.id)
    assert seen is not None
    assert (seen.failed, seen.message) == (True, CUT_OFF)


def test_two_workers_tell_it_once(make_told: MakeTold) -> None:
    """However many look at the same moment."""
    people = make_told(a_firm("100.00"))
    people.world.whole_pass()
    workers = [people.world.more_parts() for _ in range(4)]
    begin, failures = threading.Barrier(len(workers)), []

    def work(parts: Any) -> None:
        begin.wait()
        try:
            people.look(parts)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[parts]) for parts in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (len(people.mailbox.messages), len(people.web.bodies)) == (1, 1)


def test_names_are_text_wherever_they_are_shown(a_told: MakeTold) -> None:
    """HTML escapes them, and no chat tool takes one for a call to everybody."""
    people = a_told(
        a_seed(projects=[a_project(name=NASTY)], vendors=[a_vendor(name=NASTY)], claims=[a_claim(11, items=[])])
    )
    people.whole_pass()
    page, chat = text_of(people.mailbox.messages[0], "html"), people.web.bodies[0]["text"]
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; @channel &amp; Söhne" in page
    assert "&lt;script&gt;" in chat
    assert "@channel" not in chat
    assert NASTY in people.last_mail


@POSTGRESQL_IS_DEEP
def test_a_mail_server_that_is_down_delays_the_mail_and_nothing_else(make_told: MakeTold) -> None:
    """It is tried again, the webhook is told at once and once, and the doctor says what did not go."""
    people = make_told(a_firm("100.00"))
    people.mailbox.answers = "451 come back later"
    people.whole_pass()
    people.whole_pass()
    assert [job.state for job in people.world.parts.jobs.latest().values()] == ["done"]
    assert (len(people.web.bodies), people.mailbox.messages) == (1, [])
    (finding,) = [one for one in examine(people.world.parts) if one.about == "Reports"]
    assert (finding.state, "451" in finding.sentence) == ("wrong", True)
    tries = people.mailbox.tries
    people.look()
    assert people.mailbox.tries == tries  # not before its pause is over
    people.mailbox.answers = "250 OK"
    people.world.clock.advance(3600)
    people.look()
    people.look()
    assert (len(people.mailbox.messages), len(people.web.bodies)) == (1, 1)
    assert Notices(people.world.parts.engine, people.world.clock.now).troubled() == []


def test_a_message_that_never_goes_is_given_up_and_said(a_told: MakeTold) -> None:
    """After a day it is not tried any more; it is not forgotten either."""
    people = a_told(a_firm("100.00"), report_webhook_url="", alarm_after_intervals=1000.0)
    people.mailbox.answers = "554 no"
    people.whole_pass()
    tries = []
    for _ in range(8):
        people.world.clock.advance(4 * 3600)
        people.look()
        tries.append(people.mailbox.tries)
    assert tries[0] < tries[4] < tries[5] == tries[-1]
    (notice, *_) = [
        one for one in Notices(people.world.parts.engine, people.world.clock.now).troubled() if one.occasion == "pass 1"
    ]
    assert notice.state == "given_up"


def test_a_worker_that_dies_while_it_sends_leaves_the_message_to_another(a_told: MakeTold) -> None:
    """Nothing is lost; that one is told twice rather than never is marked by the same message id."""
    people = a_told(a_firm("100.00"), report_webhook_url="")
    people.world.whole_pass()

    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("worker.reports.mail.Mail.send", killed)
        with pytest.raises(KeyboardInterrupt):
            people.look()
    people.look()
    assert people.mailbox.messages == []
    people.world.clock.advance(301)
    people.look()
    assert len(people.mailbox.messages) == 1


def test_without_channels_a_pass_is_over_all_the_same(a_world: MakeWorld) -> None:
    """Whoever sets one up later is not told of a month of passes."""
    from tasks import reporting

    world = a_world(a_firm("100.00"))
    world.whole_pass()
    reporting.look(world.parts, {})
    assert world.parts.passes.all()[0].finished_at is not None
    assert Notices(world.parts.engine, world.clock.now).next() is None


def test_a_ledger_that_is_away_is_one_line(a_told: MakeTold, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task ends red with a sentence, and the next look does it."""
    from tasks import reporting
    from tasks.policy import JobFailed

    def away() -> None:
        raise ApiUnavailable("The ledger's database cannot be used.")

    monkeypatch.setattr(reporting, "parts", away)
    with pytest.raises(JobFailed, match="cannot be used"):
        reporting.report()
