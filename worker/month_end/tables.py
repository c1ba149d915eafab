"""The tables of the pack but for the retention ledger's own, each for a file that a spreadsheet adds up: plain values,
one row for each thing, one column for the currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from worker.audit.result import Difference
from worker.called import COLUMNS as CALLED
from worker.month_end.aged import BUCKETS, Open
from worker.month_end.contractors import Contractor
from worker.month_end.cost import ProjectCost
from worker.month_end.held import Held
from worker.month_end.pack import Pack

Row = Mapping[str, object]
CENTS = Decimal("0.00")
#: Their files.
NAMES = (
    *("differences.csv", "cost.csv", "cost-by-month.csv", "open-bills.csv"),
    *("held.csv", "contractors.csv"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """One file."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Row]


def tables(pack: Pack) -> list[Table]:
    """All of them, under NAMES and in their order."""
    found: list[tuple[Sequence[str], Iterable[Row]]] = [
        (_DIFFERENCES, map(_difference, [*pack.differences, *pack.accepted])),
        (_COST, (row for one in pack.costs for row in _cost(one))),
        (_MONTHS, (row for one in pack.costs for row in _by_month(one))),
        (_BILLS, map(_bill, pack.bills)),
        (_HELD, map(_held, pack.held)),
        (_CONTRACTORS, map(_contractor, pack.contractors)),
    ]
    return [Table(name, columns, list(rows)) for name, (columns, rows) in zip(NAMES, found, strict=True)]


_DIFFERENCES = (
    *("job_number", "id", "kind", "title", *CALLED, "records", "sentence", "procore", "xero", "outcome", "hold"),
    *("to_do", "commands", "accepted"),
)


def _difference(one: Difference) -> Row:
    return {
        "job_number": one.job_number,
        "id": one.id,
        "kind": one.kind,
        "title": one.title,
        **one.called.row(),
        "currency": one.currency or None,
        "records": ", ".join(one.members),
        "sentence": one.sentence,
        "procore": one.procore,
        "xero": one.xero,
        "outcome": one.outcome,
        "hold": one.hold,
        "to_do": one.remedy,
        "commands": "; ".join(one.commands),
        "accepted": one.accepted.in_words if one.accepted else "",
    }


_PLACE = ("organisation", "job_number", "project")
_COST = (
    *(*_PLACE, "cost_code", "currency", "month_procore", "month_xero", "month_difference"),
    *("to_date_procore", "to_date_xero", "to_date_difference", "xero_not_approved", "reasons"),
)


def _cost(project: ProjectCost) -> Iterable[Row]:
    for one in project.costs:
        yield {
            "organisation": project.organisation,
            "job_number": project.job_number,
            "project": project.name,
            "cost_code": one.cost_code,
            "currency": one.currency,
            "month_procore": one.month.procore + CENTS,
            "month_xero": one.month.xero + CENTS,
            "month_difference": one.month.difference + CENTS,
            "to_date_procore": one.to_date.procore + CENTS,
            "to_date_xero": one.to_date.xero + CENTS,
            "to_date_difference": one.to_date.difference + CENTS,
            "xero_not_approved": one.unapproved + CENTS,
            "reasons": " ".join(one.reasons),
        }


_MONTHS = (*_PLACE, "month", "currency", "procore", "xero", "difference")


def _by_month(project: ProjectCost) -> Iterable[Row]:
    for one in project.bars:
        yield {
            "organisation": project.organisation,
            "job_number": project.job_number,
            "project": project.name,
            "month": one.month.isoformat(),
            "currency": one.currency,
            "procore": one.sides.procore + CENTS,
            "xero": one.sides.xero + CENTS,
            "difference": one.sides.difference + CENTS,
        }


_BUCKETS = tuple(name.replace(" ", "_") for name in BUCKETS)
_BILLS = (
    *("organisation", "supplier", "document", "date", "due_date", "days_past_due", "currency"),
    *(*_BUCKETS, "credits", "total", "from_procore"),
)


def _bill(one: Open) -> Row:
    amounts = {name: one.amount if one.bucket == place else CENTS for place, name in enumerate(_BUCKETS)}
    return {
        "organisation": one.organisation,
        "supplier": one.supplier,
        "document": one.title,
        "date": one.on.isoformat(),
        "due_date": one.due_on.isoformat() if one.due_on else None,
        "days_past_due": one.days_past_due,
        "currency": one.currency,
        **amounts,
        "credits": one.amount if one.bucket is None else CENTS,
        "total": one.amount,
        "from_procore": "yes" if one.is_of_procore else "no",
    }


_HELD = (*("organisation", "job_number", "title", *CALLED, "outcome", "since", "code", "sentence", "to_do"),)


def _held(one: Held) -> Row:
    return {
        "organisation": one.organisation,
        "job_number": one.job_number,
        "title": one.title,
        **one.called.row(),
        "outcome": one.outcome,
        "since": one.since.isoformat(),
        "code": one.code,
        "sentence": one.sentence,
        "to_do": one.remedy,
    }


_CONTRACTORS = (
    *("organisation", "name", "abn", "street", "city", "state", "postcode", "country", "currency"),
    *("year_gross", "year_gst", "month_gross", "month_gst", "year_gross_not_from_procore", "missing"),
)


def _contractor(one: Contractor) -> Row:
    return {
        "organisation": one.organisation,
        "name": one.name,
        "abn": one.abn,
        "street": one.address.street,
        "city": one.address.city,
        "state": one.address.region,
        "postcode": one.address.postcode,
        "country": one.address.country,
        "currency": "AUD",
        "year_gross": one.year.gross + CENTS,
        "year_gst": one.year.gst + CENTS,
        "month_gross": one.month.gross + CENTS,
        "month_gst": one.month.gst + CENTS,
        "year_gross_not_from_procore": one.by_hand + CENTS,
        "missing": " ".join(one.missing),
    }
