"""Claims that are to be sent, held against the one before them and against the company's others (`check.claim_totals`).

A bill that stands and did not change is not judged again. The claim before is one that this job has shown, else Procore
is asked for it, which costs a call for up to a hundred; Xero is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from worker.http import exact_json
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping import what_is_due
from worker.mapping.what_is_due import Reading
from worker.pipeline.check import claim_totals
from worker.pipeline.draft import Draft
from worker.pipeline.values import Reason
from worker.pipeline.verdicts import held, without
from worker.pipeline.work import Row, Stage, Work
from worker.procore.records import Claim

#: Claims that are kept as evidence, of each reading.
MOST_KEPT = 5
_KEPT = "due:"


def noting(work: Work, rows: Iterable[Row]) -> Iterator[Row]:
    """The claims as they pass, also those that do not go: each may be the one before another."""
    for row in rows:
        if isinstance(row, Claim):
            work.from_procore.retained[row.id] = row.summary.total_retainage
        yield row


def settle(
    work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]
) -> tuple[list[Draft], list[Verdict]]:
    """The drafts that may go, and why the claims among the others are held."""
    claims = [
        draft.record
        for draft in drafts
        if isinstance(draft.record, Claim) and draft.is_changed(_fingerprint(entries, draft))
    ]
    if not claims:
        return list(drafts), []
    _ask_for(work, claims)
    amiss = [
        (claim, reason) for claim in claims if (reason := claim_totals.rolls_forward(claim, work.from_procore.retained))
    ]
    held_ids = {claim.id for claim, _ in amiss}
    taxed = [claim for claim in claims if claim.id not in held_ids and what_is_due.tax(claim)]
    verdicts = [
        held(work, claim, reason, entries.get(claim.procore_id))
        for claim, reason in (*amiss, *_not_as_the_others(work, taxed))
    ]
    return without(drafts, verdicts), verdicts


def _fingerprint(entries: Mapping[str, Entry], draft: Draft) -> str | None:
    entry = entries.get(draft.procore_id)
    return entry.fingerprint if entry else None


def _ask_for(work: Work, claims: Sequence[Claim]) -> None:
    """The claims before these that this job has not shown."""
    named = {claim.previous_requisition_id for claim in claims if claim.summary.total_retainage is not None}
    missing = sorted(id_ for id_ in named - work.from_procore.retained.keys() if id_ is not None)
    if not missing:
        return
    work.from_procore.retained |= dict.fromkeys(missing)  # not shown: it is asked for once
    rows = work.procore.claims_by_id(work.project.id, map(str, missing))
    for _ in noting(work, work.shown.rows("requisitions", rows)):
        pass


def _not_as_the_others(work: Work, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Reason]]:
    """Those of these claims that do not mean what is due as the company does, or before anybody knows how that is."""
    by_file = work.known.rules.claims.due
    shown = _shown(work, claims) if claims and by_file is None else {}
    meant = by_file or claim_totals.reading(shown)
    for claim in claims:
        if reason := claim_totals.is_meant(claim, meant, shown, by_file=by_file is not None):
            yield claim, reason


def _shown(work: Work, claims: Sequence[Claim]) -> dict[Reading, list[str]]:
    """The claims that show how the company means it, of each reading; with what these show, which is kept.

    Once claims have shown one reading it stays: what says otherwise later is held, and does not count against it.
    """
    kept: dict[Reading, list[str]] = {}
    for name, text in work.of_procore.starting(_KEPT).items():
        said: Reading = "with_tax" if name.startswith(f"{_KEPT}with_tax") else "without_tax"
        kept.setdefault(said, []).append(str(exact_json.loads(text)))
    if claim_totals.reading(kept) is not None:
        return kept
    new: dict[str, str] = {}
    for claim in claims:
        found = claim_totals.evidence(claim, work.from_procore.retained)
        if found is not None and len(kept.get(found, ())) < MOST_KEPT:
            name = f"{work.known.job_number} {claim.title}"
            new[f"{_KEPT}{found}:{claim.id}"] = exact_json.dumps(name)
            kept.setdefault(found, []).append(name)
    work.of_procore.put(new)
    return kept
