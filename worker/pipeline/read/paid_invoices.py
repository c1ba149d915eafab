"""Payments of direct costs that Procore has as paid, where the mapping file says so: after their bills have gone.

Procore has no list of them: each direct cost that passed in this job says whether it was paid, and those whose payment
is held or waits are asked for. A payment that stands stays when the mapping file is changed back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from worker.facts import WHY_GONE
from worker.holds import HoldCode
from worker.mapping.invoices import APPROVED
from worker.pipeline.work import Named, Work
from worker.procore.records import Invoice, InvoicePayment

KIND, INVOICES = InvoicePayment.kind, Invoice.kind


def noting(work: Work, rows: Iterable[Any]) -> Iterator[Any]:
    """These rows, of which each direct cost is remembered with its payment date."""
    for row in rows:
        own = work.known.rules.invoices
        if isinstance(row, Invoice) and own.paid == "pay" and row.direct_cost_type in own.types:
            work.from_procore.invoices[row.procore_id] = InvoicePayment.of(row)
        yield row


def follow(work: Work) -> Iterator[Named]:
    """The payments of what was paid and has its bill in Xero."""
    if work.known.rules.invoices.paid != "pay":
        work.holds.forget(KIND, work.holds.ids(KIND))
        return
    open_ones = set(work.holds.to_look_at(KIND))
    if missing := sorted(open_ones - work.from_procore.invoices.keys()):
        types = work.known.rules.invoices.types
        rows = work.shown.rows("direct_costs", work.procore.invoices_by_id(work.project.id, missing, types))
        list(noting(work, rows))
        _leave_to_their_costs(work, set(missing) - work.from_procore.invoices.keys())
    due = [*_due(work, open_ones), *_of_deleted(work)]
    if due:
        yield KIND, iter(due)


def _leave_to_their_costs(work: Work, unseen: set[str]) -> None:
    """Of a payment that was not made nothing is said while Procore does not show its direct cost: what it waited for
    may be over, and the direct cost's own hold says why nothing goes."""
    out_of_sight = {id_ for id_ in unseen if work.holds.is_open(INVOICES, id_, HoldCode.OUT_OF_SIGHT)}
    made = {id_ for id_, entry in work.entries.known(KIND, out_of_sight).items() if entry.state != "free"}
    work.holds.forget(KIND, sorted(out_of_sight - made))


def _due(work: Work, open_ones: set[str]) -> list[InvoicePayment]:
    """Those that are paid and whose bill is in Xero, and those of which something stands or is said. While a direct
    cost is sent back for revision its payment stays as it is."""
    passed = {id_: row for id_, row in work.from_procore.invoices.items() if row.status in APPROVED}
    bills = {id_ for id_, entry in work.entries.known(INVOICES, passed).items() if entry.state == "live"}
    made = {id_ for id_, entry in work.entries.known(KIND, passed).items() if entry.state != "free"}
    work.holds.forget(KIND, sorted((open_ones & passed.keys()) - bills - made))
    today = work.now().date() + timedelta(days=1)  # the company's day may be further on than ours
    return [_as_of(row, today) for id_, row in passed.items() if _is_paid(row, id_, bills, made, open_ones)]


def _of_deleted(work: Work) -> Iterator[InvoicePayment]:
    """What stands of direct costs that Procore no longer has, where their bills are to go, too: these follow then."""
    if work.known.rules.documents.deleted_in_procore == "hold":
        return
    made = work.entries.live_in_project(KIND).keys() - work.from_procore.invoices.keys()
    for id_, entry in (work.entries.known(INVOICES, made) if made else {}).items():
        if entry.facts.get(WHY_GONE):
            yield InvoicePayment.model_construct(id=int(id_), deleted_at=work.now(), status="", direct_cost_type="")


def _is_paid(row: InvoicePayment, id_: str, bills: set[str], made: set[str], open_ones: set[str]) -> bool:
    return id_ in made or (id_ in bills and (row.paid_on is not None or id_ in open_ones))


def _as_of(row: InvoicePayment, today: date) -> InvoicePayment:
    """A day that is still to come is none on which it was paid."""
    is_over = row.paid_on is not None and row.paid_on <= today
    return row if is_over else row.model_copy(update={"paid_on": None})
