"""Which credit note is which negative claim or invoice: they carry no address, and several may have one number.

And what is set against the bills of records that is no record's: it settles them, and Procore knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from worker.audit.books import Books, is_tracked
from worker.audit.one_project import OneProject
from worker.audit.procore_side import Due
from worker.audit.remedies import Found, What
from worker.audit.result import PAYMENTS
from worker.audit.xero_side import Contact, Posted
from worker.counting import money

Pair = tuple[Due, Posted]


def by_hand(at: OneProject) -> None:
    """Credits on records' bills that are no record's of this project."""
    for document, due in at.matched.values():
        for one in document.credits:
            if one.id not in at.matched and f"{document.id}/{one.id}" not in at.known:
                much = money(one.amount, document.currency)
                said = f"In Xero a {one.title} is set against {document.title} with {much}, Procore has none."
                found = Found(What.CREDIT_BY_HAND, said)
                at.differs(PAYMENTS, due.title, found, None, one.amount, [(due.kind, due.id)], called=at.called(due))


def matched(
    due: Iterable[Due], books: Books, contacts: Mapping[str, Contact | None], job_number: str
) -> dict[str, list[Posted]]:
    """Id of each record to its credit notes: one where as many stand as are due; one beyond that goes with the record
    that it is most alike.

    A note is known by supplier and number. One of this project that has but one of the two, and the amount, is taken
    for what nothing else is found for, and what differs is said. `job_number` is blank where Xero has no option of it.
    """
    all_due = list(due)
    found: dict[str, list[Posted]] = {one.id: [] for one in all_due}
    of_supplier = [(one, note) for one in all_due for note in _notes(books, contacts.get(one.vendor_id))]
    known = [(one, note) for one, note in of_supplier if one.is_numbered(note.number) and _is_here(note, job_number)]
    taken = _paired(known, found)
    spare = [note for note in books.tracked_to(job_number) if note.credit and note.is_live and note.id not in taken]
    bare = [one for one in all_due if not found[one.id]]
    halves = [(one, note) for one in bare for note in spare if _is_half(books, one, note, contacts)]
    taken |= _paired(halves, found)
    for one, note in sorted(known, key=_unlikeness):
        if note.is_live and note.id not in taken:
            found[one.id].append(note)
            taken.add(note.id)
    return found


def _notes(books: Books, contact: Contact | None) -> list[Posted]:
    return [one for one in books.unaddressed(contact) if one.credit] if contact else []


def _is_here(note: Posted, job_number: str) -> bool:
    """Not tracked to other projects alone: those have numbers of their own."""
    return not job_number or is_tracked(note, job_number) or not any(coding.project for coding in note.lines)


def _paired(pairs: Sequence[Pair], found: dict[str, list[Posted]]) -> set[str]:
    """Gives each record the note that it is most alike, and each note to one record; returns the notes' ids."""
    taken: set[str] = set()
    for one, note in sorted(pairs, key=_unlikeness):
        if not found[one.id] and note.id not in taken:
            found[one.id].append(note)
            taken.add(note.id)
    return taken


def _unlikeness(pair: Pair) -> tuple[bool, bool, bool, str, str]:
    one, note = pair
    return (not _is_of_amount(one, note), not note.is_live, note.on != one.on, one.id, note.id)


def _is_of_amount(one: Due, note: Posted) -> bool:
    return -note.before_tax in one.readings


def _is_half(books: Books, one: Due, note: Posted, contacts: Mapping[str, Contact | None]) -> bool:
    contact, payee = contacts.get(one.vendor_id), books.contact_on(note)
    is_of = contact is not None and payee is not None and contact.id == payee.id
    return _is_of_amount(one, note) and (is_of or one.is_numbered(note.number))
