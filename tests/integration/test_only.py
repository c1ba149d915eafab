"""`send --only`: one record arrives with what it names, nothing else is written, and the next pass sends the rest."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner, Result

from tasks import publishing
from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    a_claim,
    a_contract,
    a_cost_code,
    a_payment,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.world import World
from worker import assembly
from worker.cli.app import app
from worker.errors import Fatal, OutcomeUnknown
from worker.ledger import history
from worker.ledger.hints import joins
from worker.ledger.jobs import Wanted
from worker.plan.values import Action

OTHER = {"vendor_id": 2, "commitment_id": 502}
CODES = [a_cost_code(), a_cost_code("05-120", "Steel")]


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """Claims of two suppliers, a payment, a direct cost; and one claim that is held."""
    steel = [an_item("80.00", code="05-120")]
    made = a_world(
        a_seed(
            vendors=[a_vendor(), a_vendor(2)],
            cost_codes=CODES,
            contracts=[a_contract(), a_contract(502)],
            claims=[a_claim(11), a_claim(12, "80.00", items=steel, **OTHER), a_claim(13, items=[])],
            payments=[a_payment(21, 11, "60.00")],
            invoices=[an_invoice(31, invoice_number="DC-31")],
        )
    )
    monkeypatch.setattr(assembly, "_parts", made.parts)
    return made


def only(world: World, key: str) -> str:
    """The line in which a job of this record ends."""
    world.parts.jobs.queue([Wanted(JOB_NUMBER, "", only=key)], "manual")
    return world.run(JOB_NUMBER).line


def standing(world: World) -> dict[str, list[str]]:
    """What is in Xero, as people call it."""
    return {
        "bills": sorted(row["InvoiceNumber"] for row in world.documents("invoices")),
        "contacts": sorted(row["Name"] for row in world.documents("contacts")),
        "payments": sorted(str(row["Amount"]) for row in world.documents("payments")),
    }


def test_a_claim_arrives_with_what_it_names_and_nothing_else(world: World) -> None:
    """Before the first sync: the project's option, its supplier's contact, its cost code, then the bill."""
    before = standing(world)
    assert only(world, "claims/12").endswith("; only claim 12 was asked for")
    assert standing(world)["bills"] == sorted([*before["bills"], "INV-12"])
    assert standing(world)["contacts"] == sorted([*before["contacts"], "Supplier 2"])
    assert standing(world)["payments"] == before["payments"]
    assert world.holds() == {}  # of claim 13 nothing is known
    paths = [entry["path"].rpartition("/api.xro/2.0")[2] for entry in world.writes()]
    assert paths[-1].startswith("/Invoices")
    assert not [path for path in paths if "Payments" in path]
    world.whole_pass()
    assert standing(world)["bills"] == sorted([*before["bills"], "DC-31", "INV-11", "INV-12"])
    assert [(row["InvoiceNumber"], row["Status"]) for row in world.documents("invoices")].count(
        ("INV-12", "AUTHORISED")
    ) == 1
    assert world.bill("INV-11")["AmountPaid"] == "60.00"


def test_a_payment_brings_its_claim(world: World) -> None:
    """The bill first, then its payment; a claim that stands is left as it is."""
    only(world, "payments/21")
    assert (world.bill("INV-11")["AmountPaid"], world.holds()) == ("60.00", {})
    mark = world.last()
    only(world, "payments/21")
    assert world.writes(mark) == []


def test_a_direct_cost_alone(world: World) -> None:
    """Of each kind of bill."""
    only(world, "invoices/31")
    assert "INV-11" not in standing(world)["bills"]
    assert world.bill("DC-31")["SubTotal"] == "50.00"


def test_what_is_held_says_why_and_others_do_not_count(world: World) -> None:
    """A job of one record ends as that record does."""
    world.whole_pass()
    assert list(world.holds()) == ["claim 13"]
    report = only(world, "claims/11")
    assert report.startswith(f"{JOB_NUMBER}: 2 records: 0 sent, 2 unchanged")
    assert "1 of " in only(world, "claims/13")


def test_history_and_export_count_for_a_record_s_job_what_its_own_line_does(world: World) -> None:
    """Of the two jobs one was about the claim that is held."""
    world.whole_pass()
    for key in ("claims/11", "claims/13"):
        only(world, key)
    jobs = history.newest_jobs(world.parts.engine, JOB_NUMBER, 2)
    counted = [run.held for run in history.jobs_of(world.parts.engine, JOB_NUMBER, 2)]
    listed = [[hold.title for _, hold in history.held_after(world.parts.engine, [job])] for job in jobs]
    assert (counted, listed) == ([1, 0], [["claim 13"], []])


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
def test_an_answer_that_was_lost_makes_no_second_bill(world: World, kind: str) -> None:
    """Never twice, whoever asks for what: the job comes back, then the whole pass, then the record again."""
    world.fault(kind, "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        only(world, "claims/12")
    world.clock.advance(500)
    world.run_through(JOB_NUMBER)
    world.whole_pass()
    only(world, "claims/12")
    assert [row["InvoiceNumber"] for row in world.documents("invoices")].count("INV-12") == 1


def test_what_procore_does_not_show_is_said(world: World) -> None:
    """Nothing of it is written, and nothing is said of the record."""
    with pytest.raises(Fatal, match=f"Procore does not show claim 99 of {JOB_NUMBER}"):
        only(world, "claims/99")
    assert world.holds() == {}


def send(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["send", JOB_NUMBER, *arguments], prog_name="procore-xero")


def test_a_number_is_found_before_anything_was_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Procore's own lists; then one job at a time, and a whole one that is asked for makes it whole."""
    monkeypatch.setattr(publishing, "publish", lambda *_: None)
    unknown = send("--only", "INV-99")
    where = f"has no record 'INV-99'. `procore-xero plan {JOB_NUMBER}` lists its records."
    assert (unknown.exit_code, where in " ".join(unknown.stderr.split())) == (2, True)
    assert send("--only", "inv-12").exit_code == 0
    assert world.job(JOB_NUMBER).only == "claims/12"
    assert not joins(world.parts.engine, JOB_NUMBER, ["claims"], world.clock.now())  # a message waits for it
    busy = send("--only", "INV-11")
    assert "A job of 24-017 waits or runs already." in " ".join(busy.stderr.split())
    assert busy.exit_code != 0
    assert send().exit_code == 0
    assert world.job(JOB_NUMBER).only is None


def test_retry_is_of_the_same_record(world: World) -> None:
    """Flower's Retry and `retry` start what was asked for."""
    only(world, "claims/13")
    job = world.job(JOB_NUMBER)
    again = world.parts.jobs.retry({"id": job.id})
    assert again is not None
    assert again.only == "claims/13"
    world.run(JOB_NUMBER)
    assert standing(world)["bills"] == []


def test_a_plan_of_one_record_says_what_its_job_does_then(world: World) -> None:
    """With what it names that is not in Xero yet, and nothing else; the very calls that it would cost."""
    (found,) = plan(world.parts, JOB_NUMBER, only=("claims", "12"))
    created = {(step.kind, step.procore_id) for step in found.steps if step.action is Action.CREATE}
    assert ("claims", "12") in created
    assert not created & {("claims", "11"), ("payments", "21"), ("invoices", "31")}
    assert standing(world)["bills"] == []
    mark = world.last()
    only(world, "claims/12")
    assert found.writes == len(world.writes(mark))
    (again,) = plan(world.parts, JOB_NUMBER, only=("claims", "12"))
    assert again.is_done


def test_a_plan_of_one_record_is_typed_as_its_job_is(world: World) -> None:
    """By what people call it, also before it was ever read; of a project that is named."""
    typed = ["plan", JOB_NUMBER, "--only", "INV-12"]
    said = CliRunner().invoke(app, typed, prog_name="procore-xero")
    assert said.exit_code == 0
    assert "create Supplier 1, " in said.stdout
    assert "INV-11" not in said.stdout
    assert f"To do it: procore-xero send {JOB_NUMBER} --only INV-12" in " ".join(said.stdout.split())
    assert CliRunner().invoke(app, ["plan", "--only", "INV-12"]).exit_code == 2
