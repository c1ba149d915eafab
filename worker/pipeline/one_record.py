"""One record through its stage, and before it what it names and is not in Xero yet; nothing else is looked at.

For a person who wants to see one bill arrive. The lists' places stay where they were, so that the next pass reads what
this job did not. What a killed job left under way is finished first, as in every job.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.errors import Fatal
from worker.holds import title
from worker.pipeline import instrument
from worker.pipeline.carry import carry
from worker.pipeline.map import prepare
from worker.pipeline.one_stage import run
from worker.pipeline.read import attached_files, closed_tools
from worker.pipeline.settle import other_organisation
from worker.pipeline.settle.recovery import recover
from worker.pipeline.work import Row, Work
from worker.procore.records import Contract, Payment


def carry_one(work: Work, kind: str, procore_id: str) -> None:
    """Raises Fatal when Procore does not show the record, or the mapping file leaves its kind out."""
    if other_organisation.is_held(work):
        return
    recover(work)
    run(work, work.stages["projects"])
    prepare.project_option(work)
    _carry(work, kind, procore_id)


def _carry(work: Work, kind: str, procore_id: str) -> None:
    stage = work.stages[kind]
    if closed_tools.is_left_out(work, stage):
        raise Fatal(f"The mapping file leaves {kind} out, so {title(kind, procore_id)} does not go.")
    rows = [row for row in _rows(work, kind, procore_id) if row.procore_id == procore_id]
    if not rows:
        raise Fatal(f"Procore does not show {title(kind, procore_id)} of {work.known.job_number}.")
    for row in rows:
        if isinstance(row, Payment) and row.requisition_id is not None:
            claim_id = str(row.requisition_id)
            known = work.entries.known("claims", [claim_id]).get(claim_id)
            if known is None or known.state != "live":
                _carry(work, "claims", claim_id)
    with instrument.stage(work, kind):
        carry(work, stage, iter(rows))
        attached_files.plan(work, kind)  # the next pass uploads them


def _rows(work: Work, kind: str, procore_id: str) -> Sequence[Row]:
    """The record as Procore shows it; of a payment the contract is asked for, and all are looked through without."""
    stage = work.stages[kind]
    if stage.find is not None:
        return list(stage.find(work, [procore_id]))
    known = work.entries.known(kind, [procore_id]).get(procore_id)
    contract_id = known.facts.get("contract_id") if known else None
    ids = [row.id for row in work.contracts() if isinstance(row, Contract)] if contract_id is None else [contract_id]
    for id_ in ids:
        listed = work.shown.rows("contract_payments", work.procore.payments(work.project.id, id_))
        if found := [row for row in listed if row.procore_id == procore_id]:
            return found
    return []
