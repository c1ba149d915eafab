"""A first sync of the demo's three jobs by a worker that something happens to, and what must be true after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from sqlalchemy import select

from tests.acceptance.conftest import Machine
from tests.services import PATIENCE_S
from worker.cli.reconcile import compare
from worker.holds import Outcome
from worker.ledger.database import transaction
from worker.ledger.holds import open_holds
from worker.ledger.standing import live_documents
from worker.ledger.tables import RequestRow

#: The demo seed's eligible projects; the last one has two held records and ends red.
ENDS = {"24-017": "done", "24-021": "done", "25-003": "failed"}


def documents(machine: Machine) -> Iterator[tuple[str, str]]:
    """(id, what makes it the same document as another one) of everything in Xero's books."""
    xero: Mapping[str, Any] = machine.sandbox.dump()["xero"]
    for contact in xero["contacts"]:
        yield contact["ContactID"], f"contact {contact.get('ContactNumber') or contact['Name']}"
    for name, kind in (("invoices", "Invoice"), ("credit_notes", "CreditNote")):
        for row in xero[name]:
            yield row[f"{kind}ID"], f"bill {row['Contact']['ContactID']} {row[f'{kind}Number']}"
    for row in xero["payments"]:
        yield row["PaymentID"], f"payment {row['Invoice']['InvoiceID']} {row['Reference']}"


def assert_once_and_to_the_cent(machine: Machine, before: set[str], job_numbers: int = len(ENDS)) -> None:
    """Each record has one document, each new document one record, and the amounts are Procore's, in all these jobs."""
    found = dict(documents(machine))
    assert {what for what, count in Counter(found.values()).items() if count > 1} == set()
    live = list(live_documents(machine.parts.engine))
    assert found.keys() - before <= {xero_id for *_, xero_id in live}

    books = machine.sandbox.dump()
    engine = machine.parts.engine
    held = {(one.kind, one.procore_id) for kind in (Outcome.HELD, Outcome.WAITING) for one in open_holds(engine, kind)}
    projects = {row.procore_id: row.job_number for row in machine.parts.projects.all() if row.state == "eligible"}
    lines = compare(projects, books["procore"], books["xero"], live, held)
    assert len(lines) == 3 * job_numbers
    assert [line for line in lines if line.missing or line.difference] == []


def in_the_middle_of_claims(machine: Machine) -> bool:
    with transaction(machine.parts.engine) as session:
        planned = select(RequestRow.id).where(RequestRow.kind == "claims", RequestRow.state == "planned")
        return session.scalar(planned) is not None


def hold_up_claims(machine: Machine) -> None:
    """The next write of bills is not done before claims are let through."""
    machine.fault_in_xero(kind="slow", method="PUT", path="Invoices", seconds=2 * PATIENCE_S)


def let_claims_through(machine: Machine) -> None:
    httpx.delete(f"{machine.served.xero_url}/_sandbox/faults").raise_for_status()


def states(machine: Machine) -> dict[str, str]:
    """In a later pass what is held is known, and the job ends "held": here that comes to the same."""
    ended = {number: machine.wait_for_end(number).state for number in ENDS}
    return {number: "failed" if state == "held" else state for number, state in ended.items()}
