"""New bills and credit notes beside what a person entered for the same supplier: which of that may be the same.

The supplier's bills are read in brief, in one call more for forty suppliers; not those of a supplier whose contact
this job made, which has none. What may be the same is held, until a person says what it is (`procore-xero match`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.mapping.billed_by_hand import Billed, is_one, reads_alike, why_alike
from worker.pipeline import likeness
from worker.pipeline.check.found import is_alike
from worker.pipeline.draft import Draft
from worker.pipeline.values import because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Stage, Work
from worker.procore.records import Claim
from worker.xero.answers import Element, amount, day
from worker.xero.documents import Bill, Endpoint
from worker.xero.naming import named


def near(work: Work, drafts: Sequence[Draft]) -> Iterator[str]:
    """The ids of bills that may be these, by number, total and date as Xero tells them in brief."""
    contacts = {str(draft.send["Contact"]["ContactID"]) for draft in drafts} - work.created
    rows = work.shelf.of_contacts(sorted(contacts), work.xero, work.now())
    for draft in drafts:
        for row in rows.get(draft.send["Contact"]["ContactID"], ()):
            if not _is_from_here(work, row) and why_alike(of_draft(draft), of_row(row)):
                yield str(row["InvoiceID"])


def others(
    work: Work, endpoint: Endpoint, draft: Draft, pool: Sequence[Element], drafts: Sequence[Draft]
) -> list[Element]:
    """What a person or another program entered and may be this one; those of its very number first.

    What has the number of another one of these drafts is not taken for this one because of its total.
    """
    said = likeness.said_others(draft)
    rows = [row for row in pool if not _is_from_here(work, row) and str(row[endpoint.id_field]) not in said]
    exact = [row for row in rows if is_alike(endpoint, draft.send, row)]
    alike = [row for row in rows if row not in exact and _is_same_contact(draft, row) and _why(draft, row)]
    free = [row for row in alike if _is_numbered(draft, row) or not any(_is_numbered(one, row) for one in drafts)]
    return [*exact, *sorted(free, key=lambda row: not _is_numbered(draft, row))]


def taken_over(draft: Draft, rows: Sequence[Element]) -> list[Element]:
    """The one of these that is taken for the record where the mapping file says so, if it is but one."""
    since = draft.record.requisition_start if isinstance(draft.record, Claim) else None
    fitting = [row for row in rows if is_one(of_draft(draft), of_row(row), since)]
    return fitting if len(fitting) == 1 else []


def lacks_project(work: Work, row: Element) -> bool:
    """Whether no line of a document that a person entered is tracked to this project."""
    option = work.known.project.option.casefold() if work.known.project else ""
    names = (tracked.get("Option") for line in row.get("LineItems") or () for tracked in line.get("Tracking") or ())
    return option not in [str(name).casefold() for name in names]


def hold(work: Work, stage: Stage, endpoint: Endpoint, draft: Draft, row: Element) -> Verdict:
    """The hold, with both documents' addresses, and in the ledger what the record may be."""
    total = of_row(row).total or Decimal(0)
    likeness.suspect(work, stage.name, draft, {str(row[endpoint.id_field]): (total, total)})
    if is_alike(endpoint, draft.send, row):
        said = {"document": named(row), "date": day(row, "Date"), "status": row.get("Status")}
        reason = because(HoldCode.ALREADY_IN_XERO, **said)
    else:
        ours = of_draft(draft)
        said = {"document": named(row), "date": day(row, "Date"), "why": _why(draft, row)}
        reason = because(HoldCode.MAY_BE_IN_XERO, number=ours.number, total=f"{ours.total:,.2f}", **said)
    return held(work, draft.record, reason, page=work.xero_page(endpoint.wrapper, str(row[endpoint.id_field])))


def of_draft(draft: Draft) -> Billed:
    """A record's bill as it would be sent."""
    bill = draft.document
    if not isinstance(bill, Bill):
        return Billed("", None, None)
    on_top = Decimal(0) if bill.inclusive else draft.tax or Decimal(0)
    return Billed(bill.number, bill.on, sum((line.amount for line in bill.lines), on_top))


def of_row(row: Element) -> Billed:
    number = row.get("InvoiceNumber") or row.get("CreditNoteNumber") or ""
    return Billed(str(number), day(row, "Date"), amount(row, "Total") if "Total" in row else None)


def _why(draft: Draft, row: Element) -> str:
    return why_alike(of_draft(draft), of_row(row))


def _is_numbered(draft: Draft, row: Element) -> bool:
    return _is_same_contact(draft, row) and reads_alike(of_draft(draft), of_row(row))


def _is_same_contact(draft: Draft, row: Element) -> bool:
    return bool((row.get("Contact") or {}).get("ContactID") == draft.send["Contact"]["ContactID"])


def _is_from_here(work: Work, row: Element) -> bool:
    """It points at a record in Procore, so it came from an installation of this worker."""
    return str(row.get("Url") or "").startswith(work.known.procore_web_url)
