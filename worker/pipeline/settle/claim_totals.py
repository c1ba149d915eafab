"""What must be so before a claim is sent: its retention rolls forward from the claim before, and what it states as due
is meant as the company's other claims mean it.

Asked of what is to be sent only: a bill that stands and did not change is not judged anew. The claim before is one that
this job has shown, else Procore is asked for it, which costs a call for up to a hundred; Xero is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from worker.holds import HoldCode
from worker.http import exact_json
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping import retention, what_is_due
from worker.mapping.claims import net
from worker.mapping.retention import Forward
from worker.mapping.what_is_due import SAID, Reading
from worker.pipeline.draft import Draft
from worker.pipeline.values import because
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
            work.retained[row.id] = row.summary.total_retainage
        yield row


def settle(
    work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]
) -> tuple[list[Draft], list[Verdict]]:
    """The drafts that may go, and why the claims among the others are held."""
    claims = [
        (draft, draft.record)
        for draft in drafts
        if isinstance(draft.record, Claim) and draft.is_changed(_fingerprint(entries, draft))
    ]
    if not claims:
        return list(drafts), []
    _ask_for(work, [claim for _, claim in claims])
    forwards = {claim.id: retention.rolled(claim, work.retained) for _, claim in claims}
    verdicts = [
        _held(work, claim, entries, HoldCode.RETENTION_DIFFERS, _amiss(work, claim, found))
        for _, claim in claims
        if (found := forwards[claim.id]) is not None and not found.adds_up
    ]
    rest = without([draft for draft, _ in claims], verdicts)
    taxed = [draft.record for draft in rest if isinstance(draft.record, Claim) and what_is_due.tax(draft.record)]
    if taxed:
        verdicts += _not_as_the_others(work, taxed, forwards, entries)
    return without(drafts, verdicts), verdicts


def _fingerprint(entries: Mapping[str, Entry], draft: Draft) -> str | None:
    entry = entries.get(draft.record.procore_id)
    return entry.fingerprint if entry else None


def _ask_for(work: Work, claims: Sequence[Claim]) -> None:
    """The claims before these that this job has not shown."""
    named = {claim.previous_requisition_id for claim in claims if claim.summary.total_retainage is not None}
    missing = sorted(id_ for id_ in named - work.retained.keys() if id_ is not None)
    if not missing:
        return
    work.retained |= dict.fromkeys(missing)  # not shown: it is asked for once
    rows = work.procore.claims_by_id(work.project.id, map(str, missing))
    for _ in noting(work, work.shown.rows("requisitions", rows)):
        pass


def _amiss(work: Work, claim: Claim, forward: Forward) -> dict[str, object]:
    """The four figures, and what they come to."""
    before = claim.previous_requisition_id
    is_said = before is None or work.retained.get(before) is not None
    said_by = f"claim {before}" if is_said else f"by its own lines: Procore does not say it of claim {before}"
    figures = {
        "before": forward.before,
        "withheld": forward.withheld,
        "released": forward.released,
        "computed": forward.before + forward.withheld - forward.released,
        "stated": forward.stated,
    }
    return {"by": f" ({said_by})" if before else "", **{name: f"{amount:,.2f}" for name, amount in figures.items()}}


def _not_as_the_others(
    work: Work, claims: Sequence[Claim], forwards: Mapping[int, Forward | None], entries: Mapping[str, Entry]
) -> Iterator[Verdict]:
    """Those of these claims that do not mean what is due as the company does, or before anybody knows how that is."""
    reading, shown = _reading(work, claims, forwards)
    for claim in claims:
        due, tax = claim.summary.current_payment_due, what_is_due.tax(claim)
        if reading is None:
            amounts = {"due": due, "tax": tax, "without": due, "inside": what_is_due.before_tax(claim, "with_tax")}
            said: dict[str, object] = {name: f"{amount:,.2f}" for name, amount in amounts.items()}
            yield _held(work, claim, entries, HoldCode.DUE_UNCLEAR, {**said, "why": _why_unclear(shown)})
        elif not what_is_due.fits(claim, reading):
            less = f"less the {tax:,.2f} of tax in it" if reading == "with_tax" else f"and {tax:,.2f} of tax on top"
            whose = "[claims] in the mapping file says" if work.known.rules.claims.due else "the company's claims show"
            meant = f"{what_is_due.before_tax(claim, reading):,.2f} before tax ({due:,.2f} due, {less}, as {whose})"
            totals: dict[str, object] = {"lines": f"{net(claim):,.2f}", "total": meant}
            yield _held(work, claim, entries, HoldCode.TOTALS_DIFFER, totals)


def _reading(
    work: Work, claims: Sequence[Claim], forwards: Mapping[int, Forward | None]
) -> tuple[Reading | None, Mapping[Reading, Sequence[str]]]:
    """How the company means it, None where nobody can tell; and the claims that show it, of each reading.

    Once claims have shown one reading it stays: what says otherwise later is held, and does not count against it.
    """
    if (said := work.known.rules.claims.due) is not None:
        return said, {}
    kept = _kept(work)
    if len(kept) == 1:
        return next(iter(kept)), kept
    new: dict[str, str] = {}
    for claim in claims:
        found = what_is_due.evidence(claim, rolls_forward=forwards[claim.id] is not None)
        if found is not None and len(kept.get(found, ())) < MOST_KEPT:
            name = f"{work.known.job_number} {claim.title}"
            new[f"{_KEPT}{found}:{claim.id}"] = exact_json.dumps(name)
            kept.setdefault(found, []).append(name)
    work.of_procore.put(new)
    return next(iter(kept)) if len(kept) == 1 else None, kept


def _kept(work: Work) -> dict[Reading, list[str]]:
    kept: dict[Reading, list[str]] = {}
    for name, text in work.of_procore.starting(_KEPT).items():
        kept.setdefault("with_tax" if name.startswith(f"{_KEPT}with_tax") else "without_tax", []).append(
            str(exact_json.loads(text))
        )
    return kept


def _why_unclear(shown: Mapping[Reading, Sequence[str]]) -> str:
    if not shown:
        return "nothing shows yet which of the two the company means"
    said = (f"{shown[reading][0]} shows that it is {SAID[reading]}" for reading in sorted(shown))
    return f"claims of the company contradict each other: {', '.join(said)}"


def _held(
    work: Work, claim: Claim, entries: Mapping[str, Entry], code: HoldCode, said: Mapping[str, object]
) -> Verdict:
    return held(work, claim, because(code, **said), entries.get(claim.procore_id))
