"""What the records are called by people: noted as they pass, said wherever one is named, and never decided by."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, Float, Numeric, delete

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed, an_invoice, an_item
from tests.integration.world import World
from worker.called import Called
from worker.ledger.database import transaction
from worker.ledger.holds import open_holds
from worker.ledger.moved import moves
from worker.ledger.names import Names, names
from worker.ledger.records import records
from worker.ledger.tables import Exact, NameRow, Table

CLAIM = Called("Supplier 1", "SC-501 claim 11", "INV-11", date(2026, 7, 31), Decimal("110.00"), "AUD")
HELD = an_item("100.00", cost_type="O")


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    world = a_world(
        a_seed(
            claims=[a_claim(11), a_claim(13, items=[HELD])],
            payments=[a_payment(21, 11, "60.00")],
            invoices=[an_invoice(31)],
        )
    )
    world.run(JOB_NUMBER)
    return world


def test_each_record_has_its_name(world: World) -> None:
    """Sent or held, in what a job moved and in what stands; a payment is called as the claim that it pays."""
    done = moves(world.parts.engine, [world.job(JOB_NUMBER).id])
    called = {(move.kind, move.procore_id): move.called for move in done}
    assert called["claims", "11"] == CLAIM
    assert called["vendors", "1"].said == "Supplier 1"
    paid = called["payments", "21"]
    assert (paid.supplier, paid.document, paid.number, paid.amount) == (
        "Supplier 1",
        "SC-501 claim 11",
        "INV-11",
        Decimal("60.00"),
    )
    (hold,) = open_holds(world.parts.engine)
    assert hold.called.said == "Supplier 1, SC-501 claim 13, INV-13, 2026-07-31, 110.00 AUD"
    standing = {one.procore_id: one.called for one in records(world.parts.engine, PROJECT_ID)}
    assert standing["11"] == CLAIM
    assert standing["31"].said.startswith("Supplier 1, ")


def test_a_name_follows_procore(world: World) -> None:
    """The supplier corrected the number: the page says the new one, though the bill is held back."""
    world.procore_edit("requisitions", 13, PROJECT_ID, invoice_number="INV-13A")
    world.run(JOB_NUMBER)
    (hold,) = open_holds(world.parts.engine)
    assert hold.called.number == "INV-13A"


def test_a_ledger_of_before_is_named_when_all_is_read(world: World) -> None:
    """After an upgrade no record has a name; the next reading of the whole lists gives it, and writes nothing else."""
    everything = {("claims", "11"), ("claims", "13"), ("payments", "21"), ("invoices", "31")}
    with transaction(world.parts.engine) as session:
        session.execute(delete(NameRow))
    before = world.last()
    world.run(JOB_NUMBER)
    assert names(world.parts.engine, everything).keys() == everything
    assert world.writes(before) == []


@pytest.mark.parametrize("amount", ["12345678901234.5678", "-0.01", "0.10", "99999999999999999999.9999"])
def test_an_amount_is_kept_to_its_last_digit(engine: Engine, amount: str) -> None:
    """On either database, as it was written: SQLite's own numbers are floats."""
    names = Names(engine, PROJECT_ID)
    names.note({("claims", "1"): Called("Slabs", amount=Decimal(amount), currency="AUD")}, [])
    read = names.of([("claims", "1")])["claims", "1"].amount
    assert (read, str(read)) == (Decimal(amount), amount)


def test_no_column_of_the_ledger_holds_a_float() -> None:
    """What is an amount is `Exact`, also in a table that is made later."""
    columns = [column for table in Table.metadata.tables.values() for column in table.columns]
    assert [column for column in columns if isinstance(column.type, Numeric | Float)] == []
    assert [str(column) for column in columns if isinstance(column.type, Exact)] == ["names.amount"]
