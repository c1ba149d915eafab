"""Both sides of one project compared, record by record. Pure; says only what differs, and counts what agrees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal

from worker import holds
from worker.audit import credits, payments, retention, strays
from worker.audit.books import Books, Key, contact_number, fits, paid_invoice, payment_id
from worker.audit.documents import Beside, is_another
from worker.audit.result import (
    BILLS,
    CREDITS,
    NO_PROJECT,
    NOTHING_SAID,
    PAYMENTS,
    PROJECTS,
    RETENTION,
    VENDORS,
    ZERO,
    Accepted,
    Difference,
    Result,
    Said,
)
from worker.audit.sides import Contact, Due, Paid, PaidOut, Posted, ProcoreSide, Supplier
from worker.mapping.payees import folded

#: Of names that are compared; Xero keeps no more.
_LONGEST_NAME = 255


def compare(procore: ProcoreSide, books: Books, said: Said = NOTHING_SAID) -> Result:
    """Everything of one project. `said` names what a person accepted, which is shown apart."""
    return _Comparison(procore, books, said).whole()


def of_no_project(books: Books, accounts: Collection[str], start: date | None, known: Collection[str]) -> Result | None:
    """What moves retention in an organisation and is tracked to no project; None where nothing does."""
    found = strays.of_no_project(books, accounts, start, known)
    result = Result(NO_PROJECT)
    for stray in found:
        one = stray.document
        result.differences.append(
            Difference(NO_PROJECT, stray.kind, one.title, stray.sentence, None, one.sign * one.total)
        )
    return result if found else None


def unmatched(procore: ProcoreSide, books: Books) -> list[Key]:
    """Records that no document or payment in Xero names: of these a person may have said what they are."""
    addressed = books.bills(procore.project_id)
    bare = [(one.kind, one.id) for one in procore.due if one.is_credit or (one.kind, one.id) not in addressed]
    bare += [("invoice_payments", one.id) for one in procore.due if one.paid_on is not None]
    return bare + [("payments", one.id) for one in procore.payments if not books.payments_named(one.id)]


class _Comparison:
    """One project's comparison, with what it looks up by."""

    def __init__(self, procore: ProcoreSide, books: Books, said: Said) -> None:
        self._procore, self._books, self._said = procore, books, said
        self._result = Result(procore.job_number)
        self._contacts = {one.id: books.contact(one) for one in procore.suppliers}
        self._options = [one for one in books.side.project_options if fits(one, procore.job_number)]
        uncompared = [] if self._options else ["project"]
        suppliers = {one.id: one for one in procore.suppliers}
        self._beside = Beside(procore, books, self._contacts, suppliers, uncompared)
        credited = (one for one in procore.due if one.is_credit)
        tracked_as = procore.job_number if self._options else ""
        self._credits = credits.matched(credited, books, self._contacts, tracked_as)
        #: Live documents by id, with the claim or invoice that each is of.
        self._matched: dict[str, tuple[Posted, Due]] = {}
        #: Documents and payments of which something is said already, or that a person said to be a record.
        self._known = {id_ for ids, _ in said.same.values() for id_ in ids}

    def whole(self) -> Result:
        self._project()
        for kind, id_, why in self._procore.unreadable:
            self._differs(kind, holds.title(kind, id_), f"Procore's answer cannot be read: {why}.")
        for tool, id_, said in sorted(self._procore.closed):
            why = f"Procore does not show it ({said}), so nothing of it is compared."
            self._differs("tools", f"tool {tool}", why, records=[("tools", id_)])
        for supplier in self._procore.suppliers:
            self._supplier(supplier)
        for due in self._procore.due:
            self._document(due)
        self._cost_codes()
        self._extra_bills()
        for stray in strays.of_project(self._books, self._procore, self._matched, self._known):
            one = stray.document
            self._differs(stray.kind, one.title, stray.sentence, None, one.sign * one.total)
            self._known.add(one.id)
        self._payments()
        self._retention()
        self._result.documents = {*self._known, *self._matched}
        self._result.matched = self._matched
        return self._result

    def _differs(
        self,
        kind: str,
        title: str,
        sentence: str,
        procore: Decimal | None = None,
        xero: Decimal | None = None,
        records: Iterable[Key] = (),
        accepted: Accepted | None = None,
    ) -> None:
        place = (self._procore.job_number, kind, title, sentence, procore, xero, tuple(records))
        self._result.differences.append(Difference(*place, accepted=accepted))

    def _project(self) -> None:
        number = self._procore.job_number
        records = [("projects", str(self._procore.project_id))]
        if len(self._options) == 1:
            self._result.agree(PROJECTS)
        elif self._options:
            said = f"Several tracking options fit it: {', '.join(self._options)}."
            self._differs(PROJECTS, f"project {number}", said, records=records)
        else:
            said = f"Xero has no active tracking option that begins with {number}."
            self._differs(PROJECTS, f"project {number}", said, records=records)

    def _supplier(self, supplier: Supplier) -> None:
        contact = self._contacts[supplier.id]
        title, records = f"vendor {supplier.name}", [("vendors", supplier.id)]
        ids, by_person = self._said.payees.get(supplier.id, (frozenset(), None))
        named, accepted = self._said.names.get(supplier.id, ("", None))
        if contact is None:
            self._differs(VENDORS, title, "Xero has no contact for it.", records=records)
        elif not contact.is_active:
            self._differs(VENDORS, title, f"Its contact {contact.name} is archived in Xero.", records=records)
        elif is_another(supplier, contact):
            said = f"Its contact {contact.name} has the {contact.tax_number}, in Procore it is {supplier.tax_number}."
            self._differs(VENDORS, title, said, records=records)
        elif contact.number == contact_number(supplier) and _is_called_otherwise(contact, supplier):
            said = f"Its contact is called {contact.name} in Xero, in Procore it is {supplier.name}."
            by = by_person if contact.id in ids else accepted if contact.name == named else None
            self._differs(VENDORS, title, said, records=records, accepted=by)
        else:
            self._result.agree(VENDORS)

    def _document(self, due: Due) -> None:
        kind = CREDITS if due.is_credit else BILLS
        records = [(due.kind, due.id), ("vendors", due.vendor_id)]
        found = self._found(due)
        live = [document for document in found if document.is_live]
        if not live and (adopted := self._said.same.get((due.kind, due.id))):
            self._adopted(kind, due, *adopted)
            return
        if due.is_opening and not live:
            return
        owed = _with_tax(due)
        self._result.add(due.kind, *_totals(due, live))
        self._matched |= {document.id: (document, due) for document in live}
        if owed is None:
            self._differs(kind, due.title, "Procore does not say what is due.", records=records)
        elif not live and owed:
            self._differs(kind, due.title, self._missing(due, found), owed, records=records)
        elif len(live) > 1:
            posted = sum((one.sign * one.total for one in live), ZERO)
            named = ", ".join(one.title for one in live)
            self._differs(kind, due.title, f"It is {len(live)} times in Xero: {named}.", owed, posted, records)
        elif live:
            self._one(kind, due, live[0])

    def _found(self, due: Due) -> Sequence[Posted]:
        if due.is_credit:
            return self._credits[due.id]
        return self._books.bills(self._procore.project_id).get((due.kind, due.id), [])

    def _missing(self, due: Due, gone: Sequence[Posted]) -> str:
        if gone:
            return f"Its document in Xero is {gone[0].status}."
        contact = self._contacts.get(due.vendor_id)
        other = strays.may_be(self._books, due, contact) if contact and not due.is_credit else None
        if other is None or other.id in self._known:
            return "It is not in Xero."
        self._known.add(other.id)
        return f"It is not in Xero: no bill has its address. It may be {self._books.in_words(other)}."

    def _one(self, kind: str, due: Due, document: Posted) -> None:
        """A record and its only document."""
        records, posted = [(due.kind, due.id), ("vendors", due.vendor_id)], document.sign * document.total
        said = [*self._beside.figures(due, document), *self._beside.rest(due, document)]
        accepted = self._tied(due, document) if len(said) == 1 else None
        if said:
            taxed = document.sign * document.before_tax if due.tax is None and not due.inclusive else posted
            self._differs(kind, due.title, " ".join(said), _with_tax(due), taxed, records, accepted)
        if not said or accepted:
            self._result.agree(kind, posted)

    def _tied(self, due: Due, document: Posted) -> Accepted | None:
        """Who said that the vendor is paid as the contact on this document, where that alone differs."""
        ids, accepted = self._said.payees.get(due.vendor_id, (frozenset(), None))
        contact, payee = self._contacts.get(due.vendor_id), self._books.contact_on(document)
        is_other = contact is not None and payee is not None and payee.id != contact.id
        return accepted if is_other and document.contact_id in ids else None

    def _adopted(self, kind: str, due: Due, ids: frozenset[str], accepted: Accepted) -> None:
        """A document that a person entered and said to be the record's: its figures count, the rest is shown."""
        records = [(due.kind, due.id), ("vendors", due.vendor_id)]
        found = [document for id_ in sorted(ids) if (document := self._books.document(id_))]
        live = [document for document in found if document.is_live]
        self._result.add(due.kind, *_totals(due, live))
        self._matched |= {document.id: (document, due) for document in live}
        if not live:
            why = f"{self._books.in_words(found[0])} was said to be it and is {found[0].status}" if found else ""
            self._differs(kind, due.title, f"{why or 'It is not in Xero'}.", _with_tax(due), records=records)
        for document in live:
            posted = document.sign * document.total
            if figures := self._beside.figures(due, document):
                self._differs(kind, due.title, " ".join(figures), _with_tax(due), posted, records)
            else:
                self._result.agree(kind, posted)
            said = " ".join([f"It was taken for {self._books.in_words(document)}.", *self._beside.rest(due, document)])
            self._differs(kind, due.title, said, _with_tax(due), posted, records, accepted)

    def _cost_codes(self) -> None:
        """Cost codes of what stands in Xero that have no option there."""
        if self._books.side.cost_code_options is None:
            return
        used = {coding.cost_code for _, due in self._matched.values() for coding in due.lines}
        for code in sorted(code for code in used if not self._books.has_option(code)):
            said = f"Xero has no tracking option that begins with {code}: bills with it are not compared by cost code."
            self._differs("cost codes", f"cost code {code}", said, records=[("cost_codes", code)])

    def _extra_bills(self) -> None:
        """Bills that name a record of this project which is not due."""
        due = {(one.kind, one.id) for one in self._procore.due if not one.is_credit}
        for (kind, id_), documents in sorted(self._books.bills(self._procore.project_id).items()):
            is_extra = (kind, id_) not in due and kind not in self._procore.unseen
            for one in documents if is_extra else ():
                if one.is_live:
                    self._result.add(kind, ZERO, one.total)
                    said = f"Xero has {one.title} for it, but in Procore it is not due: not approved, or deleted."
                    self._differs(BILLS, holds.title(kind, id_), said, None, one.total, [(kind, id_)])

    def _payments(self) -> None:
        for payment in self._procore.payments:
            found = self._books.payments_named(payment.id)
            if found or not payment.is_opening:
                self._payment(payment, found)
        for due, total, amount in payments.paid_in_full(self._procore.payments, self._books, self._matched):
            records = [("payments", due.id), (due.kind, due.id)]
            said = "Procore has paid it in full, and Xero has not."
            self._differs(PAYMENTS, due.title, said, total, amount, records)
        for document, due in self._matched.values():
            if due.paid_on is not None:
                self._paid_invoice(document, due)
        issued = {payment.id for payment in self._procore.payments}
        for paid in self._books.payments_on(self._matched):
            id_ = payment_id(paid)
            if id_ in issued or paid.id in self._known or "payments" in self._procore.unseen:
                continue
            document, due = self._matched[paid.document_id]
            if due.paid_on is not None and paid_invoice(paid) == due.id:
                continue
            self._result.add(PAYMENTS, ZERO, paid.amount)
            said = f"Xero has it on {due.title} ({document.title}), Procore has not."
            title = f"payment {id_}" if id_ else payments.named(paid)
            self._differs(PAYMENTS, title, said, None, paid.amount, [("payments", id_)])

    def _paid_invoice(self, document: Posted, due: Due) -> None:
        """A direct cost that is paid is so as a whole."""
        found = [one for one in self._books.payments_on([document.id]) if paid_invoice(one) == due.id]
        owed, paid = document.sign * document.total, sum((one.amount for one in found), ZERO)
        record = ("invoice_payments", due.id)
        said_to_be = self._said.same.get(record)
        if not found and said_to_be and self._paid_by_hand(due.title, record, owed, *said_to_be):
            return
        self._result.add(PAYMENTS, owed, paid)
        if said := " ".join(payments.of_invoice(document, due, found)):
            records = [record, (due.kind, due.id)]
            self._differs(PAYMENTS, due.title, said, owed, paid, records)
        else:
            self._result.agree(PAYMENTS, paid)

    def _payment(self, payment: PaidOut, found: Sequence[Paid]) -> None:
        title, records = f"payment {payment.id}", [("payments", payment.id), ("claims", payment.claim_id)]
        said_to_be = self._said.same.get(("payments", payment.id))
        if not found and said_to_be and self._paid_by_hand(title, records[0], payment.amount, *said_to_be):
            return
        total = sum((one.amount for one in found), ZERO)
        amount = payments.expected(payment, found, self._matched)
        self._result.add(PAYMENTS, amount, total)
        if not found:
            self._differs(PAYMENTS, title, "It is not in Xero.", payment.amount, records=records)
        elif len(found) > 1:
            said = f"It is {len(found)} times in Xero."
            self._differs(PAYMENTS, title, said, payment.amount, total, records)
        elif differing := list(payments.differences(payment, amount, found[0], self._books, self._matched)):
            self._differs(PAYMENTS, title, " ".join(differing), amount, total, records)
        else:
            self._result.agree(PAYMENTS, total)

    def _paid_by_hand(self, title: str, record: Key, amount: Decimal, ids: frozenset[str], accepted: Accepted) -> bool:
        """A payment that a person entered and said to be this one, or to have it in it; False where it is gone."""
        paid = [one for id_ in sorted(ids) if (one := self._books.payment(id_))]
        if len(paid) < sum("/" not in id_ for id_ in ids):  # one with a bar is a credit, which has no status here
            return False
        self._result.add(PAYMENTS, amount, amount)
        self._result.agree(PAYMENTS, amount)
        what = " and ".join(map(payments.named, paid)) or "a credit"
        said = f"It was taken for what was entered by hand: {what}."
        self._differs(PAYMENTS, title, said, amount, sum((one.amount for one in paid), ZERO), [record], accepted)
        return True

    def _retention(self) -> None:
        """What is held back on a commitment: Procore's newest claim says it, Xero's lines add up to it."""
        if not self._procore.retention_accounts or "claims" in self._procore.unseen:
            return
        posted = retention.posted(self._procore, self._books, self._matched)
        for commitment_id, retained in retention.due(self._procore, self._matched).items():
            self._result.add(RETENTION, retained, posted[commitment_id])
            if posted[commitment_id] == retained:
                self._result.agree(RETENTION, retained)
                continue
            records = [("claims", due.id) for due in self._procore.due if due.commitment_id == commitment_id]
            said = "Procore holds back another amount than the documents in Xero do."
            self._differs(RETENTION, f"commitment {commitment_id}", said, retained, posted[commitment_id], records)


def _is_called_otherwise(contact: Contact, supplier: Supplier) -> bool:
    return folded(contact.name)[:_LONGEST_NAME] != folded(supplier.name)[:_LONGEST_NAME]


def _totals(due: Due, live: Collection[Posted]) -> tuple[Decimal, Decimal]:
    """What both sides say of one record, with the tax where Procore states it; of two readings the one that agrees."""
    tax = sum((one.sign * one.tax for one in live), ZERO)
    before_tax = sum((one.sign * one.before_tax for one in live), tax if due.inclusive else ZERO)
    reading = before_tax if before_tax in due.readings else due.readings[0] if due.readings else ZERO
    if due.tax is None:
        return reading, before_tax
    return reading + due.tax, before_tax + tax


def _with_tax(due: Due) -> Decimal | None:
    """What Procore says is owed, with the tax that it states; None when it does not say."""
    return due.readings[0] + (due.tax or ZERO) if due.readings else None
