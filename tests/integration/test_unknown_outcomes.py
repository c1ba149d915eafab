"""Nobody knows whether a write has happened: the books end as if nothing had been in doubt, whatever it was."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select

from tasks.resending import let_go
from tests.examples import each_value
from tests.integration.conftest import MakeWorld
from tests.integration.firm import Settings
from tests.integration.machine import Troubled
from tests.integration.seeds import JOB_NUMBER, a_claim, a_contact, a_payment, a_seed, a_vendor, an_item, everything
from tests.integration.synced import a_synced_world
from tests.integration.touched import Touched
from tests.integration.world import MAPPING, World
from worker.errors import OutcomeUnknown, Retriable
from worker.ledger import references
from worker.ledger.database import transaction
from worker.ledger.tables import RequestRow

#: What is written, and where; cost codes also as items.
PATHS = {
    "project": "/TrackingCategories/d8dfe2d7[^/]*/Options",
    "cost codes": "/TrackingCategories/44cc7d1f[^/]*/Options",
    "items": "/Items",
    "vendors": "/Contacts",
    "bills": "/Invoices",
    "credit notes": "/CreditNotes",
    "payments": "/Payments",
}
ITEMS = MAPPING + '\n[cost_codes]\ntarget = "item"\n'
#: Seconds between the fault and the next job: Xero knows the key; it may; everything is settled.
WITHIN, BETWEEN, AFTER = 20, 300, 500


def timeout(request: httpx.Request) -> None:
    raise httpx.ReadTimeout("timed out", request=request)


#: What happens to a write, by name: before Xero did it, or after.
FAULTS: dict[str, Callable[[World, str], None]] = {
    "cut before": lambda world, path: world.fault("cut", "PUT", path),
    "answer lost": lambda world, path: world.fault("lost_answer", "PUT", path),
    "timeout before": lambda world, path: world.wire.before("PUT", path, timeout),
    "timeout after": lambda world, path: world.wire.after("PUT", path, timeout),
    "500, not done": lambda world, path: world.fault("status", "PUT", path, status=500),
    "500, but done": lambda world, path: world.fault("status", "PUT", path, status=500, done=True),
    "503, not done": lambda world, path: world.fault("status", "PUT", path, status=503),
    "503, but done": lambda world, path: world.fault("status", "PUT", path, status=503, done=True),
}


@pytest.fixture(scope="module")
def untroubled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The books after a job in which nothing went wrong, by mapping file."""
    found = {}
    for number, mapping in enumerate((MAPPING, ITEMS)):
        directory = tmp_path_factory.mktemp(f"untroubled{number}")
        world = World(everything(), f"sqlite:///{directory}/ledger.db", directory)
        world.mapping_file.write_text(mapping)
        world.run(JOB_NUMBER)
        world.close()
        found[mapping] = books(world)
    return found


def books(world: World) -> dict[str, Any]:
    return {**world.books(), "items": sorted(item["Code"] for item in world.documents("items"))}


#: Every kind of write with those that differ for the worker; one kind with those that only look different.
TABLE = [
    *((what, fault) for what in PATHS for fault in ("cut before", "answer lost", "500, not done", "500, but done")),
    *(("bills", fault) for fault in ("timeout before", "timeout after", "503, not done", "503, but done")),
]


#: Everybody runs every kind of write in either time, the faults in turn; `make test-deep` runs all of them.
ROWS = [
    pytest.param(*row, wait_s, marks=() if (number + number // 4 + 2 * turn) % 4 == 0 else pytest.mark.deep)
    for turn, wait_s in enumerate((WITHIN, AFTER))
    for number, row in enumerate(TABLE)
]


@pytest.mark.parametrize(("what", "fault", "wait_s"), ROWS)
def test_any_fault_of_any_write_ends_like_none(
    a_world: MakeWorld, untroubled: dict[str, dict[str, Any]], what: str, fault: str, wait_s: int
) -> None:
    """Adopted when it is there, sent once more when it is not: the same documents, nothing held, nothing left to do."""
    mapping = ITEMS if what == "items" else MAPPING
    world = a_world(everything())
    world.mapping_file.write_text(mapping)
    world.discover()
    FAULTS[fault](world, PATHS[what])
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    key = _key(world.parts.engine)
    world.clock.advance(wait_s)
    since = world.last()
    world.run_through(JOB_NUMBER)
    assert books(world) == untroubled[mapping]
    again = [entry for entry in world.writes(since) if entry["idempotency_key"] == key]
    assert bool(again) is (wait_s == WITHIN), "the same key goes again as long as Xero remembers it"
    assert world.holds() == {}
    since = world.last()
    world.whole_pass()
    assert world.writes(since) == []


def _key(engine: Engine) -> str:
    """The key of the one request whose outcome is unknown."""
    with transaction(engine) as session:
        return session.scalars(select(RequestRow.key).where(RequestRow.state == "planned")).one()


# --- some of a request succeeded -----------------------------------------------------------------------------------


def some_of_three_bills(a_world: MakeWorld, fault: str) -> World:
    """A request of three bills of which Xero refuses one, for an account that was archived just before."""
    claims = [a_claim(11), a_claim(12, "20.00", items=[an_item("20.00", cost_type="L")]), a_claim(13, "30.00")]
    world = a_world(a_seed(claims=claims))
    world.discover()
    labour = next(row for row in world.documents("accounts") if row.get("Code") == "335")["AccountID"]

    def archive(_: httpx.Request) -> None:
        world.xero_edit("Accounts", labour, Status="ARCHIVED")

    world.wire.before("PUT", "/Invoices", archive)
    FAULTS[fault](world, PATHS["bills"])
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    assert len(world.documents("invoices")) == (0 if fault == "cut before" else 2)
    return world


@pytest.mark.parametrize(
    ("fault", "wait_s"), each_value(["answer lost", "500, but done", "cut before"], [WITHIN, AFTER])
)
def test_of_a_request_some_was_taken_and_nobody_heard(a_world: MakeWorld, fault: str, wait_s: int) -> None:
    """Those that Xero took are there once; the one that it refused is held, and goes when its cause is gone."""
    world = some_of_three_bills(a_world, fault)
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    assert list(world.holds()) == ["claim 12"]
    assert sorted(row["SubTotal"] for row in world.documents("invoices")) == ["100.00", "30.00"]
    labour = next(row for row in world.documents("accounts") if row.get("Code") == "335")["AccountID"]
    world.xero_edit("Accounts", labour, Status="ACTIVE")
    world.whole_pass()
    assert world.holds() == {}
    assert sorted(row["SubTotal"] for row in world.documents("invoices")) == ["100.00", "20.00", "30.00"]


@pytest.mark.parametrize("wait_s", [WITHIN, AFTER])
def test_of_two_payments_one_was_taken_and_nobody_heard(a_world: MakeWorld, wait_s: int) -> None:
    """The one that fits is made once; the one that is too large for its bill is held."""
    seed = a_seed(claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 11, "10.00"), a_payment(72, 12, "500.00")])
    world = a_world(seed)
    world.discover()
    FAULTS["answer lost"](world, PATHS["payments"])
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    assert [row["Amount"] for row in world.documents("payments")] == ["10.00"]
    assert list(world.holds()) == ["payment 72"]


@pytest.mark.parametrize("wait_s", [WITHIN, AFTER])
def test_of_two_contacts_one_was_taken_and_nobody_heard(a_world: MakeWorld, wait_s: int) -> None:
    """A person entered a supplier of the same name at the same moment: it is adopted, and there are two contacts."""
    world = a_world(a_seed(vendors=[a_vendor(1), a_vendor(2)]))
    world.discover()

    def enter(_: httpx.Request) -> None:
        world.type_in_xero("Contacts", {"Name": "Supplier 2"})

    world.wire.before("PUT", "/Contacts", enter)
    FAULTS["answer lost"](world, PATHS["vendors"])
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    world.whole_pass()
    contacts = {row["Name"]: row.get("ContactNumber") for row in world.documents("contacts")}
    assert contacts == {"Supplier 1": "procore-1", "Supplier 2": "procore-2"}
    assert world.holds() == {}


# --- a person was there in the meantime ----------------------------------------------------------------------------


def lost(a_world: MakeWorld, what: str, **lists: Any) -> World:
    """A world in which this write has happened and its answer was lost."""
    world = a_world(a_seed(**{"claims": [a_claim(11)], **lists}))
    world.discover()
    FAULTS["answer lost"](world, PATHS[what])
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    return world


def line(amount: str) -> dict[str, Any]:
    return {
        "Description": "typed by hand",
        "Quantity": "1",
        "UnitAmount": amount,
        "AccountCode": "320",
        "TaxType": "INPUT",
        "Tracking": [],
    }


@pytest.mark.parametrize("wait_s", [WITHIN, AFTER])
def test_a_line_that_a_person_added_to_the_bill_stays(a_world: MakeWorld, wait_s: int) -> None:
    """The bill is ours, and it is not what we asked for any more: it is never written over, and nothing is sent twice.

    Looked at later, it is held at once; while Xero repeats its first answer, when the claim changes.
    """
    world = lost(a_world, "bills")
    bill = world.bill("INV-11")
    world.xero_edit("Invoices", bill["InvoiceID"], LineItems=[*bill["LineItems"], line("7.00")])
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    assert world.holds() == ({"claim 11": "proof_failed"} if wait_s == AFTER else {})
    world.enter("requisitions", a_claim(11, "120.00"))
    world.run_through(JOB_NUMBER)
    assert list(world.holds()) == ["claim 11"]
    (after,) = world.documents("invoices")
    assert after["InvoiceID"] == bill["InvoiceID"]
    assert Decimal(after["SubTotal"]) == Decimal("107.00")


@pytest.mark.parametrize(("what", "wait_s"), each_value(["vendors", "bills", "payments"], [WITHIN, AFTER]))
def test_a_contact_that_a_person_renamed_is_still_the_contact(a_world: MakeWorld, what: str, wait_s: int) -> None:
    """It is found by its number, and what is on it by its id; its new name stays."""
    world = lost(a_world, what, payments=[a_payment(71, 11, "10.00")])
    (contact,) = world.documents("contacts")
    world.xero_edit("Contacts", contact["ContactID"], Name="Typed by hand")
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    assert world.holds() == {}
    assert [(row["Name"], row["ContactNumber"]) for row in world.documents("contacts")] == [
        ("Typed by hand", "procore-1")
    ]
    assert len(world.documents("invoices")) == 1
    assert len(world.documents("payments")) == 1


@pytest.mark.parametrize(
    "edit", [{"InvoiceNumber": "typed by hand"}, {"Contact": {"ContactID": a_contact(9, "Another")["ContactID"]}}]
)
def test_a_bill_that_a_person_numbered_or_gave_to_another_supplier_is_found(
    a_world: MakeWorld, edit: dict[str, Any]
) -> None:
    """Its address in Procore names it: it is adopted, left as it is, and held."""
    world = lost(a_world, "bills", contacts=[a_contact(9, "Another")])
    (bill,) = world.documents("invoices")
    world.xero_edit("Invoices", bill["InvoiceID"], **edit)
    edited = world.documents("invoices")
    world.clock.advance(AFTER)
    for _ in range(2):
        world.run_through(JOB_NUMBER)
        assert world.holds() == {"claim 11": "proof_failed"}
        assert world.documents("invoices") == edited


@pytest.mark.parametrize(("fault", "wait_s"), each_value(["cut", "lost_answer"], [WITHIN, AFTER]))
def test_an_update_is_not_sent_again_over_a_persons_edit(a_world: MakeWorld, fault: str, wait_s: int) -> None:
    """A bill was ours to change when its change was planned; edited since, it is not, and the claim is held. If the
    change has arrived all the same, there is nothing left to hold."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    world.enter("requisitions", a_claim(11, "120.00"))
    world.fault(fault, "POST", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    bill = world.bill("INV-11")
    world.xero_edit("Invoices", bill["InvoiceID"], DueDate="2027-01-31")
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    world.whole_pass()
    bill = world.bill("INV-11")
    has_arrived = str(bill["SubTotal"]) == "120.00"
    assert has_arrived is (fault == "lost_answer")
    assert world.holds() == ({} if has_arrived else {"claim 11": "edited_in_xero"})
    assert bill["DueDate"] == "2027-01-31"


@pytest.mark.parametrize(
    ("what", "collection", "status", "title"),
    [
        ("bills", "Invoices", "VOIDED", "claim 11"),
        ("bills", "Invoices", "DELETED", "claim 11"),
        ("payments", "Payments", "DELETED", "payment 71"),
    ],
)
def test_what_a_person_took_out_before_anybody_knew_of_it_is_not_made_anew(
    a_world: MakeWorld, what: str, collection: str, status: str, title: str
) -> None:
    """It was made and taken out: held, until a person asks for it once more."""
    world = lost(a_world, what, payments=[a_payment(71, 11, "10.00")])
    (row,) = world.documents(collection.lower())
    world.xero_edit(collection, row[f"{collection[:-1]}ID"], Status=status)
    world.clock.advance(AFTER)
    for _ in range(3):
        world.run_through(JOB_NUMBER)
        assert world.holds()[title] == "gone_in_xero"
        assert world.holds().get("payment 71") == ("claim_not_sent" if what == "bills" else "gone_in_xero")
        assert [row["Status"] for row in world.documents(collection.lower())] == [status]
        world.clock.advance(25 * 3600)
    if status == "VOIDED":  # nobody has said whether the number of a deleted draft may be used again
        let_go(world.parts, JOB_NUMBER, "claims", "11")
        world.run_through(JOB_NUMBER)
        assert sorted(row["Status"] for row in world.documents("invoices")) == ["AUTHORISED", "VOIDED"]
        assert title not in world.holds()


# --- whoever comes too late ----------------------------------------------------------------------------------------


def test_who_waited_too_long_for_its_turn_sends_nothing(a_world: MakeWorld) -> None:
    """Between plan and send a worker can stand still (a call limit, a machine that sleeps). Another one has finished
    its job meanwhile under another key: what the first one has planned does not go any more."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.discover()
    other = world.more_parts()
    world.fault(
        "status", "PUT", "/Invoices", status=429, headers={"Retry-After": "5", "X-Rate-Limit-Problem": "minute"}
    )

    def oversleep(_: float) -> None:
        world.bury()
        with pytest.raises(OutcomeUnknown):
            world.run(JOB_NUMBER, other)
        world.clock.advance(AFTER)
        world.run(JOB_NUMBER, other)

    world.parts.xero.api._sleep = oversleep
    with pytest.raises(Retriable):
        world.run(JOB_NUMBER)
    assert len(world.documents("invoices")) == 1
    world.whole_pass()
    assert len(world.documents("invoices")) == 1
    assert world.holds() == {}


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        ("/requisitions", nullcontext()),
        ("/Contacts", pytest.raises(Retriable, match="took this job over")),
    ],
    ids=["before it judges, so that all is there", "just before it plans"],
)
def test_an_owner_that_was_called_dead_wrongly_plans_nothing_more(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, path: str, ending: AbstractContextManager[object]
) -> None:
    """It has lost its job to another one: its next plan fails, whatever it was about to send, and all is there once."""
    world = a_world(everything())
    # who waits for what the other one reads, waits by the world's clock
    monkeypatch.setattr(references, "time", SimpleNamespace(sleep=world.clock.advance))
    world.discover()
    usurper = world.more_parts()
    usurper.jobs._is_dead = lambda owner: True

    def taken_over(_: httpx.Request) -> None:
        usurper.jobs.strand(3600)
        world.run_through(JOB_NUMBER, usurper)

    world.wire.after("GET", path, taken_over)
    since = world.last()
    with ending:
        world.run(JOB_NUMBER)
    keys = [entry["idempotency_key"] for entry in world.writes(since)]
    assert len(keys) == len(set(keys))
    assert len(world.documents("invoices")) + len(world.documents("credit_notes")) == 4
    assert len(world.documents("payments")) == 2
    assert world.job(JOB_NUMBER).state == "done"


def test_an_update_is_found_though_another_projects_job_renamed_its_option() -> None:
    """What was sent calls the option as it was called then; it is no edit of a person's. Drawn by chance once."""
    state = Troubled()
    state.begin(Settings(), synced=True, twin=False, one_machine=False, lists=0, several="nothing")
    state.rename(name="Steel", what="03-300")
    state.job_killed_on_the_wire(entered="changed claim", place="after", project=311, then=0, write=1)
    state.claim(amount="100.00", code="03-300", id=21, status="approved", vendor=1)
    state.teardown()


def test_what_came_to_nothing_a_day_ago_goes_when_a_person_says_so() -> None:
    """By when it went, not by when somebody looked for it: nobody has tried it since. Drawn by chance once."""
    state = Troubled()
    state.begin(Settings(), synced=True, twin=False, one_machine=False, lists=0, several="nothing")
    state.job_in_trouble(entered="bill", project=310, then=0, times=2, what="500", write=1)
    state.whole_pass()
    state.teardown()


def test_a_payment_on_a_voided_bill_is_not_told_that_a_person_gave_it_to_another_contact() -> None:
    """Our own change did, whose answer was lost. Drawn by chance once."""
    state = Touched()
    state.begin(Settings(), synced=True, twin=False, one_machine=False, lists=0, several="nothing")
    state.on_both_sides(fate="lost_answer", project=311, then=0, what="take out")
    state.shared_pass(entered="payment", fate="nothing", first=310, place="before", then=0)
    state.teardown()
