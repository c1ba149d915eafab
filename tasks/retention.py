"""The retention ledger, from the audit's own reading of both systems: no call beside it but for the tax rates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from tasks.audit import Compared, compared
from worker.assembly import Parts
from worker.audit.books import Books
from worker.local_time import today
from worker.retention import rows
from worker.retention.values import Ledger, Row
from worker.waiting import Tell, untold


def retention_ledger(
    parts: Parts, job_numbers: Collection[str] = (), as_of: date | None = None, tell: Tell = untold
) -> Ledger:
    """Of these projects, or of all that an audit compares; today unless it is given.

    Raises MissingReference when no project has one of these numbers.
    """
    return from_compared(compared(parts, job_numbers, tell), as_of or today(parts), whole=not job_numbers)


def from_compared(found: Iterable[Compared], as_of: date, *, whole: bool) -> Ledger:
    """From what an audit compared, project by project; nothing of a project is kept but its rows.

    `whole` says whether all projects are among them: then what stands on a retention account and is no claim's counts
    wherever it is tracked.
    """
    ledger, gaps = list[Row](), list[str]()
    books: dict[str, Books] = {}
    taken: dict[str, set[str]] = {}
    numbers: dict[str, list[str]] = {}
    accounts: dict[str, set[str]] = {}
    starts: dict[str, set[date | None]] = {}
    for one in found:
        side, name = one.procore, one.organisation
        matched = {id_: pair for id_, pair in one.result.matched.items() if pair[1].kind == "claims"}
        ledger += rows.of_project(side, one.books, matched, as_of, one.holds, name, one.project.name)
        gaps += _gaps(one)
        books[name] = one.books
        numbers.setdefault(name, []).append(side.job_number)
        taken.setdefault(name, set()).update(matched, _addressed(one))
        accounts.setdefault(name, set()).update(side.retention_accounts)
        starts.setdefault(name, set()).add(side.not_before)
    for name, there in books.items():
        dated = [start for start in starts[name] if start is not None]
        start = min(dated) if len(dated) == len(starts[name]) else None
        ledger += rows.of_nothing(there, taken[name], as_of, start, numbers[name], name, whole=whole)
    ledger.sort(key=_place)
    return Ledger(as_of, ledger, gaps, {name: sorted(codes) for name, codes in accounts.items()})


def _place(row: Row) -> tuple[str, bool, str, str, bool, str]:
    """What names no project, or no commitment, comes last."""
    supplier = row.supplier.casefold()
    return row.organisation, not row.job_number, row.job_number, supplier, not row.commitment, row.commitment


def _addressed(one: Compared) -> Iterator[str]:
    """What names a claim of this project, whether or not it is due."""
    for (kind, _), documents in one.books.bills(one.procore.project_id).items():
        yield from (document.id for document in documents if kind == "claims")


def _gaps(one: Compared) -> Iterator[str]:
    """What of a project's claims could not be read."""
    if "claims" in one.procore.unseen:
        yield f"{one.procore.job_number}: Procore does not show its claims, or the mapping file leaves them out."
    for kind, id_, why in one.procore.unreadable:
        if kind == "claims":
            yield f"{one.procore.job_number}: claim {id_} cannot be read: {why}."
