"""Claims and invoices of one project, each held against its bill or credit note; and bills whose record is not due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from worker import holds
from worker.audit import credits, earlier, strays
from worker.audit.documents import Beside
from worker.audit.earlier import Otherwise
from worker.audit.one_project import OneProject
from worker.audit.procore_side import Due
from worker.audit.remedies import Found, What
from worker.audit.result import BILLS, CREDITS, ZERO, Accepted
from worker.audit.xero_side import Posted
from worker.called import Called


def compare(at: OneProject) -> None:
    """Every record that is due; what stands for one is noted as matched."""
    found = _Bills(at)
    for due in at.procore.due:
        found.record(due)
    found.coded_otherwise()


def not_due(at: OneProject) -> None:
    """Bills that name a record of this project which is not due."""
    due = {(one.kind, one.id) for one in at.procore.due if not one.is_credit}
    for (kind, id_), documents in sorted(at.books.bills(at.procore.project_id).items()):
        is_extra = (kind, id_) not in due and kind not in at.procore.unseen
        for one in documents if is_extra else ():
            if one.is_live:
                of = Called(currency=one.currency or at.books.side.currency)
                at.result.add(kind, ZERO, one.total, of.currency)
                said = f"Xero has {one.title} for it, but in Procore it is not due: not approved, or deleted."
                found = Found(What.NOT_DUE, said)
                at.differs(BILLS, holds.title(kind, id_), found, None, one.total, [(kind, id_)], called=of)


class _Bills:
    """The documents of one project's records."""

    def __init__(self, at: OneProject) -> None:
        self._at = at
        suppliers = {one.id: one for one in at.procore.suppliers}
        self._beside = Beside(at.procore, at.books, at.contacts, suppliers, [] if at.options else ["project"])
        credited = (one for one in at.procore.due if one.is_credit)
        tracked_as = at.procore.job_number if at.options else ""
        self._credits = credits.matched(credited, at.books, at.contacts, tracked_as)
        #: What differs by its coding alone, until it is known whether an earlier mapping file may have made it so.
        self._coded_otherwise: list[Otherwise] = []
        #: Records whose documents are coded right, whatever else differs.
        self._coded_right: list[Due] = []

    def record(self, due: Due) -> None:
        at, kind = self._at, CREDITS if due.is_credit else BILLS
        records = [(due.kind, due.id), ("vendors", due.vendor_id)]
        found = self._found(due)
        live = [document for document in found if document.is_live]
        if not live and (adopted := at.said.same.get((due.kind, due.id))):
            self._adopted(kind, due, *adopted)
            return
        if due.is_opening and not live:
            return
        owed, called = due.with_tax, at.called(due)
        at.result.add(due.kind, *_totals(due, live), at.currency(due))
        at.matched |= {document.id: (document, due) for document in live}
        if owed is None:
            unsaid = Found(What.DUE_UNSAID, "Procore does not say what is due.")
            at.differs(kind, due.title, unsaid, records=records, called=called)
        elif not live and owed:
            at.differs(kind, due.title, self._missing(due, found), owed, records=records, called=called)
        elif len(live) > 1:
            posted = sum((one.sign * one.total for one in live), ZERO)
            named = ", ".join(one.title for one in live)
            several = Found(What.SEVERAL_TIMES, f"It is {len(live)} times in Xero: {named}.")
            at.differs(kind, due.title, several, owed, posted, records, called=called)
        elif live:
            self._one(kind, due, live[0])

    def _found(self, due: Due) -> Sequence[Posted]:
        if due.is_credit:
            return self._credits[due.id]
        return self._at.books.bills(self._at.procore.project_id).get((due.kind, due.id), [])

    def _missing(self, due: Due, gone: Sequence[Posted]) -> Found:
        if gone:
            return Found(What.VOIDED, f"Its document in Xero is {gone[0].status}.")
        at, contact = self._at, self._at.contacts.get(due.vendor_id)
        other = strays.may_be(at.books, due, contact) if contact and not due.is_credit else None
        if other is None or other.id in at.known:
            return Found(What.NOT_IN_XERO, "It is not in Xero.")
        at.known.add(other.id)
        said = f"It is not in Xero: no bill has its address. It may be {at.books.in_words(other)}."
        return Found(What.NO_ADDRESS, said)

    def _one(self, kind: str, due: Due, document: Posted) -> None:
        """A record and its only document."""
        records, posted = [(due.kind, due.id), ("vendors", due.vendor_id)], document.sign * document.total
        found = [*self._beside.figures(due, document), *self._beside.rest(due, document)]
        accepted = self._tied(due, document) if len(found) == 1 else None
        if not any(one.what == What.CODING for one in found):
            self._coded_right.append(due)
        if found and all(one.what == What.CODING for one in found):
            self._coded_otherwise.append(Otherwise(document, due, self._beside.moved(due, document), kind, found))
        elif found:
            taxed = document.sign * document.before_tax if due.tax is None and not due.inclusive else posted
            self._at.differs(kind, due.title, found, due.with_tax, taxed, records, accepted, self._at.called(due))
        if not found or accepted:
            self._at.result.agree(kind, posted, self._at.currency(due))

    def coded_otherwise(self) -> None:
        """Said one by one, but for those that are all of one switch: they are said at once."""
        at = self._at
        group = earlier.group(self._coded_otherwise, self._coded_right, at.procore.job_number)
        if group is not None:
            at.differs(BILLS, group.title, group.found, members=group.members)
        for one in self._coded_otherwise:
            if group is not None and one.due.title in group.members:
                retained = {there.account for here, there in one.pairs if here.account in at.procore.retention_accounts}
                at.earlier_retention[one.document.id] = retained
            else:
                posted = one.document.sign * one.document.total
                untaxed = one.due.tax is None and not one.due.inclusive
                xero = one.document.sign * one.document.before_tax if untaxed else posted
                records = [(one.due.kind, one.due.id), ("vendors", one.due.vendor_id)]
                at.differs(
                    one.kind, one.due.title, one.found, one.due.with_tax, xero, records, called=at.called(one.due)
                )

    def _tied(self, due: Due, document: Posted) -> Accepted | None:
        """Who said that the vendor is paid as the contact on this document, where that alone differs."""
        ids, accepted = self._at.said.payees.get(due.vendor_id, (frozenset(), None))
        contact, payee = self._at.contacts.get(due.vendor_id), self._at.books.contact_on(document)
        is_other = contact is not None and payee is not None and payee.id != contact.id
        return accepted if is_other and document.contact_id in ids else None

    def _adopted(self, kind: str, due: Due, ids: frozenset[str], accepted: Accepted) -> None:
        """A document that a person entered and said to be the record's: its figures count, the rest is shown."""
        at, books = self._at, self._at.books
        records = [(due.kind, due.id), ("vendors", due.vendor_id)]
        found = [document for id_ in sorted(ids) if (document := books.document(id_))]
        live = [document for document in found if document.is_live]
        at.result.add(due.kind, *_totals(due, live), at.currency(due))
        at.matched |= {document.id: (document, due) for document in live}
        if not live:
            why = f"{books.in_words(found[0])} was said to be it and is {found[0].status}" if found else ""
            what = Found(What.VOIDED, f"{why or 'It is not in Xero'}.")
            at.differs(kind, due.title, what, due.with_tax, records=records, called=at.called(due))
        for document in live:
            posted = document.sign * document.total
            if figures := self._beside.figures(due, document):
                at.differs(kind, due.title, figures, due.with_tax, posted, records, called=at.called(due))
            else:
                at.result.agree(kind, posted, at.currency(due))
            taken = Found(What.NO_ADDRESS, f"It was taken for {books.in_words(document)}.")
            rest = [taken, *self._beside.rest(due, document)]
            at.differs(kind, due.title, rest, due.with_tax, posted, records, accepted, at.called(due))


def _totals(due: Due, live: Collection[Posted]) -> tuple[Decimal, Decimal]:
    """What both sides say of one record, with the tax where Procore states it; of two readings the one that agrees."""
    tax = sum((one.sign * one.tax for one in live), ZERO)
    before_tax = sum((one.sign * one.before_tax for one in live), tax if due.inclusive else ZERO)
    reading = before_tax if before_tax in due.readings else due.readings[0] if due.readings else ZERO
    if due.tax is None:
        return reading, before_tax
    return reading + due.tax, before_tax + tax
