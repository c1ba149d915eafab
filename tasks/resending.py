"""A record whose document a person took out of Xero, sent once more on purpose. The command line and Flower come here.

By itself the sync never does that. A document that still stands in Xero is never sent a second time, whoever asks.
"""

from __future__ import annotations

from worker.assembly import Parts
from worker.errors import SyncError
from worker.holds import HoldCode, title
from worker.ledger import tying
from worker.ledger.holds import Holds, Verdict
from worker.ledger.lists import Lists
from worker.ledger.names import in_words
from worker.ledger.projects import Cursors
from worker.ledger.tying import Tied
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS


class NothingToResend(SyncError):
    """A record whose document stands in Xero, that never went, or that a job is at."""


def let_go(parts: Parts, job_number: str, kind: str, procore_id: str) -> None:
    """Untie the record from its document, and note that it is to be looked at: the next job makes a new one.

    Asks Xero whether the document is gone. Raises NothingToResend.
    """
    name = in_words(parts.engine, kind, procore_id)
    rows = parts.projects.numbered(job_number)
    parts = parts.at(next((row.organisation for row in rows if row.state == "eligible"), ""))
    tenant_id = parts.organisation.tenant_id
    tied = tying.tied(parts.engine, tenant_id, kind, procore_id)
    if tied is None or tied.project_id not in [row.procore_id for row in rows]:
        raise NothingToResend(f"Project {job_number} has sent no {name}. `procore-xero problems` shows what is held.")
    if status := _standing(parts, tied):
        raise NothingToResend(f"The document of {name} is still in Xero ({status}). Void or delete it there first.")
    job = parts.jobs.latest(job_number).get(job_number)
    if job is not None and job.state == "running":
        raise NothingToResend(f"The job of {job_number} is running just now. Try again when it has ended.")
    Cursors(parts.engine, tied.project_id).set({f"{kind}:full_at": ""})  # whatever changed, it is read again
    Lists(parts.engine, tied.project_id).forget()  # in the next pass
    if not tying.release(parts.engine, tenant_id, kind, procore_id, tied.xero_id):
        raise NothingToResend(f"A job is at {name} just now. Try again when it has ended.")
    code = HoldCode.RESEND_ASKED
    holds = Holds(parts.engine, tenant_id, tied.project_id, parts.now)
    holds.settle([Verdict(kind, procore_id, title(kind, procore_id), code.outcome, code, code.sentence())])


def _standing(parts: Parts, tied: Tied) -> str:
    """The status of the document in Xero; blank when it is gone."""
    endpoint = next(one for one in (BILLS, CREDIT_NOTES, PAYMENTS) if one.wrapper == tied.wrapper)
    ids = [tied.xero_id]
    rows = parts.xero.payments(ids) if endpoint == PAYMENTS else parts.xero.documents(endpoint, ids)
    status = next((str(row.get("Status")) for row in rows), "")
    return "" if status in ("VOIDED", "DELETED") else status
