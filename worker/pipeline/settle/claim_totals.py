"""Claims that are to be sent, held against the one before them and against the company's others (`check.claim_totals`).

A bill that stands and did not change is not judged again. Xero is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.http import exact_json
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping import what_is_due
from worker.mapping.what_is_due import Reading
from worker.pipeline.check import claim_totals
from worker.pipeline.draft import Draft
from worker.pipeline.read import claims_before
from worker.pipeline.values import Reason
from worker.pipeline.verdicts import held, without
from worker.pipeline.work import Stage, Work
from worker.procore.records import Claim

_KEPT = "due:"


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
    claims_before.ask_for(work, claims)
    before = work.from_procore.retained
    amiss = {claim.id: reason for claim in claims if (reason := claim_totals.rolls_forward(claim, before))}
    taxed = [claim for claim in claims if claim.id not in amiss and what_is_due.tax(claim)]
    amiss |= _not_as_the_others(work, taxed) if taxed else {}
    verdicts = [
        held(work, claim, amiss[claim.id], entries.get(claim.procore_id)) for claim in claims if claim.id in amiss
    ]
    return without(drafts, verdicts), verdicts


def _fingerprint(entries: Mapping[str, Entry], draft: Draft) -> str | None:
    entry = entries.get(draft.procore_id)
    return entry.fingerprint if entry else None


def _not_as_the_others(work: Work, claims: Sequence[Claim]) -> dict[int, Reason]:
    """By their ids why some of these do not go: they do not mean what is due as the company does, or nobody knows yet
    how that is. What they show themselves is kept."""
    by_file = work.known.rules.claims.due
    shown: dict[Reading, list[str]] = {}
    if by_file is None:
        shown = _kept(work)
        _keep(work, shown, claim_totals.new_evidence(shown, claims, work.from_procore.retained))
    meant, own, is_said = by_file or claim_totals.reading(shown), work.settings.currency(), by_file is not None
    found = {claim.id: claim_totals.is_meant(claim, meant, shown, own, by_file=is_said) for claim in claims}
    return {id_: reason for id_, reason in found.items() if reason is not None}


def _kept(work: Work) -> dict[Reading, list[str]]:
    """The claims that have shown how the company means it, of each reading."""
    kept: dict[Reading, list[str]] = {}
    for name, text in work.of_procore.starting(_KEPT).items():
        said: Reading = "with_tax" if name.startswith(f"{_KEPT}with_tax") else "without_tax"
        kept.setdefault(said, []).append(str(exact_json.loads(text)))
    return kept


def _keep(work: Work, kept: dict[Reading, list[str]], new: Mapping[Reading, Sequence[Claim]]) -> None:
    """These as well, by their names."""
    names = {(said, claim.id): f"{work.known.job_number} {claim.title}" for said, some in new.items() for claim in some}
    work.of_procore.put({f"{_KEPT}{said}:{id_}": exact_json.dumps(name) for (said, id_), name in names.items()})
    for (said, _), name in names.items():
        kept.setdefault(said, []).append(name)
