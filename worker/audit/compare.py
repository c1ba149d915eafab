"""Both sides of one project compared, record by record. Pure; says only what differs, and counts what agrees."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from worker import holds
from worker.audit import bills, credits, doubles, payments, references, retention, still_open, strays
from worker.audit.books import Books, Key
from worker.audit.one_project import OneProject
from worker.audit.procore_side import ProcoreSide
from worker.audit.remedies import Found, What
from worker.audit.result import NO_PROJECT, NOTHING_SAID, Difference, Result, Said


def compare(procore: ProcoreSide, books: Books, said: Said = NOTHING_SAID) -> Result:
    """Everything of one project. `said` names what a person accepted, which is shown apart."""
    at = OneProject(procore, books, said)
    references.project(at)
    _unseen(at)
    for supplier in procore.suppliers:
        references.supplier(at, supplier)
    bills.compare(at)
    references.cost_codes(at)
    bills.not_due(at)
    for stray in strays.of_project(books, procore, at.matched, at.known):
        one = stray.document
        at.differs(stray.kind, one.title, Found(stray.what, stray.sentence), None, one.sign * one.total)
        at.known.add(one.id)
    doubles.compare(at)
    payments.compare(at)
    credits.by_hand(at)
    retention.compare(at)
    at.result.documents = {*at.known, *at.matched}
    at.result.matched = at.matched
    found = still_open.of(at)
    at.result.still_open = None if found is None else found.in_words
    return at.result


def _unseen(at: OneProject) -> None:
    """What of Procore cannot be read, or is not shown."""
    for kind, id_, why in at.procore.unreadable:
        found = Found(What.UNREADABLE, f"Procore's answer cannot be read: {why}.")
        at.differs(kind, holds.title(kind, id_), found, records=[(kind, id_)])
    for tool, id_, said in sorted(at.procore.closed):
        found = Found(What.NOT_SHOWN, f"Procore does not show it ({said}), so nothing of it is compared.")
        at.differs("tools", f"tool {tool}", found, records=[("tools", id_)])


def of_no_project(books: Books, accounts: Collection[str], start: date | None, known: Collection[str]) -> Result | None:
    """What moves retention in an organisation and is tracked to no project; None where nothing does."""
    found = strays.of_no_project(books, accounts, start, known)
    result = Result(NO_PROJECT)
    for stray in found:
        one, total = stray.document, stray.document.sign * stray.document.total
        place = (NO_PROJECT, stray.kind, one.title, stray.sentence)
        currency = one.currency or books.side.currency
        result.differences.append(Difference(*place, xero=total, whats=(stray.what,), currency=currency))
    return result if found else None


def unmatched(procore: ProcoreSide, books: Books) -> list[Key]:
    """Records that no live document or payment in Xero names: of these a person may have said what they are."""
    stand = books.bills(procore.project_id).items()
    addressed = {key for key, documents in stand if any(one.is_live for one in documents)}
    bare = [(one.kind, one.id) for one in procore.due if one.is_credit or (one.kind, one.id) not in addressed]
    bare += [("invoice_payments", one.id) for one in procore.due if one.paid_on is not None]
    return bare + [("payments", one.id) for one in procore.payments if not books.payments_named(one.id)]
