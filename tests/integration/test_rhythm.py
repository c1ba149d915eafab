"""`READ_LISTS=when_due`: a project's lists are read when they are likely to have moved, within the hour's calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.flower_app import LOGIN, InProcess
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_contract, a_payment, a_seed, an_invoice
from tests.integration.synced import a_synced_world
from tests.integration.test_closed_tools import close
from tests.integration.world import MAPPING, World
from tests.ledgers import all_lists
from worker.cli import status
from worker.holds import Outcome
from worker.ledger.lists import Lists
from worker.pipeline.read import rhythm

MINUTE_S = 60
LISTS = {
    "requisitions": r"/requisitions$",
    "contracts": r"_contracts$",
    "direct_costs": r"/direct_costs$",
    "vendors": r"/projects/\d+/vendors$",
    "cost_codes": r"/cost_codes$",
}


def rested(make: MakeWorld) -> World:
    """A project that was synced, and in which nothing has moved for a month."""
    seed = a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "5.00")], invoices=[an_invoice(91)])
    return a_synced_world(make, seed, then=month_of_rest, read_lists="when_due")


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    return rested(a_world)


def read_in(world: World, passes: int) -> dict[str, int]:
    """How often each list was read in so many passes, half an hour apart."""
    before = {name: len(world.procore_calls(path)) for name, path in LISTS.items()}
    for _ in range(passes):
        world.clock.advance(30 * MINUTE_S)
        world.whole_pass()
    return {name: len(world.procore_calls(path)) - before[name] for name, path in LISTS.items()}


def month_of_rest(world: World) -> None:
    """Since it was synced nothing has moved in its project."""
    world.clock.advance(31 * 86_400)
    world.whole_pass()
    world.clock.advance(30 * MINUTE_S)
    world.whole_pass()


def test_a_quiet_project_is_read_as_often_as_its_caps_say(world: World) -> None:
    """Claims every two hours, contracts (two lists) and direct costs every four; whole lists not at all."""
    assert read_in(world, 16) == {
        "requisitions": 4,
        "contracts": 4,
        "direct_costs": 2,
        "vendors": 0,
        "cost_codes": 0,
    }


def test_a_job_of_which_no_list_is_due_makes_no_call(world: World) -> None:
    """It is there all the same, and ends well."""
    world.clock.advance(30 * MINUTE_S)
    world.discover()
    before = len(world.procore_calls("."))
    report = world.run(JOB_NUMBER)
    assert len(world.procore_calls(".")) == before
    assert (world.job(JOB_NUMBER).state, report.held) == ("done", 0)


def test_a_person_who_starts_a_job_has_everything_read(world: World) -> None:
    """Whatever is due."""
    before = {name: len(world.procore_calls(path)) for name, path in LISTS.items()}
    world.run(JOB_NUMBER)
    assert all(len(world.procore_calls(path)) > before[name] for name, path in LISTS.items())


def test_a_claim_in_review_is_looked_at_in_every_pass(world: World) -> None:
    """So that its approval is in the books with the pass after it."""
    world.enter("requisitions", a_claim(12, status="under_review"))
    read_in(world, 4)
    assert read_in(world, 6)["requisitions"] == 6
    world.enter("requisitions", a_claim(12))
    read_in(world, 1)
    assert world.bill("INV-12")


def test_what_is_new_arrives_within_its_cap(world: World) -> None:
    """A claim, a payment and a direct cost that nobody announced."""
    world.enter("requisitions", a_claim(12))
    world.enter("direct_costs", an_invoice(92))
    read_in(world, 4)
    assert world.bill("INV-12")
    read_in(world, 4)
    assert world.bill("DC-92")


def test_a_closed_tool_stays_held_until_its_list_is_shown(world: World) -> None:
    """It is asked for again after four hours; a pass that does not ask for it says nothing about it."""
    close(world, 403, "direct_costs", "requisitions")
    read_in(world, 9)
    assert set(world.holds().values()) == {"tool_closed"}
    read_in(world, 3)
    assert len(world.holds()) == 2
    assert world.job(JOB_NUMBER).state == "held"
    world.procore_switch(tools_off={})
    read_in(world, 9)
    assert world.holds() == {}


def test_what_is_forgotten_is_read_with_the_next_pass(world: World) -> None:
    """As after `resend`: a person waits for it."""
    Lists(world.parts.engine, PROJECT_ID).forget()
    assert all(read_in(world, 1).values())


def test_calls_that_do_not_suffice_put_lists_off(world: World) -> None:
    """The pass says so, and the project has its job all the same."""
    world.settings = world.settings.model_copy(update={"procore_calls_per_hour": 1})
    world.parts.settings = world.settings
    world.clock.advance(5 * 3600)
    line = world.discover()
    assert "3 lists that are due wait for a later pass: Procore gives 1 calls an hour" in line
    assert world.job(JOB_NUMBER).lists == ""
    assert len(all_lists(world.parts.engine)) == 5


def test_a_new_project_is_read_however_near_passes_are(a_world: MakeWorld) -> None:
    """A pass of nine calls has fewer than a first reading takes; those that follow have less for it."""
    world = a_world(a_seed(claims=[a_claim(11)]), read_lists="when_due", sync_every_minutes=1)
    world.whole_pass()
    assert world.bill("INV-11")


def test_a_payment_goes_with_the_pass_that_sees_its_bill_approved(a_world: MakeWorld) -> None:
    """Whenever its list would be due."""
    seed = a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "5.00")])
    world = a_world(seed, read_lists="when_due", watch_xero=True)
    world.mapping_file.write_text(f'{MAPPING}\n[documents]\nstatus = "SUBMITTED"\n')
    world.whole_pass()
    month_of_rest(world)
    assert world.holds(Outcome.WAITING) == {"payment 71": "bill_awaiting_approval"}
    world.clock.advance(30 * MINUTE_S)
    world.whole_pass()  # what waits is judged anew every hour, and was so just now
    world.xero_edit("invoices", world.bill("INV-11")["InvoiceID"], Status="AUTHORISED")
    world.clock.advance(60)
    world.whole_pass()
    assert (world.holds(Outcome.WAITING), len(world.documents("payments"))) == ({}, 1)


def test_a_pass_reckons_with_what_shows_changes_and_not_with_a_comparison_of_everything(a_world: MakeWorld) -> None:
    """Each contract's payments are a call when all is compared; a pass that kept calls for them would read too few
    lists. What a comparison took is remembered until the next one."""
    ids = (501, 502, 503)
    claims = [a_claim(id_, commitment_id=id_) for id_ in ids]
    payments = [a_payment(id_, id_, "5.00", contract_id=id_) for id_ in ids]
    seed = a_seed(contracts=[a_contract(id_) for id_ in ids], claims=claims, payments=payments)
    world = a_synced_world(a_world, seed, then=month_of_rest, read_lists="when_due")
    whole = {one.name: one.calls for one in all_lists(world.parts.engine)}
    assert whole["payments"] > rhythm.CHANGED["payments"]
    assert read_in(world, 9)["contracts"] == rhythm.CHANGED["payments"]
    assert {one.name: one.calls for one in all_lists(world.parts.engine)} == whole


def test_people_see_when_each_list_is_due(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    beside: Callable[[World], InProcess],
) -> None:
    """On the terminal, for programs, and on the project's page in Flower."""
    world.clock.advance(10 * MINUTE_S)
    monkeypatch.setattr("worker.assembly.parts", lambda: world.parts)
    status.command(JOB_NUMBER)
    said = " ".join(capsys.readouterr().out.split())
    assert re.search(r"Procore's lists: claims read 40 min ago, due in 1 hour; .*vendors read .* ago, due in", said)
    status.command(JOB_NUMBER, as_json=True)
    (project,) = json.loads(capsys.readouterr().out)["summary"]["projects"]
    rows = all_lists(world.parts.engine)
    assert {one["list"] for one in project["lists"]} == {row.name for row in rows} == {*rhythm.CAPS, *rhythm.WHOLE}
    assert all(one["read_at"] < one["due_at"] for one in project["lists"])
    page = beside(world).ask("GET", f"/projects/{PROJECT_ID}", **LOGIN).body.decode()
    assert page.partition('id="project-lists"')[2].partition("</table>")[0].count("<tr>") == 1 + len(rows)
