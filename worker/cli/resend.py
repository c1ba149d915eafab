"""`procore-xero resend`: sends one record again, on purpose, after a person voided or deleted its document in Xero.

By itself the sync never does that. A document that still stands in Xero is never sent a second time, whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from worker.cli import send, which
from worker.cli.arguments import AsJson, JobNumber
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.progress import working
from worker.cli.send import Wait
from worker.cli.which import Record

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.tying import Tied


def command(
    job_number: JobNumber,
    record: Record,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Send a record again whose document was voided or deleted in Xero."""
    from tasks import by_hand

    ours = opened()
    wanted = send.one(ours, job_number.strip())
    kind, procore_id = which.record(
        ours, wanted.job_number, record, "resend {job} {record}", lambda one: bool(one.xero_id)
    )
    with working("Asking Xero"):
        let_go(ours, wanted.job_number, kind, procore_id)
    raise typer.Exit(send.go_on(ours, "resend", [by_hand.send(ours, wanted)], wait, as_json))


def let_go(parts: Parts, job_number: str, kind: str, procore_id: str) -> None:
    """Untie the record from its document, and note that it is to be looked at. Raises RefusedError."""
    from worker.holds import HoldCode, title
    from worker.ledger import tying
    from worker.ledger.holds import Holds, Verdict
    from worker.ledger.lists import Lists
    from worker.ledger.projects import Cursors

    name = title(kind, procore_id)
    rows = parts.projects.numbered(job_number)
    parts = parts.at(next((row.organisation for row in rows if row.state == "eligible"), ""))
    tenant_id = parts.organisation.tenant_id
    tied = tying.tied(parts.engine, tenant_id, kind, procore_id)
    if tied is None or tied.project_id not in [row.procore_id for row in rows]:
        raise RefusedError(f"Project {job_number} has sent no {name}. `procore-xero problems` shows what is held.")
    if status := _standing(parts, tied):
        raise RefusedError(f"The document of {name} is still in Xero ({status}). Void or delete it there first.")
    job = parts.jobs.latest(job_number).get(job_number)
    if job is not None and job.state == "running":
        raise RefusedError(f"The job of {job_number} is running just now. Try again when it has ended.")
    Cursors(parts.engine, tied.project_id).set({f"{kind}:full_at": ""})  # whatever changed, it is read again
    Lists(parts.engine, tied.project_id).forget()  # in the next pass
    if not tying.release(parts.engine, tenant_id, kind, procore_id, tied.xero_id):
        raise RefusedError(f"A job is at {name} just now. Try again when it has ended.")
    code = HoldCode.RESEND_ASKED
    holds = Holds(parts.engine, tenant_id, tied.project_id, parts.now)
    holds.settle([Verdict(kind, procore_id, name, code.outcome, code, code.sentence())])


def _standing(parts: Parts, tied: Tied) -> str:
    """The status of the document in Xero; blank when it is gone."""
    from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS

    endpoint = next(one for one in (BILLS, CREDIT_NOTES, PAYMENTS) if one.wrapper == tied.wrapper)
    ids = [tied.xero_id]
    rows = parts.xero.payments(ids) if endpoint == PAYMENTS else parts.xero.documents(endpoint, ids)
    status = next((str(row.get("Status")) for row in rows), "")
    return "" if status in ("VOIDED", "DELETED") else status
