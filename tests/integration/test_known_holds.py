"""A job fails for what is held while a person is needed for it now; what is known already is said and fails none."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks.audit import audit_books
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_seed, an_item
from tests.integration.world import World
from worker import assembly
from worker.cli.app import app
from worker.holds import HoldCode
from worker.ledger import accepted
from worker.ledger.accepted import Acceptance
from worker.ledger.database import transaction
from worker.ledger.history import passes
from worker.ledger.holds import open_holds
from worker.ledger.listing import Wish, listing
from worker.ledger.notices import Notices
from worker.ledger.reporting import happened
from worker.ledger.tables import Hold
from worker.ledger.urgent import REMINDER
from worker.reports import page
from worker.reports.books import books
from worker.reports.summary import summary
from worker.reports.wording import of_pass

DAY_S = REMINDER / timedelta(seconds=1)
STRANGE: dict[str, Any] = {"vendor_id": 999_999, "vendor_name": "Nobody", "invoice_number": "INV-12"}


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """A claim that goes, and one that is held; the first pass is over."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12, **STRANGE)]))
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    assert a_pass(world) == "failed"
    return world


def a_pass(world: World) -> str:
    """The state in which the job of the next pass ends."""
    world.clock.advance(1800)
    world.whole_pass()
    return world.job(JOB_NUMBER).state


def acknowledge(world: World, *more: str) -> str:
    """All that is held, by the command line; returns what it printed."""
    with capture_logs():
        result = CliRunner().invoke(
            app, ["acknowledge", JOB_NUMBER, "--held", "--yes", "--why", "the contract comes", *more]
        )
    assert result.exit_code == 0, result.output
    return result.output


def test_what_is_known_and_unchanged_fails_no_job(world: World) -> None:
    """The job is done, and says what is held: in its line, in Projects and in history."""
    assert a_pass(world) == "held"
    assert world.job(JOB_NUMBER).message.startswith(f"{JOB_NUMBER}: done, 1 of ")
    (row,) = listing(world.parts.engine, Wish("held"), world.clock.now().date()).rows
    assert (row.job and row.job.state, row.held) == ("held", 1)
    assert [(run.state, run.held) for run in passes(world.parts.engine, 2)] == [("held", 1), ("failed", 1)]


def test_it_fails_again_after_a_day_as_long_as_nobody_acknowledged_it(world: World) -> None:
    """Once a day, so that it is not forgotten."""
    world.clock.advance(DAY_S)
    assert a_pass(world) == "failed"
    assert a_pass(world) == "held"


def test_a_job_that_a_person_starts_fails_while_something_is_held(world: World) -> None:
    """Who retries wants to know whether it goes now."""
    assert a_pass(world) == "held"
    world.run(JOB_NUMBER)
    assert world.job(JOB_NUMBER).state == "failed"
    acknowledge(world)
    world.run(JOB_NUMBER)
    assert world.job(JOB_NUMBER).state == "held"


def test_a_new_hold_fails_the_job_and_so_does_a_changed_one(world: World) -> None:
    """Also beside what was acknowledged."""
    acknowledge(world)
    world.enter("requisitions", a_claim(13, **STRANGE | {"invoice_number": "INV-13"}))
    assert a_pass(world) == "failed"
    assert world.job(JOB_NUMBER).message.startswith(f"{JOB_NUMBER}: 2 of ")
    assert (
        "held: Nobody, INV-13 (claim 13) vendor_missing; Nobody, INV-12 (" in world.job(JOB_NUMBER).message
    )  # new first
    acknowledge(world)
    assert a_pass(world) == "held"
    world.procore_edit("requisitions", 12, 310, vendor_name="Somebody")
    before = set(world.sentences().values())
    assert a_pass(world) == "failed"
    assert set(world.sentences().values()) != before


def test_another_amount_was_not_acknowledged(world: World) -> None:
    """Who accepted that 100.00 wait has not accepted that 100,000.00 do, though the reason is the same."""
    acknowledge(world)
    world.clock.advance(DAY_S)
    assert a_pass(world) == "held"
    before = world.sentences()
    world.enter("requisitions", a_claim(12, "100000.00", **STRANGE))
    assert (a_pass(world), world.sentences()) == ("failed", before)


def as_an_earlier_version_said(world: World, sentence: str) -> None:
    """What is held, in other words."""
    with transaction(world.parts.engine) as session:
        session.execute(update(Hold).where(Hold.closed_at.is_(None)).values(sentence=sentence))


def test_a_reworded_hold_stays_acknowledged(world: World) -> None:
    """The sentence is the new version's, and the hold the same one, in a pass and when a person asks."""
    now = set(world.sentences().values())
    as_an_earlier_version_said(world, "Procore's directory lacks vendor 999999, Nobody, whom it names.")
    acknowledge(world)
    world.clock.advance(DAY_S)
    assert (a_pass(world), set(world.sentences().values())) == ("held", now)
    world.run(JOB_NUMBER)
    assert world.job(JOB_NUMBER).state == "held"


def test_what_is_known_already_is_not_new_in_other_words(world: World) -> None:
    """Also where nobody acknowledged it: an upgrade alone fails no job."""
    as_an_earlier_version_said(world, "Procore's directory lacks vendor 999999, Nobody, whom it names.")
    assert a_pass(world) == "held"


@pytest.mark.parametrize(("amount", "state"), [("100.00", "held"), ("100000.00", "failed")])
def test_what_was_acknowledged_by_its_words_still_is(world: World, amount: str, state: str) -> None:
    """Under the id of every word of a sentence that no version says any more: as long as each value is the same."""
    before = "Procore's directory lacks vendor 999999, Nobody, whom it names."
    (hold,) = open_holds(world.parts.engine)
    rows = [(hold.earlier_id(before), hold.title, before)]
    said = Acceptance("Joan", world.clock.now(), "the contract comes")
    accepted.acknowledge(world.parts.engine, JOB_NUMBER, rows, said)
    world.clock.advance(DAY_S)
    world.enter("requisitions", a_claim(12, amount, **STRANGE))
    assert a_pass(world) == state
    assert len(accepted.acknowledged(world.parts.engine, world.clock.now().date())[JOB_NUMBER]) == 1
    acknowledge(world)
    assert a_pass(world) == "held"
    (id_,) = accepted.acknowledged(world.parts.engine, world.clock.now().date())[JOB_NUMBER]
    assert id_ == open_holds(world.parts.engine)[0].short_id


def test_what_was_acknowledged_fails_nothing_until_its_day_is_over(world: World) -> None:
    """It stays listed, with who, why and until when; in mail too."""
    last = (world.clock.now() + timedelta(days=3)).date()
    said = acknowledge(world, "--by", "Joan", "--until", last.isoformat())
    assert said.strip() == f"1 held record of {JOB_NUMBER} acknowledged by Joan until {last}."
    world.clock.advance(DAY_S * 2)
    assert a_pass(world) == "held"
    over = world.parts.passes.latest()
    assert over is not None
    (known,) = happened(world.parts.engine, over).acknowledged.values()
    assert known.said == f"acknowledged by Joan until {last}: the contract comes"
    with capture_logs():
        (row,) = json.loads(CliRunner().invoke(app, ["problems", "--json"]).output)["rows"]
        printed = CliRunner().invoke(app, ["problems"]).output
    assert (row["acknowledged_by"], row["acknowledged_until"]) == ("Joan", str(last))
    assert f"acknowledged by Joan until {last}: the contract comes" in " ".join(printed.split())
    assert row["id"] in printed
    world.clock.advance(DAY_S * 2)
    assert a_pass(world) == "failed"


@pytest.mark.parametrize(
    ("until", "sentence"),
    [("31.8.2026", "is no date. Write it like"), ("2020-01-01", "is over. Name a day from today")],
)
def test_a_day_that_is_none_or_over_is_refused(world: World, until: str, sentence: str) -> None:
    """With the form that is understood."""
    arguments = ["acknowledge", JOB_NUMBER, "--held", "--yes", "--why", "so", "--until", until]
    with capture_logs():
        result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())


def test_mail_and_report_begin_with_what_holds_several(a_world: MakeWorld) -> None:
    """One cause, how many records and how much, and what to do once; a hold of its own has no line there."""
    items = [an_item("100.00", cost_type="Z")]
    world = a_world(a_seed(claims=[a_claim(11, items=items), a_claim(12, items=items), a_claim(13, **STRANGE)]))
    world.whole_pass()
    said = "Cost type Z has no account: 2 records, 220.00 AUD"
    (over,) = Notices(world.parts.engine, world.clock.now).over()[-1:]
    found = summary(happened(world.parts.engine, over), "Redgum", world.settings, "https://app.procore.com")
    message, remedy = of_pass(found), HoldCode.ACCOUNT_MISSING.remedy
    assert [(one.said, one.remedy) for one in found.causes] == [(said, remedy)]
    assert message.text.index(f"  {said}\n    To do: {remedy}") < message.text.index("HELD (new)")
    assert message.facts["causes"] == [{"said": said, "remedy": remedy}]
    with capture_logs():
        report = page.html(books(world.parts, audit_books(world.parts).results))
    for text in (message.html, report):
        assert f"<b>{said}.</b>" in text
    assert '<span class="mark bad">' not in report
