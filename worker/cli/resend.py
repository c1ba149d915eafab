"""`procore-xero resend`: one record once more, on purpose, after a person voided or deleted its document in Xero.

By itself the sync never does that. A document that still stands in Xero is never sent a second time, whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.exits import RefusedError

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.tying import Tied

#: What may be sent once more: the documents that somebody owes.
KINDS = ("claims", "payments", "invoices")


def command(
    job_number: Annotated[str, typer.Argument(help="The project's job number, as in Procore.")],
    kind: Annotated[str, typer.Argument(help="claim, payment or invoice.")],
    procore_id: Annotated[str, typer.Argument(help="The record's number in Procore, as `problems` shows it.")],
) -> None:
    """Send a record once more whose document was voided or deleted in Xero."""
    from tasks import by_hand
    from worker.assembly import parts
    from worker.cli import send
    from worker.ledger.database import require_migrated

    plural = f"{kind.strip().casefold().removesuffix('s')}s"
    if plural not in KINDS:
        raise RefusedError(f"'{kind}' is no kind of record that can be sent once more: claim, payment or invoice.")
    ours = parts()
    require_migrated(ours.engine)
    wanted = send.one(ours, job_number.strip())
    let_go(ours, wanted.job_number, plural, procore_id.strip())
    typer.echo(send.said([by_hand.send(ours, wanted)]))


def let_go(parts: Parts, job_number: str, kind: str, procore_id: str) -> None:
    """Untie the record from its document, and note that it is to be looked at. Raises RefusedError."""
    from worker.holds import HoldCode
    from worker.ledger import tying
    from worker.ledger.holds import Holds, Verdict
    from worker.ledger.projects import Cursors

    title = f"{kind.removesuffix('s')} {procore_id}"
    tenant_id = parts.organisation.tenant_id
    tied = tying.tied(parts.engine, tenant_id, kind, procore_id)
    ids = [row.procore_id for row in parts.projects.numbered(job_number)]
    if tied is None or tied.project_id not in ids:
        raise RefusedError(f"Project {job_number} has sent no {title}. `procore-xero problems` shows what is held.")
    if status := _standing(parts, tied):
        raise RefusedError(f"The document of {title} is still in Xero ({status}). Void or delete it there first.")
    job = parts.jobs.latest().get(job_number)
    if job is not None and job.state == "running":
        raise RefusedError(f"The job of {job_number} is running just now. Try again when it has ended.")
    Cursors(parts.engine, tied.project_id).set({f"{kind}:full_at": ""})  # whatever changed, it is read again
    if not tying.release(parts.engine, tenant_id, kind, procore_id, tied.xero_id):
        raise RefusedError(f"A job is at {title} just now. Try again when it has ended.")
    code = HoldCode.RESEND_ASKED
    holds = Holds(parts.engine, tenant_id, tied.project_id, parts.now)
    holds.settle([Verdict(kind, procore_id, title, code.outcome, code, code.sentence())])


def _standing(parts: Parts, tied: Tied) -> str:
    """The status of the document in Xero; blank when it is gone."""
    from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS

    endpoint = next(one for one in (BILLS, CREDIT_NOTES, PAYMENTS) if one.wrapper == tied.wrapper)
    ids = [tied.xero_id]
    rows = parts.xero.payments(ids) if endpoint == PAYMENTS else parts.xero.documents(endpoint, ids)
    status = next((str(row.get("Status")) for row in rows), "")
    return "" if status in ("VOIDED", "DELETED") else status
