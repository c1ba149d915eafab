"""What the claim before another one says is held back by then: as this job has shown it, else Procore is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from worker.pipeline.work import Row, Work
from worker.procore.records import Claim


def noting(work: Work, rows: Iterable[Row]) -> Iterator[Row]:
    """The claims as they pass, also those that do not go: each may be the one before another."""
    for row in rows:
        if isinstance(row, Claim):
            work.from_procore.retained[row.id] = row.summary.total_retainage
        yield row


def ask_for(work: Work, claims: Sequence[Claim]) -> None:
    """The claims before these that this job has not shown: a call for up to a hundred, once for each."""
    named = {claim.previous_requisition_id for claim in claims if claim.summary.total_retainage is not None}
    missing = sorted(id_ for id_ in named - work.from_procore.retained.keys() if id_ is not None)
    if not missing:
        return
    work.from_procore.retained |= dict.fromkeys(missing)  # not shown: it is asked for once
    rows = work.procore.claims_by_id(work.project.id, map(str, missing))
    for _ in noting(work, work.shown.rows("requisitions", rows)):
        pass
