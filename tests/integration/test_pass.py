"""A whole pass over the demo's company: everything arrives, in order, to the cent, and once."""

from __future__ import annotations

import re
from decimal import Decimal

from tests.integration.conftest import MakeWorld
from tests.integration.world import World

ORDER = ("Options", "Contacts", "Invoices", "CreditNotes", "Payments")


def due(world: World, project_id: int) -> Decimal:
    """What Procore says is due on a project's approved claims and invoices, before tax."""
    procore = world.sandbox.dump()["procore"]
    claims = [
        Decimal(str(row["summary"]["current_payment_due"]))
        for row in procore["requisitions"].get(str(project_id), [])
        if row["status"] in ("approved", "approved_as_noted")
    ]
    invoices = [
        Decimal(str((row.get("tax_breakdown") or {}).get("subtotal") or row["amount"]))
        for row in procore["direct_costs"].get(str(project_id), [])
        if row["status"] == "approved" and row["direct_cost_type"] == "invoice"
    ]
    return sum([*claims, *invoices], Decimal(0))


def test_a_first_pass_carries_everything_to_the_cent(any_world: MakeWorld) -> None:
    """Each project's bills less credit notes in Xero equal what Procore says is due; what is held is named."""
    world = any_world()
    reports = world.whole_pass()
    assert set(reports) == {"24-017", "24-021", "25-003"}
    assert world.holds() == {"claim 58853": "vendor_missing", "claim 58857": "account_missing"}
    assert world.owed("24-017") == due(world, 310417) > 0
    assert world.owed("24-021") == due(world, 310421) > 0
    held = Decimal(0)
    for row in world.sandbox.dump()["procore"]["requisitions"]["310503"]:
        if row["id"] in (58853, 58857):
            held += Decimal(str(row["summary"]["current_payment_due"]))
    assert world.owed("25-003") == due(world, 310503) - held > 0


def test_what_depends_goes_after_what_it_depends_on(a_world: MakeWorld) -> None:
    """Options and contacts before bills, bills before their payments, within each project."""
    world = a_world()
    world.discover()
    for number in ("24-017", "24-021", "25-003"):
        since = world.last()
        world.run(number)
        kinds = [re.split(r"/", entry["path"])[-1] for entry in world.writes(since)]
        first = {kind: kinds.index(kind) for kind in ORDER if kind in kinds}
        last_claim = max(n for n, kind in enumerate(kinds) if kind == "Payments")
        assert first["Options"] < first["Invoices"]
        assert first.get("Contacts", 0) < first["Invoices"]
        assert first["Invoices"] < first["Payments"]
        assert all(kind != "Options" for kind in kinds[first["Invoices"] : last_claim])


def test_every_write_is_keyed_and_creates_are_put(a_world: MakeWorld) -> None:
    """No write without an Idempotency-Key of its own, none above 50 documents, errors element by element."""
    world = a_world()
    world.whole_pass()
    writes = world.writes()
    assert len({entry["idempotency_key"] for entry in writes}) == len(writes) > 20
    assert all(entry["idempotency_key"] for entry in writes)
    assert all((entry["elements"] or 1) <= 50 for entry in writes)
    for entry in writes:
        if not entry["path"].endswith("/Options"):
            assert entry["query"]["summarizeErrors"] == "false"
    adopted = [entry for entry in writes if entry["method"] == "POST"]
    assert all(set(contact) == {"ContactID", "ContactNumber"} for e in adopted for contact in e["body"]["Contacts"])


def test_a_second_pass_is_silent(any_world: MakeWorld) -> None:
    """A pass over which nothing changed makes no call to Xero, and writes no entry, request or hold."""
    world = any_world()
    world.whole_pass()
    before = world.books()
    world.clock.advance(1800)
    since = world.last()
    with world.sql_writes() as written:
        reports = world.whole_pass()
    assert world.journal(since) == []
    assert set(written) & {"entries", "requests", "holds"} == set()
    assert "jobs" in written
    assert all("sent" not in outcomes for report in reports.values() for outcomes in report.counts.values())
    assert world.books() == before


def test_a_full_compare_sends_nothing(a_world: MakeWorld) -> None:
    """The daily reading of every record finds nothing to do, and what was held is still held."""
    world = a_world()
    world.whole_pass()
    before, held = world.books(), world.holds()
    world.clock.advance(25 * 3600)
    since = world.last()
    world.whole_pass()
    assert world.writes(since) == []
    assert world.books() == before
    assert world.holds() == held
