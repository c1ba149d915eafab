"""New bills of several projects go in one request, and none of them waits for another one's fault."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tasks.policy import Report
from tests.breaking import Boundary
from tests.integration.conftest import POSTGRESQL_IS_DEEP, MakeWorld
from tests.integration.seeds import a_claim, a_contract, a_cost_code, a_project, a_seed, an_invoice
from tests.integration.site import served
from tests.integration.synced import a_synced_world
from tests.integration.test_locked_periods import lock
from tests.integration.world import World
from worker.errors import HandedOver, Retriable
from worker.ledger.database import transaction
from worker.ledger.handed_over import HandedOver as Ledger
from worker.ledger.moved import moves
from worker.ledger.tables import ProjectRow

#: The first project's id.
FIRST = 310


def several(count: int, *, billed: bool = False) -> dict[str, Any]:
    """So many projects, each with a contract of the one supplier and nothing else, but for a claim where they are
    billed."""
    ids = range(FIRST, FIRST + count)
    own: dict[int, dict[str, Any]] = {
        id_: {
            "project_vendors": [1],
            "cost_codes": [a_cost_code()],
            "work_order_contracts": [a_contract(5000 + id_)],
            "requisitions": [claim_of(id_)] if billed else [],
            "contract_payments": [],
            "direct_costs": [],
        }
        for id_ in ids
    }
    return a_seed(projects=[a_project(id_, job_number(id_)) for id_ in ids], more=own)


def job_number(project_id: int) -> str:
    return f"24-{project_id}"


def claim_of(project_id: int, **fields: Any) -> dict[str, Any]:
    return a_claim(project_id, "100.00", commitment_id=5000 + project_id, **fields)


def new_claims(world: World, project_ids: Iterable[int], **fields: Any) -> None:
    """A claim more for each of these projects, under the project's id."""
    for id_ in project_ids:
        world.enter("requisitions", claim_of(id_, **fields), id_)


def new_credits(world: World, project_ids: Iterable[int]) -> None:
    """A claim below nothing for each of these, which becomes a credit note."""
    for id_ in project_ids:
        world.enter("requisitions", a_claim(1000 + id_, "-40.00", commitment_id=5000 + id_), id_)


def credits_of(project_ids: Iterable[int]) -> list[str]:
    return numbers(1000 + id_ for id_ in project_ids)


def xero_calls(world: World, since: int) -> Counter[str]:
    """By method and list, but for what a token refuses that is too old for a clock that was turned."""
    made = [entry for entry in world.journal(since) if entry["status"] != 401]
    return Counter(f"{entry['method']} {entry['path'].rsplit('/')[-1]}" for entry in made)


FIVE = range(FIRST, FIRST + 5)
#: Those that bring something; the last one's job ends a pass.
FOUR = FIVE[:-1]
ONE, TWO, THREE, FOURTH = FOUR


def synced(make: MakeWorld, seed: Mapping[str, Any], **settings: Any) -> World:
    """A while after the first sync, and after everything was compared."""
    world = a_synced_world(make, seed, **settings)
    world.clock.advance(1800)
    return world


@pytest.fixture
def five(a_world: MakeWorld) -> World:
    """Five projects that were synced before."""
    return synced(a_world, several(5))


def bills(world: World) -> list[str]:
    return sorted(bill[1] for bill in world.books()["bills"])


def numbers(project_ids: Iterable[int]) -> list[str]:
    return [f"INV-{id_}" for id_ in project_ids]


def handed_over(world: World) -> None:
    """The pass begins, and the four jobs have handed over their claims."""
    world.discover()
    for id_ in FOUR:
        with pytest.raises(HandedOver, match=rf"^1 (bill|credit note) of {job_number(id_)} goes to Xero"):
            world.run(job_number(id_))
    world.clock.advance(120)


def comes_back(world: World, project_ids: Iterable[int] = FIVE) -> dict[int, Report]:
    return {id_: world.run(job_number(id_)) for id_ in project_ids}


def sent(reports: Mapping[int, Report]) -> dict[int, int]:
    return {id_: report.counts.get("claims", {}).get("sent", 0) for id_, report in reports.items()}


def test_new_claims_of_a_pass_go_in_one_request(five: World) -> None:
    """Four projects with one each cost two looks and one write, which is what one alone costs."""
    new_claims(five, FOUR)
    handed_over(five)
    since = five.last()
    reports = comes_back(five)
    assert xero_calls(five, since) == {"GET Invoices": 2, "PUT Invoices": 1}
    assert (bills(five), sent(reports)) == (numbers(FOUR), {**dict.fromkeys(FOUR, 1), FIVE[-1]: 0})
    assert {five.job(job_number(id_)).state for id_ in FIVE} == {"done"}


def test_each_job_has_moved_its_own(five: World) -> None:
    """History and reports name a bill with the project whose claim it is, whichever job sent it."""
    new_claims(five, FOUR)
    five.whole_pass()
    for id_ in FIVE:
        job = five.job(job_number(id_))
        its = [(move.procore_id, move.project_id, move.done) for move in moves(five.parts.engine, [job.id])]
        assert its == ([(str(id_), id_, "created")] if id_ in FOUR else [])
    together = moves(five.parts.engine, [five.job(job_number(id_)).id for id_ in FIVE])
    assert len(together) == len(FOUR)


def test_direct_costs_go_together_beside_claims(five: World) -> None:
    """What does not need the claims is handed over with them, so that a job comes back once."""
    new_claims(five, [ONE])
    for id_ in (ONE, TWO):
        five.enter("direct_costs", an_invoice(1000 + id_, "50.00"), id_)
    since = five.last()
    five.whole_pass()
    assert xero_calls(five, since)["PUT Invoices"] == 2
    assert {five.job(job_number(id_)).attempt for id_ in (ONE, TWO)} == {2}
    assert len(bills(five)) == 3


def test_credit_notes_go_together_beside_bills(five: World) -> None:
    """At an address of their own: a job that has both sends two requests for all, one of bills takes bills along."""
    new_claims(five, FOUR)
    new_credits(five, (TWO, THREE, FOURTH))
    five.discover()
    for id_ in FOUR:
        notes = "" if id_ == ONE else " and 1 credit note"
        with pytest.raises(HandedOver, match=rf"^1 bill{notes} of {job_number(id_)} go"):
            five.run(job_number(id_))
    five.clock.advance(120)
    since = five.last()
    reports = comes_back(five)
    calls = xero_calls(five, since)
    assert (calls["PUT Invoices"], calls["PUT CreditNotes"]) == (1, 1)
    assert (bills(five), five.holds()) == (sorted([*numbers(FOUR), *credits_of((TWO, THREE, FOURTH))]), {})
    assert sent(reports) == {ONE: 1, **dict.fromkeys((TWO, THREE, FOURTH), 2), FIVE[-1]: 0}


def test_a_job_alone_waits_for_nobody(five: World) -> None:
    """A person's job sends at once; so does the last one of a pass, and it takes along what waits."""
    new_claims(five, [FIVE[-1]])
    five.discover()
    for id_ in FOUR:
        five.run(job_number(id_))
    assert comes_back(five, FIVE[-1:])[FIVE[-1]].counts["claims"]["sent"] == 1
    new_claims(five, [ONE, TWO])
    assert five.parts.jobs.hurry(job_number(ONE), "") is not None
    assert comes_back(five, [ONE])[ONE].counts["claims"]["sent"] == 1
    assert bills(five) == numbers([ONE, FIVE[-1]])


def test_a_job_waits_for_as_long_as_the_others_need(five: World) -> None:
    """At the pace of the pass so far; the last one of a pass waits for nobody, and the one before it for a minute."""
    new_claims(five, FOUR)
    five.discover()
    waits: list[float] = []
    for id_ in FOUR:
        five.clock.advance(100)
        with pytest.raises(HandedOver) as handed:
            five.run(job_number(id_))
        waits.append(handed.value.retry_in_s)
    assert waits == pytest.approx([400, 300, 200, 100], rel=0.02)


@pytest.mark.parametrize("later_s", [0, 2 * 3600])
def test_what_came_since_is_the_next_passs(five: World, later_s: int) -> None:
    """A job comes back while others are still to come, and what it had handed over has gone: a claim that came since
    would cost as much as all of theirs. Nothing is said of it, and the next pass brings it, however late that job came
    back."""
    new_claims(five, [ONE, TWO])
    five.discover()
    for id_ in (ONE, TWO):
        with pytest.raises(HandedOver):
            five.run(job_number(id_))
    five.clock.advance(60)
    five.enter("requisitions", a_claim(999, "100.00", commitment_id=5000 + TWO), TWO)
    five.clock.advance(later_s)
    reports = comes_back(five, [ONE, TWO])
    assert (sent(reports), bills(five)) == ({ONE: 1, TWO: 1}, numbers([ONE, TWO]))
    comes_back(five, [THREE, FOURTH, FIVE[-1]])
    five.clock.advance(1800)
    five.whole_pass()
    assert bills(five) == [*numbers([ONE, TWO]), "INV-999"]


def test_a_person_need_not_wait(five: World) -> None:
    """A job that was started by hand while its claim waits sends it, and what waits with it."""
    new_claims(five, FOUR)
    five.discover()
    for id_ in (ONE, TWO):
        with pytest.raises(HandedOver):
            five.run(job_number(id_))
    assert five.parts.jobs.hurry(job_number(TWO), "") is not None
    assert comes_back(five, [TWO])[TWO].counts["claims"]["sent"] == 1
    assert bills(five) == numbers([ONE, TWO])


def test_a_setting_turns_it_off(a_world: MakeWorld) -> None:
    """Then each project sends its own, and no job comes back."""
    world = synced(a_world, several(3), share_requests_after_s=0)
    new_claims(world, [ONE, TWO])
    since = world.last()
    world.whole_pass()
    assert len(world.writes(since)) == 2
    assert world.job(job_number(ONE)).attempt == 1


# --- one project's fault is its own ----------------------------------------------------------------------------------


def test_one_that_is_refused_is_held_alone(five: World) -> None:
    """Xero takes the others of the request. The refused one goes alone, and is held with Xero's words."""
    new_claims(five, FOUR)
    handed_over(five)
    five.wire.before("PUT", "/Invoices", five.spoil("Invoices", 2, Date="2000-01-01"))
    since = five.last()
    reports = comes_back(five, [ONE, TWO])
    assert bills(five) == numbers([ONE, TWO, FOURTH])
    five.wire.before("PUT", "/Invoices", five.spoil("Invoices", 0, Date="2000-01-01"))
    reports |= comes_back(five, [THREE, FOURTH])
    assert (list(five.holds()), sent(reports)) == ([f"claim {THREE}"], {**dict.fromkeys(FOUR, 1), THREE: 0})
    assert len(five.writes(since)) == 2


def test_a_request_that_is_refused_is_split(five: World) -> None:
    """Refused as a whole, it is looked up; then each job sends its own, and the one that is refused alone is held."""
    new_claims(five, FOUR)
    handed_over(five)
    five.fault("status", "PUT", "/Invoices", status=400)
    reports = comes_back(five)
    assert (bills(five), sent(reports)) == (numbers(FOUR), {**dict.fromkeys(FOUR, 1), FIVE[-1]: 0})
    assert len(five.writes(path="/Invoices")) == 1 + len(FOUR)
    assert five.holds() == {}


@pytest.mark.parametrize("own", [ONE, FOURTH], ids=["taken along", "its own"])
def test_one_that_an_answer_leaves_out_is_looked_for_at_once(five: World, own: int) -> None:
    """Whether it was taken along or is the job's own: it is proved by what is there, in the same job."""
    new_claims(five, FOUR)
    handed_over(five)
    five.fault("cut_short", "PUT", "/Invoices")  # it leaves the last of them out
    reports = comes_back(five, [own])
    assert five.holds() == {}
    since = five.last()
    reports |= comes_back(five, set(FOUR) - {own})
    assert (sent(reports), xero_calls(five, since)) == (dict.fromkeys(FOUR, 1), {})
    assert bills(five) == numbers(FOUR)


def test_one_that_nothing_shows_is_held_and_does_not_go_again(five: World) -> None:
    """Neither the answer nor reading shows it, so nobody knows, and the others are settled."""
    new_claims(five, FOUR)
    handed_over(five)
    five.fault("cut_short", "PUT", "/Invoices")
    five.wire.before("PUT", "/Invoices", five.spoil("Invoices", 3, Url="https://elsewhere.example/1"))
    reports = comes_back(five, [FOURTH, ONE, TWO, THREE])
    assert five.holds() == {f"claim {FOURTH}": "proof_failed"}
    assert (sent(reports), len(five.writes(path="/Invoices"))) == ({**dict.fromkeys(FOUR, 1), FOURTH: 0}, 1)


def test_one_that_is_there_already_is_left_to_its_own_job(five: World) -> None:
    """A bill that a person typed is found for another project's claim, too, and that claim is held by its own job."""
    new_claims(five, FOUR)
    handed_over(five)
    contact = next(row for row in five.documents("contacts") if row["Name"] == "Supplier 1")
    line = {"Description": "Slab", "Quantity": 1, "UnitAmount": 100, "AccountCode": "320", "TaxType": "INPUT"}
    bill = {"Type": "ACCPAY", "InvoiceNumber": f"INV-{TWO}", "Contact": {"ContactID": contact["ContactID"]}}
    dates = {"Date": "2026-07-30", "DueDate": "2026-08-30", "Status": "AUTHORISED", "LineAmountTypes": "Exclusive"}
    five.type_in_xero("Invoices", {**bill, **dates, "LineItems": [line]})
    since = five.last()
    reports = comes_back(five)
    assert len(five.writes(since)) == 1
    assert (bills(five), five.holds()) == (numbers(FOUR), {f"claim {TWO}": "already_in_xero"})
    assert sent(reports)[TWO] == 0


def test_what_is_locked_while_it_waits_is_not_taken_along(five: World) -> None:
    """A person closes the month while claims wait, and Xero would let an adviser's app post in it: each job holds its
    own, and one of another month goes."""
    new_claims(five, [ONE, TWO])
    new_claims(five, [THREE, FOURTH], billing_date="2026-08-31")
    handed_over(five)
    five.xero_switch(is_adviser=True)
    lock(five, "2026-07-31")
    five.clock.advance(300)
    comes_back(five, [THREE, FOURTH, ONE, TWO])
    assert bills(five) == numbers([THREE, FOURTH])
    assert five.holds() == {f"claim {ONE}": "locked_period", f"claim {TWO}": "locked_period"}


def test_two_that_are_alike_do_not_go_together(five: World) -> None:
    """One supplier, number and amount in two projects may be one invoice: the later one is named, as ever."""
    new_claims(five, [ONE])
    new_claims(five, [TWO], invoice_number=f"INV-{ONE}")
    five.discover()
    for id_ in (ONE, TWO):
        with pytest.raises(HandedOver):
            five.run(job_number(id_))
    comes_back(five)
    assert len(five.writes(path="/Invoices")) == 2
    assert bills(five) == [f"INV-{ONE}", f"INV-{ONE}"]


def test_a_claim_that_changes_while_it_waits_goes_as_it_is_then(five: World) -> None:
    """Its own job reads it anew; where it went along before, it is changed."""
    new_claims(five, FOUR)
    handed_over(five)
    for id_ in (ONE, TWO):
        five.enter("requisitions", a_claim(id_, "120.00", commitment_id=5000 + id_), id_)
    comes_back(five)
    totals = {bill["InvoiceNumber"]: bill["SubTotal"] for bill in five.documents("invoices")}
    assert [totals[number] for number in numbers(FOUR)] == ["120.00", "120.00", "100.00", "100.00"]


@pytest.mark.parametrize("now", [{"state": "paused"}, {"organisation": "South"}], ids=str)
def test_what_does_not_go_here_any_more_is_not_taken_along(five: World, now: dict[str, str]) -> None:
    """A project that is paused while its claim waits, or goes to another organisation since."""
    new_claims(five, FOUR)
    handed_over(five)
    with transaction(five.parts.engine) as session:
        session.execute(update(ProjectRow).where(ProjectRow.procore_id == TWO).values(**now))
    comes_back(five, [ONE, THREE, FOURTH])
    assert bills(five) == numbers([ONE, THREE, FOURTH])


# --- whoever dies, and wherever --------------------------------------------------------------------------------------


def test_an_answer_that_is_lost_is_found_for_all(five: World) -> None:
    """The job that sent comes back and looks; until then the others wait, and nothing goes twice."""
    new_claims(five, FOUR)
    handed_over(five)
    five.fault("lost_answer", "PUT", "/Invoices", times=3)
    with pytest.raises(Retriable):
        five.run(job_number(ONE))
    five.clock.advance(500)
    reports = {id_: five.run_through(job_number(id_)) for id_ in (THREE, ONE, TWO, FOURTH)}
    assert bills(five) == numbers(FOUR)
    assert sent(reports) == {**dict.fromkeys(FOUR, 1), ONE: 0}  # it was found, and not sent anew


BOUNDARIES = (
    Boundary.HANDED_OVER,
    Boundary.PLANNED,
    Boundary.HALF_SENT,
    Boundary.TAKEN,
    Boundary.ANSWERED,
    Boundary.CONFIRMED,
)
#: Who comes first after the death: the job that died, or one whose claim went along.
AFTER = [(boundary, pause_s, first) for boundary in BOUNDARIES for pause_s in (0.0, 500.0) for first in (ONE, THREE)]
EVERYBODYS = (Boundary.TAKEN, 0.0, THREE)


WHEREVER_IT_DIES = pytest.mark.parametrize(
    ("boundary", "pause_s", "first"),
    [pytest.param(*row, marks=() if row == EVERYBODYS else pytest.mark.deep) for row in AFTER],
    ids=str,
)


def ends_well_all_the_same(
    world: World, enter: Callable[[World, Iterable[int]], None], boundary: Boundary, pause_s: float, first: int
) -> list[str]:
    """The documents that are there when a job died with those of four projects in its hands, and all have ended."""
    enter(world, FOUR)
    dies_with_all_in_its_hands(world, "claims", boundary, pause_s, first, handed_over)
    assert world.holds() == {}
    assert {world.job(job_number(id_)).state for id_ in FIVE} == {"done"}
    there = bills(world)
    world.close()
    return there


def dies_with_all_in_its_hands(
    world: World, kind: str, boundary: Boundary, pause_s: float, first: int, hand_over: Callable[[World], None]
) -> None:
    """The first job is killed there: when it hands over, or when it sends its own with what others have handed
    over. The jobs of all come to their end then."""
    is_first = boundary is Boundary.HANDED_OVER
    world.discover() if is_first else hand_over(world)
    with served(world) as here:
        point = f"{boundary}:^{kind}{'' if is_first else ' PUT'}"
        assert here.job(job_number(ONE), point).exit_code() == -signal.SIGKILL
        world.clock.advance(pause_s)
        finish(world, first)


@WHEREVER_IT_DIES
@POSTGRESQL_IS_DEEP
def test_killed_with_claims_of_four_projects_in_its_hands(
    tmp_path: Path, database_url: str, boundary: Boundary, pause_s: float, first: int
) -> None:
    """Whichever job comes next, each bill is there once and each job ends well."""
    world = synced(lambda seed, **more: World(seed, database_url, tmp_path, **more), several(5))
    assert ends_well_all_the_same(world, new_claims, boundary, pause_s, first) == numbers(FOUR)


@pytest.mark.deep
@WHEREVER_IT_DIES
def test_killed_with_credit_notes_of_four_projects_in_its_hands(
    tmp_path: Path, database_url: str, boundary: Boundary, pause_s: float, first: int
) -> None:
    """Each is there once, too."""
    world = synced(lambda seed, **more: World(seed, database_url, tmp_path, **more), several(5))
    assert ends_well_all_the_same(world, new_credits, boundary, pause_s, first) == credits_of(FOUR)


def finish(world: World, first: int) -> None:
    """The others come, and what its worker has left is taken up; each as often as it has to."""
    left = list(dict.fromkeys((first, *FIVE)))
    for _ in range(30):
        world.parts.jobs.strand(3600)
        left = [id_ for id_ in left if not _ends(world, id_)]
        if not left:
            return
        world.clock.advance(30)
    raise AssertionError(f"{left} do not end")


def _ends(world: World, id_: int) -> bool:
    if world.job(job_number(id_)).state == "running":
        return False
    try:
        world.run(job_number(id_))
    except Retriable:
        return False
    return True


# --- the ledger ------------------------------------------------------------------------------------------------------


@POSTGRESQL_IS_DEEP
def test_what_waits_is_taken_by_one_job(any_world: MakeWorld) -> None:
    """Of two that come at once one takes it. Its own job waits meanwhile, and has it again when that one is dead."""
    world = synced(any_world, several(5))
    new_claims(world, FOUR)
    handed_over(world)
    parts, tenant_id = world.parts, world.parts.organisation.tenant_id

    def of(id_: int) -> Ledger:
        waiting = world.job(job_number(id_))
        job = parts.jobs.claim(waiting.task_id, f"worker {id_}")
        assert job is not None
        return Ledger(parts.engine, tenant_id, job, id_, parts.now)

    one, two = of(ONE), of(TWO)
    assert [waiting.procore_id for waiting in one.take("claims", 50)] == [str(THREE), str(FOURTH)]
    assert two.take("claims", 50) == []
    three = of(THREE)
    assert three.is_taken()
    assert three.take_back("claims", [str(THREE)]) == (set(), {str(THREE)})
    parts.jobs.put_back(world.job(job_number(ONE)).id, f"worker {ONE}", 0.0, "killed")
    assert not three.is_taken()
    assert three.take_back("claims", [str(THREE)]) == ({str(THREE)}, set())
    one.let_go("claims", [str(FOURTH)])
    assert [waiting.procore_id for waiting in two.take("claims", 50)] == [str(ONE), str(FOURTH)]
