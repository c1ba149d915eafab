"""What `plan` copies of the ledger: what the project's job reads, and nothing of what is only other projects'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from tasks.planning import plan
from tests.integration.conftest import POSTGRESQL_IS_DEEP, MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contact,
    a_cost_code,
    a_payment,
    a_project,
    a_seed,
    a_vendor,
    an_invoice,
)
from tests.integration.world import MAPPING, World
from worker.ledger.copy import Copy
from worker.ledger.database import transaction
from worker.ledger.standing import OWN_KINDS
from worker.ledger.tables import AttachmentRow, Cursor, Entry, Hold, RequestRow
from worker.plan.values import Plan

OTHER, OTHER_NUMBER = 320, "24-020"
#: A person typed its bill into Xero.
SUPPLIER = a_contact(1, "Supplier 1", ContactNumber="procore-1")
TYPED = {
    "Type": "ACCPAY",
    "InvoiceNumber": "INV-7",
    "Contact": {"ContactID": SUPPLIER["ContactID"]},
    "Date": "2026-07-30",
    "DueDate": "2026-08-30",
    "Status": "AUTHORISED",
    "LineAmountTypes": "Exclusive",
    "LineItems": [
        {"Description": "Slab", "Quantity": 1, "UnitAmount": 100, "AccountCode": "320", "TaxType": "INPUT"},
    ],
}


def two_projects(contacts: Sequence[Any] = (SUPPLIER,), **others: Any) -> dict[str, Any]:
    """One that is planned, and another one, both with money."""
    own: dict[str, Any] = {
        "project_vendors": [1],
        "cost_codes": [a_cost_code()],
        "requisitions": [a_claim(41, **others)],
    }
    return a_seed(
        projects=[a_project(), a_project(OTHER, OTHER_NUMBER)],
        vendors=[a_vendor(1), a_vendor(2)],
        contacts=contacts,
        claims=[a_claim(11), a_claim(12), a_claim(13, vendor_id=99)],
        payments=[a_payment(21, 11, "60.00")],
        invoices=[an_invoice(31)],
        more={OTHER: own},
    )


def crowd(world: World, count: int = 300) -> None:
    """So many more records of other projects, sent and on their way, each with its request, hold, file and cursor."""
    tenant_id = world.parts.organisation.tenant_id
    now = world.clock.now()
    ids = range(1, count + 1)
    whose: list[dict[str, Any]] = [
        {"tenant_id": tenant_id, "project_id": 5000 + id_, "kind": "claims", "procore_id": f"9{id_:05}"} for id_ in ids
    ]
    sent = {"method": "PUT", "path": "/Invoices", "body": "{}", "planned_at": now}
    states = ("answered", "planned")
    with transaction(world.parts.engine) as session:
        first = (session.scalar(select(func.max(RequestRow.id))) or 0) + 1
        requests = [
            {**{name: one[name] for name in ("tenant_id", "project_id", "kind")}, **sent, "id": first + place}
            | {"job_id": 10**6 + place, "key": f"other {place}", "state": states[place % 2]}
            for place, one in enumerate(whose)
        ]
        session.execute(insert(RequestRow), requests)
        session.execute(
            insert(Entry),
            [
                {**one, "state": "live", "xero_id": f"other {place}", "request_id": first + place}
                | {"written_request_id": first + place, "fingerprint": "other"}
                for place, one in enumerate(whose)
            ],
        )
        held = {"title": "claim", "outcome": "held", "code": "x", "sentence": "x", "remedy": "x", "opened_at": now}
        session.execute(insert(Hold), [{**one, **held} for one in whose])
        file = {"attachment_id": "1", "xero_id": "x", "name": "x", "state": "planned"}
        session.execute(insert(AttachmentRow), [{**one, **file} for one in whose])
        session.execute(insert(Cursor), [{"project_id": one["project_id"], "name": "x", "value": "x"} for one in whose])


def copied(world: World) -> Counter[tuple[str, int]]:
    """Rows by table and project, shared kinds apart."""
    copy = Copy(world.parts.engine, world.clock.now())
    copy.add(PROJECT_ID)
    found: Counter[tuple[str, int]] = Counter()
    with transaction(copy.engine) as session:
        for table in (Entry, RequestRow):
            own = select(table.project_id).where(table.kind.in_(OWN_KINDS))
            found.update((table.__tablename__, project_id) for project_id in session.scalars(own))
        for whole in (Hold, AttachmentRow, Cursor):
            rows = session.scalars(select(whole.project_id))
            found.update((whole.__tablename__, project_id) for project_id in rows)
    copy.engine.dispose()
    return found


def said(found: Plan) -> list[tuple[object, ...]]:
    return [(step.kind, step.procore_id, step.action, step.details, step.code) for step in found.steps]


@POSTGRESQL_IS_DEEP
def test_other_projects_money_is_not_copied(any_world: MakeWorld) -> None:
    """However much of it there is, the plan is the same and its copy as large as before."""
    world = any_world(two_projects())
    world.whole_pass()
    world.enter("requisitions", a_claim(11, "120.00"))
    world.enter("requisitions", a_claim(14))
    (before,), rows = plan(world.parts, JOB_NUMBER), copied(world)
    crowd(world)
    (after,) = plan(world.parts, JOB_NUMBER)
    assert said(after) == said(before)
    assert (after.writes, after.reads) == (before.writes, before.reads)
    assert copied(world) == rows
    assert {project_id for _, project_id in rows} == {PROJECT_ID}
    assert rows["entries", PROJECT_ID] == 4


def test_what_all_projects_share_is_copied(a_world: MakeWorld) -> None:
    """A vendor or cost code that another project sent first is unchanged in the plan."""
    world = a_world(two_projects())
    world.discover()
    world.run(OTHER_NUMBER)
    (found,) = plan(world.parts, JOB_NUMBER)
    actions = {step.title: str(step.action) for step in found.steps}
    assert actions["vendor 1"] == actions["cost code 03-300"] == "unchanged"


def test_a_document_of_another_projects_record_is_not_adopted(a_world: MakeWorld) -> None:
    """A bill that a person typed and that a record of another project has is taken by nobody else."""
    world = a_world(two_projects(invoice_number="INV-7"))
    rules = 'already_in_xero = "adopt"\nsame_number = "send"'
    world.mapping_file.write_text(f"{MAPPING}\n[documents]\n{rules}\n")
    world.type_in_xero("Invoices", TYPED)
    world.discover()
    world.run(OTHER_NUMBER)
    world.enter("requisitions", a_claim(14, invoice_number="INV-7"))
    (found,) = plan(world.parts, JOB_NUMBER)
    assert {step.title: str(step.action) for step in found.steps}["claim 14"] == "create"
    mark = world.last()
    world.run(JOB_NUMBER)
    assert found.writes == len(world.writes(mark))


def test_a_record_that_went_with_another_project_is_known(a_world: MakeWorld) -> None:
    """Should Procore give a record to another project, its document is known, and its change is shown."""
    world = a_world(two_projects())
    world.whole_pass()
    with transaction(world.parts.engine) as session:
        session.execute(update(Entry).where(Entry.procore_id.in_(["11", "12"])).values(project_id=OTHER))
    world.enter("requisitions", a_claim(12, "120.00"))
    world.clock.advance(25 * 3600)
    (found,) = plan(world.parts, JOB_NUMBER)
    changed = {step.title: (str(step.action), step.details) for step in found.steps if step.kind == "claims"}
    assert changed["claim 12"][0] == "change"
    assert "total before tax: 100.00 AUD -> 120.00 AUD" in changed["claim 12"][1]
    assert changed["claim 11"][0] == "unchanged"
    mark = world.last()
    world.run(JOB_NUMBER)
    assert found.writes == len(world.writes(mark)) == 1


@pytest.mark.parametrize("state", ["failed", "done"])
def test_what_a_dead_job_left_on_its_way_is_recovered(a_world: MakeWorld, state: str) -> None:
    """A shared document whose request no living job answers for is settled in the plan as the sync settles it."""
    world = a_world(two_projects(contacts=()))
    world.fault("lost_answer", "PUT", "Contacts$", times=1)
    with pytest.raises(Exception, match="no answer"):
        world.run(OTHER_NUMBER)
    job = world.job(OTHER_NUMBER)
    with transaction(world.parts.engine) as session:
        session.execute(update(type(job)).where(type(job).id == job.id).values(state=state, lease_until=None))
    world.clock.advance(3600)
    (found,) = plan(world.parts, JOB_NUMBER)
    mark = world.last()
    world.run(JOB_NUMBER)
    assert found.writes == len(world.writes(mark))
    assert found.stopped == ""
