"""The rows of one project, and of what moved a retention account in Xero and is no claim's. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from worker.audit.books import Books, Key, commitment_of
from worker.audit.options import fits
from worker.audit.procore_side import Due, ProcoreSide
from worker.audit.xero_side import Moved, Posted
from worker.counting import money
from worker.retention.commitment import Commitment
from worker.retention.moves import of_lines, stands
from worker.retention.sentences import differences, notes
from worker.retention.values import Figures, Row

Holds = Mapping[Key, tuple[str, str]]
Matched = Mapping[str, tuple[Posted, Due]]


def of_project(
    procore: ProcoreSide,
    books: Books,
    matched: Matched,
    as_of: date,
    holds: Holds,
    organisation: str = "",
    project: str = "",
) -> list[Row]:
    """One row for each commitment and currency in which retention ever moved.

    `matched` are live documents by id, with the claim that each is of, as the audit found them; `holds` are outcome
    and code of records that are held or wait. `organisation` and `project` are what the two are called.
    """
    claims = _claims(procore)
    documents, stray = _documents(procore, books, matched)
    rows = []
    for commitment_id in {**claims, **stray}:
        its, others = claims.get(commitment_id, []), stray.get(commitment_id, [])
        mine = {one.id: documents[one.id] for one in its if one.id in documents}
        called = _called(procore, commitment_id, its)
        for currency in _currencies(books, its, [*(one for some in mine.values() for one in some), *others]):
            one = Commitment(procore, books, as_of, called, currency, its, mine, others, holds)
            figures, said = one.figures(), list(differences(one))
            if figures != Figures() or said:
                supplier = _supplier(procore, books, its, others)
                place = (organisation, procore.job_number, project, supplier, called, currency)
                rows.append(Row(*place, figures, said, list(notes(one, figures))))
    return sorted(rows, key=lambda row: (row.supplier.casefold(), row.commitment, row.currency))


def _claims(procore: ProcoreSide) -> Mapping[str, list[Due]]:
    """By commitment, in their order."""
    found: dict[str, list[Due]] = defaultdict(list)
    for one in procore.due:
        if one.retained is not None:
            found[one.commitment_id].append(one)
    for its in found.values():
        its.sort(key=_place)
    return found


def _place(claim: Due) -> tuple[int, date, int]:
    """Claims of a commitment are numbered in their order."""
    number = claim.retained.number if claim.retained else None
    return number or 0, claim.on or date.min, int(claim.id)


def _documents(
    procore: ProcoreSide, books: Books, matched: Matched
) -> tuple[Mapping[str, list[Posted]], Mapping[str, list[Posted]]]:
    """Of claims, by the claim's id; and of those that are not due any more, by their commitment."""
    of_claims: dict[str, list[Posted]] = defaultdict(list)
    for document, due in matched.values():
        if due.retained is not None:
            of_claims[due.id].append(document)
    others: dict[str, list[Posted]] = defaultdict(list)
    for documents in books.bills(procore.project_id).values():
        for document in documents:
            if document.is_live and document.id not in matched and document.retention and commitment_of(document):
                others[commitment_of(document)].append(document)
    return of_claims, others


def _called(procore: ProcoreSide, commitment_id: str, claims: Sequence[Due]) -> str:
    """Its number, else what its claims call it; Procore's id where neither is shown."""
    named = (one.retained.commitment for one in claims if one.retained and one.retained.commitment)
    return procore.commitments.get(commitment_id) or next(named, f"commitment {commitment_id}")


def _currencies(books: Books, claims: Sequence[Due], documents: Sequence[Posted]) -> list[str]:
    own = books.side.currency
    said = [one.currency or own for one in claims]
    return sorted({*said, *(one.currency or own for one in documents if one.retention)})


def _supplier(procore: ProcoreSide, books: Books, claims: Sequence[Due], documents: Sequence[Posted]) -> str:
    """As Procore's directory has it, else as the newest claim calls it, else who is paid in Xero."""
    names = {one.id: one.name for one in procore.suppliers}
    for claim in reversed(claims):
        if name := names.get(claim.vendor_id) or (claim.retained.supplier if claim.retained else ""):
            return name
    contact = books.contact_on(documents[0]) if documents else None
    return contact.name if contact else ""


def of_nothing(
    books: Books,
    taken: Collection[str],
    as_of: date,
    start: date | None,
    job_numbers: Collection[str],
    organisation: str = "",
    *,
    whole: bool,
) -> list[Row]:
    """What stands on a retention account on documents that are no claim's: one row for each document and option.

    `taken` are ids of documents that the rows of projects have; `job_numbers` those of the projects that were read.
    Not `whole`: only what is tracked to these and has no address, since it may be a claim's of another project. What
    is dated before `start` is part of the opening balance.
    """
    rows = []
    for document in books.side.documents:
        is_before = start is not None and document.on is not None and document.on < start
        if document.id in taken or is_before or not document.retention or not stands(document, as_of):
            continue
        for option, lines in _by_option(document).items():
            job_number = next((one for one in job_numbers if fits(option, one)), "")
            if whole or (job_number and not commitment_of(document)):
                rows.append(_stray(books, document, job_number or option, lines, organisation))
    return rows


def _by_option(document: Posted) -> Mapping[str, list[Moved]]:
    found: dict[str, list[Moved]] = defaultdict(list)
    for line in document.retention:
        found[line.project].append(line)
    return found


def _stray(books: Books, document: Posted, job_number: str, lines: Sequence[Moved], organisation: str) -> Row:
    withheld, released, tax = of_lines((document.sign, line) for line in lines)
    figures = Figures(xero_withheld=withheld, xero_released=released, xero_tax_deferred=tax)
    contact = books.contact_on(document)
    accounts, net = ", ".join(sorted({line.account for line in lines})), withheld - released
    currency = document.currency or books.side.currency
    moves = f"adds {money(net, currency)} to" if net >= 0 else f"takes {money(-net, currency)} off"
    said = (
        f"{document.title[0].upper()}{document.title[1:]}, dated {document.on}, {moves} retention account {accounts}, "
        f"{f'tracked to {job_number}' if job_number else 'tracked to no project'}, and is no claim of Procore's."
    )
    return Row(organisation, job_number, "", contact.name if contact else "", "", currency, figures, [said])
