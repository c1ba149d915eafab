"""What must be so before a claim is sent: its retention rolls forward from the claim before, and what it states as due
is meant as the company's other claims mean it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from worker.counting import money
from worker.holds import HoldCode
from worker.mapping import naming, retention, what_is_due
from worker.mapping.claims import net
from worker.mapping.what_is_due import SAID, Reading
from worker.pipeline.values import Reason, because
from worker.procore.records import Claim

#: What claims show, by how what is due is meant.
Shown = Mapping[Reading, Sequence[str]]
#: Claims that are kept as evidence, of each reading.
MOST_KEPT = 5


def rolls_forward(claim: Claim, retained: Mapping[int, Decimal | None]) -> Reason | None:
    """Why the retention of a claim does not follow from what was held back before it; `retained` is by claim."""
    forward, before = retention.rolled(claim, retained), claim.previous_requisition_id
    if forward is None or forward.adds_up:
        return None
    is_said = before is None or retained.get(before) is not None
    said_by = f"claim {before}" if is_said else f"by its own lines: Procore does not say it of claim {before}"
    figures: dict[str, object] = {
        "before": forward.before,
        "withheld": forward.withheld,
        "released": forward.released,
        "computed": forward.before + forward.withheld - forward.released,
        "stated": forward.stated,
    }
    return because(HoldCode.RETENTION_DIFFERS, by=f" ({said_by})" if before else "", **figures)


def evidence(claim: Claim, retained: Mapping[int, Decimal | None]) -> Reading | None:
    """How a claim shows that what is due is meant; None where it shows nothing."""
    return what_is_due.evidence(claim, rolls_forward=retention.rolled(claim, retained) is not None)


def new_evidence(
    kept: Shown, claims: Sequence[Claim], retained: Mapping[int, Decimal | None]
) -> dict[Reading, list[Claim]]:
    """The claims that show it beside those that are kept, as far as more are. Once claims have shown one reading it
    stays: what says otherwise later is held, and does not count against it."""
    found: dict[Reading, list[Claim]] = {}
    for claim in claims if reading(kept) is None else ():
        one = evidence(claim, retained)
        if one is not None and len(kept.get(one, ())) + len(found.get(one, ())) < MOST_KEPT:
            found.setdefault(one, []).append(claim)
    return found


def reading(shown: Shown) -> Reading | None:
    """How the company means it; None where nobody can tell."""
    return next(iter(shown)) if len(shown) == 1 else None


def is_meant(claim: Claim, meant: Reading | None, shown: Shown, currency: str = "", *, by_file: bool) -> Reason | None:
    """Why a claim with tax is held that does not mean what is due so, or before anybody knows how that is. `by_file`:
    the mapping file says it. `currency` is the organisation's own."""
    due, tax = claim.summary.current_payment_due, what_is_due.tax(claim)
    if meant is None:
        inside, said = what_is_due.before_tax(claim, "with_tax"), _why_unclear(shown)
        return because(HoldCode.DUE_UNCLEAR, due=due, tax=tax, without=due, inside=inside, why=said)
    if what_is_due.fits(claim, meant):
        return None
    own = naming.of_amounts(claim, currency)
    less = f"less the {money(tax, own)} of tax in it" if meant == "with_tax" else f"and {money(tax, own)} of tax on top"
    whose = "[claims] in the mapping file says" if by_file else "the company's claims show"
    before_tax = money(what_is_due.before_tax(claim, meant), own)
    total = f"{before_tax} before tax ({money(due or Decimal(0), own)} due, {less}, as {whose})"
    return because(HoldCode.TOTALS_DIFFER, lines=net(claim), total=total)


def _why_unclear(shown: Shown) -> str:
    if not shown:
        return "nothing shows yet which of the two the company means"
    said = (f"{shown[one][0]} shows that it is {SAID[one]}" for one in sorted(shown))
    return f"claims of the company contradict each other: {', '.join(said)}"
