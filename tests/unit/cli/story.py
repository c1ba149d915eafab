"""What a worker would have done, written into the ledger by the worker's own means."""

from __future__ import annotations

import uuid

from worker.assembly import Parts
from worker.holds import HoldCode
from worker.ledger.entries import Entries
from worker.ledger.holds import Holds, Verdict
from worker.ledger.projects import Seen
from worker.ledger.tables import Job

TENANT = "8be9db36-3598-4755-ba5c-c2dbc8c4a7a2"
OWNER = "a worker"


def a_job(ledger: Parts, project: Seen, state: str, message: str = "") -> Job:
    """A job of this project that has come to this state."""
    job = ledger.jobs.hurry(project.job_number, project.name)
    assert job is not None
    if state != "queued":
        assert ledger.jobs.claim(job.task_id, OWNER) is not None
    if state in ("done", "failed", "parked"):
        ledger.jobs.end(job.id, OWNER, state, message, {})
    return ledger.jobs.with_ids([job.id])[0]


def in_xero(ledger: Parts, project: Seen, kind: str, *procore_ids: str) -> None:
    """These records are live documents of this project."""
    job = Job(id=1, job_number=project.job_number)
    entries = Entries(ledger.engine, TENANT, ledger.jobs, job, OWNER, project.procore_id, ledger.now)
    for procore_id in procore_ids:
        assert entries.adopt(kind, procore_id, str(uuid.uuid4()), "fingerprint", {})


def is_held(ledger: Parts, project: Seen, claim_id: str, code: HoldCode, **facts: object) -> None:
    """This claim of the project does not go, and this is why."""
    link = f"https://app.procore.com/{project.procore_id}/project/commitments/702502/requisitions/{claim_id}"
    verdict = Verdict("claims", claim_id, f"claim {claim_id}", code.outcome, code, code.sentence(**facts), link)
    Holds(ledger.engine, TENANT, project.procore_id, ledger.now).settle([verdict])
