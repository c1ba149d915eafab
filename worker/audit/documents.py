"""One bill or credit note held against its claim or invoice, field by field; pure. Texts are not compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from worker.audit import codings, terms
from worker.audit.books import Books
from worker.audit.codings import Coded
from worker.audit.procore_side import Due, ProcoreSide, Supplier
from worker.audit.remedies import Found, What
from worker.audit.xero_side import Contact, Posted
from worker.counting import money

ZERO, CENT = Decimal(0), Decimal("0.01")
#: Statuses in the order in which a document goes through them.
_STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID")


def is_another(supplier: Supplier, contact: Contact) -> bool:
    """Whether two valid tax numbers say that a contact is somebody else."""
    return bool(supplier.tax_number and contact.tax_number) and supplier.tax_number != contact.tax_number


@dataclass(frozen=True)
class Beside:
    """Both sides of a project, for the documents that are compared in it."""

    procore: ProcoreSide
    books: Books
    #: Vendor id to its contact, and to what Procore says of it.
    contacts: Mapping[str, Contact | None]
    suppliers: Mapping[str, Supplier]
    #: Fields of a coding that cannot be compared in this project.
    uncompared: Sequence[str] = field(default_factory=tuple)

    def figures(self, due: Due, document: Posted) -> list[Found]:
        """What differs in currency and amounts."""
        return [*self._currency(due, document), *self._tax(due, document), *self._before_tax(due, document)]

    def rest(self, due: Due, document: Posted) -> list[Found]:
        """What differs beside them."""
        return [
            *self._payee(due, document),
            *self._lines(due, document),
            *self._number(due, document),
            *self._dates(due, document),
            *self._status(due, document),
        ]

    def _payee(self, due: Due, document: Posted) -> Iterator[Found]:
        contact, paid_to = self.contacts.get(due.vendor_id), self.books.contact_on(document)
        if due.payee and paid_to is not None and self.books.named(due.payee) != paid_to:
            yield Found(What.PAYEE, f"It is payable to {paid_to.name}, by the mapping file to {due.payee}.")
        if contact is None or paid_to is None or due.payee:
            return
        supplier = self.suppliers[due.vendor_id]
        if contact.id == paid_to.id:
            if is_another(supplier, paid_to):
                yield Found(
                    What.TAX_NUMBER,
                    f"It is payable to {paid_to.name}, which has the {paid_to.tax_number}: that is not its vendor.",
                )
            return
        numbers = [f", which has the {one}" if one else "" for one in (paid_to.tax_number, supplier.tax_number)]
        yield Found(
            What.PAYEE, f"It is payable to {paid_to.name}{numbers[0]}, in Procore to {supplier.name}{numbers[1]}."
        )

    def _money(self, due: Due, amount: Decimal) -> str:
        return money(amount, due.currency or self.books.side.currency)

    def _currency(self, due: Due, document: Posted) -> Iterator[Found]:
        currency = due.currency or self.books.side.currency
        if currency and document.currency != currency:
            there = document.currency or "no currency"
            yield Found(What.CURRENCY, f"Its document in Xero is in {there}, and Procore's amount in {currency}.")

    def _tax(self, due: Due, document: Posted) -> Iterator[Found]:
        tax = document.sign * document.tax
        if due.tax is not None:
            if tax != due.tax:
                yield Found(
                    What.TAX,
                    f"Xero's tax is {money(tax, document.currency)}, Procore's is {self._money(due, due.tax)}.",
                )
        elif due.lines:
            by_rates = self._by_rates(due)
            if by_rates is not None and abs(document.tax - by_rates) > self._rounding(document):
                there, here = money(document.tax, document.currency), money(by_rates, document.currency)
                yield Found(What.TAX, f"Xero's tax is {there}, by its tax types it is {here}.")

    def _by_rates(self, due: Due) -> Decimal | None:
        """The tax on what Procore has without one; None where Xero does not say a rate."""
        if not self.books.may_be_taxed(coding.tax_type for coding in due.lines):
            return ZERO
        rates = self.books.side.rates()
        if any(coding.tax_type not in rates for coding in due.lines):
            return None
        exact = ZERO
        for coding, amount in due.lines.items():
            rate = rates[coding.tax_type]
            exact += amount * rate / (100 + rate if due.gross else 100)
        return exact.quantize(CENT, ROUND_HALF_UP)

    def _rounding(self, document: Posted) -> Decimal:
        """Half a cent for each line, which Xero rounds apart, and what the mapping file allows."""
        return CENT * document.line_count / 2 + self.procore.tolerance

    def _before_tax(self, due: Due, document: Posted) -> Iterator[Found]:
        posted = document.sign * (document.before_tax + (document.tax if due.inclusive else ZERO))
        if posted not in due.readings:
            said = "with" if due.inclusive else "before"
            yield Found(
                What.AMOUNT,
                f"Xero has {money(posted, document.currency)} {said} tax, Procore {self._money(due, due.readings[0])}.",
            )
        if document.rounding:
            by = money(document.rounding, document.currency)
            yield Found(What.ROUNDING, f"Its total in Xero has a RoundingAmount of {by}, which Procore's has not.")

    def _lines(self, due: Due, document: Posted) -> Iterator[Found]:
        if due.uncoded:
            yield Found(What.UNCODED, due.uncoded)
        elif due.lines:
            for sentence in codings.differences(*self._both(due, document), currency=document.currency):
                yield Found(What.CODING, sentence)

    def moved(self, due: Due, document: Posted) -> codings.Moved:
        """What of its lines is coded otherwise; nothing where they are not compared."""
        return codings.Moved((), ()) if due.uncoded or not due.lines else codings.moved(*self._both(due, document))

    def _both(self, due: Due, document: Posted) -> tuple[Coded, Coded, str, Sequence[str]]:
        posted = _with_taxes(document) if due.gross else document.lines
        return due.lines, posted, self.procore.job_number, [*self.uncompared, *self._nameless(due)]

    def _nameless(self, due: Due) -> Iterator[str]:
        """Cost codes are not compared where Xero has no option for one: somebody has renamed it."""
        options = self.books.side.cost_code_options
        if options is None or any(not self.books.has_option(code) for code in {one.cost_code for one in due.lines}):
            yield "cost_code"

    def _number(self, due: Due, document: Posted) -> Iterator[Found]:
        if not due.is_numbered(document.number):
            yield Found(
                What.NUMBER, f"Its number in Xero is {document.number or 'blank'}, in Procore {due.numbers[0]}."
            )

    def _dates(self, due: Due, document: Posted) -> Iterator[Found]:
        if due.on is None or document.on is None:
            return
        if document.on != due.on:
            if not self._was_moved(due, document):
                yield Found(What.DATE, f"Its date in Xero is {document.on}, in Procore {due.on}.")
            return
        if due.is_credit or document.due_on is None or document.status == "PAID":
            return
        paid_to = self.books.contact_on(document)
        found = terms.due_on(due.on, due.terms) or terms.due_on(due.on, paid_to.terms if paid_to else None)
        expected = found or due.on + timedelta(days=self.procore.due_days)
        if document.due_on != expected:
            by = "by its terms" if found else "by the mapping file"
            yield Found(What.DUE_DATE, f"It is due on {document.due_on} in Xero, {by} on {expected}.")

    def _was_moved(self, due: Due, document: Posted) -> bool:
        """Out of a locked period to its first open day, which the document says itself."""
        locked, on = self.books.side.locked_until, document.on
        is_open_day = locked is not None and on is not None and on <= locked + timedelta(days=1)
        return self.procore.moves_dates and is_open_day and document.moved_from == str(due.on)

    def _status(self, due: Due, document: Posted) -> Iterator[Found]:
        if due.status not in _STATUSES or document.status not in _STATUSES:
            return
        if _STATUSES.index(document.status) < _STATUSES.index(due.status):
            yield Found(
                What.STATUS, f"It is {document.status} in Xero, and arrives as {due.status} by the mapping file."
            )


def _with_taxes(document: Posted) -> Coded:
    """What its lines come to with the tax that is in them."""
    return {coding: amount + document.taxes.get(coding, ZERO) for coding, amount in document.lines.items()}
