"""What differs on a commitment, a sentence each with both figures, and what is to be known of the figures. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial

from worker.audit.options import fits
from worker.audit.procore_side import Due
from worker.audit.xero_side import Posted
from worker.counting import money
from worker.retention.commitment import Commitment, is_moving, retained
from worker.retention.moves import moved
from worker.retention.values import Figures

ZERO, CENT = Decimal(0), Decimal("0.01")


def differences(one: Commitment) -> Iterator[str]:
    """Between Procore's claims and Xero's documents, and within Procore."""
    if not one.procore.retention_accounts and any(map(is_moving, one.counted())):
        yield "The mapping file names no retention account, so nothing of it is sent to Xero."
        return
    yield from _feet(one)
    for claim in one.claims:
        documents = one.documents.get(claim.id, ())
        if one.is_ours(claim) and not one.is_before(claim):
            yield from _of_claim(one, claim, documents)
        elif not one.is_ours(claim):
            strange = [document for document in documents if document.retention and one.counts(document)]
            yield from (f"{_dated(document)}, is in {document.currency}, {_named(claim)} not." for document in strange)
    for document in one.stray:
        if one.counts(document):
            yield (
                f"Xero has {money(_net([document]), one.currency)} on {_dated(document)}, of a claim of {one.called} "
                "that in Procore is not approved, or deleted."
            )
    yield from _tax(one)


def _feet(one: Commitment) -> Iterator[str]:
    """Claims whose foot does not say what the claim before it and their own lines come to."""
    before: tuple[str, Decimal] | None = None
    much = partial(money, currency=one.currency)
    for number, claim in enumerate(one.counted()):
        its, named = retained(claim), _named(claim)
        if its.held is None:
            before = before if before and not its.net else None
            continue
        if before and before[1] + its.net != its.held:
            yield (
                f"The foot of {named} in Procore says that {much(its.held)} is held. By {before[0]} it was "
                f"{much(before[1])}, and {named} withholds {much(its.withheld)} and releases {much(its.released)}: "
                f"that is {much(before[1] + its.net)}. One of the two was corrected later."
            )
        elif number == 0 and its.held not in (its.net, its.before + its.net):
            yield (
                f"The foot of {named} in Procore, the first one, says that {much(its.held)} is held, its lines come to "
                f"{much(its.before + its.net)}."
            )
        before = (named, its.held)


def _of_claim(one: Commitment, claim: Due, documents: Sequence[Posted]) -> Iterator[str]:
    """A claim that is to be in the books, and its documents."""
    owed, counted = retained(claim).net, [document for document in documents if one.counts(document)]
    posted = _net(counted)
    yield from _tracked_elsewhere(one, counted)
    if claim.on is None:
        if owed:
            its = money(owed, one.currency)
            yield f"{_begin(_named(claim))} has no billing date in Procore, so its {its} does not count."
    elif claim.on > one.as_of:
        if posted:
            yield (
                f"{_begin(_named(claim))} is dated {claim.on} in Procore, after {one.as_of}, and counts in Xero with "
                f"{money(posted, one.currency)}, on {_all(counted)}."
            )
    elif posted != owed:
        sides = f"Procore {money(owed, one.currency)}, Xero {money(posted, one.currency)}"
        both = f"{_begin(_named(claim))} of {claim.on}: {sides}"
        yield f"{both}{_why(one, claim, documents, counted)}"


def _why(one: Commitment, claim: Due, documents: Sequence[Posted], counted: Sequence[Posted]) -> str:
    if not documents:
        outcome, code = one.holds.get((claim.kind, claim.id), ("", ""))
        return f". It is not in Xero ({outcome}: {code})." if code else ". It is not in Xero."
    if len(counted) < len(documents):
        return f". {' '.join(_uncounted(one, document) for document in documents if document not in counted)}"
    if len(documents) > 1:
        return f". It is {len(documents)} times in Xero: {_all(documents)}."
    if not documents[0].retention:
        accounts = ", ".join(sorted(one.procore.retention_accounts))
        return (
            f". {_begin(_dated(documents[0]))}, has no line on retention account {accounts}: it was edited in Xero, or "
            "made by an earlier mapping file."
        )
    return f", on {_dated(documents[0])}. The claim was corrected after it was sent, or the document edited in Xero."


def _uncounted(one: Commitment, document: Posted) -> str:
    amount = money(_net([document]), document.currency or one.currency)
    if not document.is_posted:
        return f"{_begin(document.title)} is {document.status}: its {amount} moves no account until it is approved."
    if document.currency not in (one.currency, ""):
        return f"{_begin(document.title)} is in {document.currency}, the claim in {one.currency}."
    return f"{_begin(document.title)} is dated {document.on}, after {one.as_of}: its {amount} does not count."


def _tracked_elsewhere(one: Commitment, documents: Sequence[Posted]) -> Iterator[str]:
    """What a look at the project in Xero does not show."""
    for document in documents:
        for line in document.retention:
            if not fits(line.project, one.procore.job_number):
                there = f"tracked to {line.project}" if line.project else "tracked to no project"
                much = money(-document.sign * line.amount, document.currency or one.currency)
                yield f"{much} on {_dated(document)}, is {there} in Xero."


def _tax(one: Commitment) -> Iterator[str]:
    """Tax on the lines in Xero that is more than roundings away from what their tax types make of it."""
    counted = [document for some in one.documents.values() for document in some if one.counts(document)]
    expected = [one.tax(claim) for claim in one.since()]
    withheld, released, tax = moved(counted)
    if any(amount is None for amount in expected) or withheld - released != sum(retained(c).net for c in one.since()):
        return
    stated = sum((amount or ZERO for amount in expected), ZERO)
    rounding = CENT * sum(len(document.retention) for document in counted) + one.procore.tolerance
    if abs(tax - stated) > rounding:
        there, here = money(tax, one.currency), money(stated, one.currency)
        yield f"The tax on its retention lines in Xero is {there}, by their tax types it is {here}."


def notes(one: Commitment, figures: Figures) -> Iterator[str]:
    """What is not compared, or not known."""
    if figures.opening and not any(claim.is_opening for claim in one.counted()):
        before = money(figures.opening, one.currency)
        yield f"{before} was held before the first claim that Procore shows: it is not compared."
    if not one.procore.defers_tax:
        return
    if unknown := [_named(claim) for claim in one.counted() if one.tax(claim) is None]:
        yield f"The deferred tax is without that of {', '.join(unknown)}: the mapping file does not code its lines."
    known = sum((retained(claim).net for claim in one.counted() if one.is_before(claim)), ZERO)
    if rest := figures.opening - known:
        yield f"The deferred tax is without that on {money(rest, one.currency)} of the opening balance."


def _named(claim: Due) -> str:
    """ "claim 3 (INV-7)": by its number in the commitment and the supplier's; by Procore's id where it has none."""
    number = retained(claim).number
    called = claim.title if number is None else f"claim {number}"
    return called if claim.numbered or not claim.numbers else f"{called} ({claim.numbers[0]})"


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]


def _dated(document: Posted) -> str:
    return f"{document.title}, dated {document.on}"


def _all(documents: Sequence[Posted]) -> str:
    return " and ".join(map(_dated, documents))


def _net(documents: Sequence[Posted]) -> Decimal:
    withheld, released, _ = moved(documents)
    return withheld - released
