"""What stands in Xero beside new bills and credit notes, and may be one of them: read for a whole request at once.

It costs reads before the requests that create money; where a job brings many bills, few (`shelf`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.ledger.entries import Known as Entry
from worker.mapping.billed_by_hand import why_alike
from worker.pipeline.check.bills import is_from_here, of_draft, of_row
from worker.pipeline.check.found import Body, is_alike, live
from worker.pipeline.look.documents import candidates, of_contact_left
from worker.pipeline.values import New
from worker.pipeline.work import Work
from worker.xero.address import fits_a_list
from worker.xero.answers import Element
from worker.xero.documents import BILLS, Endpoint

#: The stages whose documents are money.
KINDS = ("claims", "payments", "invoices", "invoice_payments")


@dataclass(frozen=True, slots=True)
class Twin:
    """Another record of ours, and its document with the same supplier and number."""

    kind: str
    entry: Entry
    document: Element

    @property
    def procore_id(self) -> str:
        return self.entry.procore_id


@dataclass(frozen=True, slots=True)
class Books:
    """Documents that are no record's, and those of other records with the supplier and number of a new one."""

    strange: Sequence[Element]
    twins: Sequence[Twin]
    #: What this job made, as far as it has the supplier and number of a new one.
    made: Sequence[Element]


def look(work: Work, endpoint: Endpoint, drafts: Sequence[New], *, own: bool) -> Books:
    """What this job made is no twin: its record was shown in this job, too. `own`: it is read as well, since some of
    these are another job's."""
    bodies: list[Body] = [draft.send for draft in drafts]
    if endpoint == BILLS and work.from_xero.shelf.is_for(bodies, work.xero, work.now()):
        ids = [id_ for id_ in work.from_xero.shelf.like(bodies) if own or id_ not in work.created]
        rows = list(work.xero.documents(BILLS, dict.fromkeys([*ids, *_near(work, drafts)])))
    else:
        rows = list(_asked(work, endpoint, bodies))
        if endpoint == BILLS:
            read = {str(row["InvoiceID"]) for row in rows}
            rows += work.xero.documents(BILLS, [id_ for id_ in _near(work, drafts) if id_ not in read])
    rows = [of_contact_left(work, row) for row in rows]
    strange: list[Element] = []
    twins: list[Twin] = []
    made: list[Element] = []
    for xero_id, row in {str(row[endpoint.id_field]): row for row in live(rows)}.items():
        if xero_id in work.created:
            made += [row] if any(is_alike(endpoint, body, row) for body in bodies) else []
            continue
        owner = work.entries.record_of(KINDS, xero_id)
        if owner is None:
            strange.append(row)
        elif any(is_alike(endpoint, body, row) for body in bodies):
            twins.append(Twin(*owner, row))
    return Books(strange, twins, made)


def _asked(work: Work, endpoint: Endpoint, bodies: list[Body]) -> Iterator[Element]:
    """By what Xero can look them up."""
    rest = bodies
    if endpoint == BILLS:
        rest = [body for body in bodies if not fits_a_list(body["InvoiceNumber"])]
        numbers = {body["InvoiceNumber"] for body in bodies}
        yield from work.xero.bills_numbered(sorted(numbers))
    if rest:
        yield from candidates(work, endpoint, rest)


def _near(work: Work, drafts: Sequence[New]) -> Iterator[str]:
    """The ids of bills that may be these, by number, total and date as Xero tells them in brief: read for forty
    suppliers at once, and not for one whose contact this job made, which has none."""
    contacts = {str(draft.send["Contact"]["ContactID"]) for draft in drafts} - work.created
    merged = {contact_id for contact_id, left in work.merged.items() if left in contacts}
    rows: dict[str, list[Element]] = {}
    for contact_id, its in work.from_xero.shelf.of_contacts(sorted(contacts | merged), work.xero, work.now()).items():
        rows.setdefault(work.merged.get(contact_id) or contact_id, []).extend(its)
    web_url = work.known.procore_web_url
    for draft in drafts:
        for row in rows.get(draft.send["Contact"]["ContactID"], ()):
            if not is_from_here(web_url, row) and why_alike(of_draft(draft), of_row(row)):
                yield str(row["InvoiceID"])
