"""Both sides of one project compared, record by record. Pure; says only what differs, and counts what agrees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from worker import holds
from worker.audit.books import Books, Key, commitment_of, paid_invoice, payment_id
from worker.audit.sides import Contact, Due, Paid, PaidOut, Posted, ProcoreSide, Supplier

#: What is compared, in the order in which it is shown.
PROJECTS, VENDORS, BILLS, CREDITS, PAYMENTS, RETENTION = (
    "projects", "vendors", "bills", "credit notes", "payments", "retention",
)  # fmt: skip
KINDS = (PROJECTS, VENDORS, BILLS, CREDITS, PAYMENTS, RETENTION)
#: What a bookkeeper adds up, by record; credit notes count as negative.
CLAIMS, INVOICES = "claims", "invoices"
TOTALLED = (CLAIMS, RETENTION, PAYMENTS, INVOICES)
ZERO = Decimal(0)
#: How far a payment may be from its share of its bill's tax: the sums of a bill are rounded, not its payments.
_ROUNDING = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `records` are those whose hold would explain it; `hold` is the one that does."""

    job_number: str
    kind: str
    title: str
    sentence: str
    procore: Decimal | None = None
    xero: Decimal | None = None
    records: tuple[Key, ...] = ()
    hold: str = ""
    outcome: str = ""


@dataclass
class Result:
    """What was found in one project."""

    job_number: str
    differences: list[Difference] = field(default_factory=list)
    #: Kind to how many agree, and the sum of their amounts.
    agreed: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    #: Each of TOTALLED to what Procore says it comes to, and what Xero holds of it, whether they agree or not.
    totals: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    #: The organisation whose books were compared, where there are several.
    organisation: str = ""

    def agree(self, kind: str, amount: Decimal = ZERO) -> None:
        count, total = self.agreed.get(kind, (0, ZERO))
        self.agreed[kind] = (count + 1, total + amount)

    def add(self, kind: str, procore: Decimal, xero: Decimal) -> None:
        before = self.totals.get(kind, (ZERO, ZERO))
        self.totals[kind] = (before[0] + procore, before[1] + xero)


def compare(
    procore: ProcoreSide,
    books: Books,
    retention_accounts: Collection[str] = (),
    tolerance: Decimal = ZERO,
) -> Result:
    """Everything of one project. `tolerance` is how far a document's tax may be from Procore's figure."""
    return _Comparison(procore, books, retention_accounts, tolerance).whole()


def explained(result: Result, holds: Mapping[Key, tuple[str, str]]) -> Result:
    """The same with what the ledger knows: `holds` are the outcome and code of records that are held or wait."""

    def with_hold(one: Difference) -> Difference:
        found = next((holds[record] for record in one.records if record in holds), None)
        return replace(one, outcome=found[0], hold=found[1]) if found else one

    return replace(result, differences=[with_hold(one) for one in result.differences])


class _Comparison:
    """One project's comparison, with what it looks up by."""

    def __init__(
        self, procore: ProcoreSide, books: Books, retention_accounts: Collection[str], tolerance: Decimal
    ) -> None:
        self._procore = procore
        self._books = books
        self._retention_accounts = retention_accounts
        self._tolerance = tolerance
        self._result = Result(procore.job_number)
        self._contacts = {one.id: books.contact(one) for one in procore.suppliers}
        self._tax_numbers = {one.id: one.tax_number for one in procore.suppliers}
        #: Live documents by id, with the claim or invoice that each is of.
        self._matched: dict[str, tuple[Posted, Due]] = {}

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
        self._extra_bills()
        self._payments()
        self._retention()
        return self._result

    def _differs(
        self,
        kind: str,
        title: str,
        sentence: str,
        procore: Decimal | None = None,
        xero: Decimal | None = None,
        records: Iterable[Key] = (),
    ) -> None:
        one = Difference(self._procore.job_number, kind, title, sentence, procore, xero, tuple(records))
        self._result.differences.append(one)

    def _project(self) -> None:
        number = self._procore.job_number
        fitting = [name for name in self._books.project_options if name == number or name.startswith(f"{number} ")]
        records = [("projects", str(self._procore.project_id))]
        if len(fitting) == 1:
            self._result.agree(PROJECTS)
        elif fitting:
            said = f"Several tracking options fit it: {', '.join(fitting)}."
            self._differs(PROJECTS, f"project {number}", said, records=records)
        else:
            self._differs(PROJECTS, f"project {number}", "Xero has no active tracking option for it.", records=records)

    def _supplier(self, supplier: Supplier) -> None:
        contact = self._contacts[supplier.id]
        title, records = f"vendor {supplier.name}", [("vendors", supplier.id)]
        if contact is None:
            self._differs(VENDORS, title, "Xero has no contact for it.", records=records)
        elif not contact.is_active:
            self._differs(VENDORS, title, f"Its contact {contact.name} is archived in Xero.", records=records)
        elif _is_another(supplier.tax_number, contact):
            said = f"Its contact {contact.name} has the {contact.tax_number}, in Procore it is {supplier.tax_number}."
            self._differs(VENDORS, title, said, records=records)
        else:
            self._result.agree(VENDORS)

    def _document(self, due: Due) -> None:
        kind = CREDITS if due.is_credit else BILLS
        records = [(due.kind, due.id), ("vendors", due.vendor_id)]
        found = self._found(due)
        live = [document for document in found if document.is_live]
        if due.is_opening and not live:
            return
        owed = _with_tax(due)
        self._result.add(due.kind, *_totals(due, live))
        self._matched |= {document.id: (document, due) for document in live}
        if owed is None:
            self._differs(kind, due.title, "Procore does not say what is due.", records=records)
        elif not live and owed:
            why = f"Its document in Xero is {found[0].status}." if found else "It is not in Xero."
            self._differs(kind, due.title, why, owed, records=records)
        elif len(live) > 1:
            posted = sum((one.sign * (one.before_tax + one.tax) for one in live), ZERO)
            self._differs(kind, due.title, f"It is {len(live)} times in Xero.", owed, posted, records)
        elif live:
            self._amounts(kind, due, live[0], records)

    def _found(self, due: Due) -> list[Posted]:
        if due.is_credit:
            return self._books.credit_notes(self._contacts.get(due.vendor_id), due.numbers)
        return self._books.bills(self._procore.project_id).get((due.kind, due.id), [])

    def _amounts(self, kind: str, due: Due, document: Posted, records: Iterable[Key]) -> None:
        before_tax, tax = document.sign * document.before_tax, document.sign * document.tax
        total, paid_to = _with_tax(due), self._books.contact_on(document)
        if paid_to is not None and _is_another(self._tax_numbers.get(due.vendor_id, ""), paid_to):
            said = f"It is payable to {paid_to.name}, which has the {paid_to.tax_number}: that is not its vendor."
            self._differs(kind, due.title, said, total, before_tax + tax, records)
        elif (currency := due.currency or self._books.currency) and document.currency != currency:
            said = (
                f"Its document in Xero is in {document.currency or 'no currency'}, and Procore's amount in {currency}."
            )
            self._differs(kind, due.title, said, total, before_tax + tax, records)
        elif due.tax is not None and abs(tax - due.tax) > self._tolerance:
            said = f"Xero's tax is {tax}, Procore's is {due.tax}."
            self._differs(kind, due.title, said, total, before_tax + tax, records)
        elif (before_tax + tax if due.inclusive else before_tax) not in due.readings:
            taxed = "" if due.tax is not None or due.inclusive else ", before tax"
            posted = before_tax if taxed else before_tax + tax
            self._differs(kind, due.title, f"The amounts differ{taxed}.", total, posted, records)
        elif document.rounding:
            said = f"Its total in Xero has a RoundingAmount of {document.rounding}, which Procore's has not."
            self._differs(kind, due.title, said, total, before_tax + tax + document.sign * document.rounding, records)
        else:
            self._result.agree(kind, before_tax + tax)

    def _extra_bills(self) -> None:
        """Bills that name a record of this project which is not due."""
        due = {(one.kind, one.id) for one in self._procore.due if not one.is_credit}
        for (kind, id_), documents in sorted(self._books.bills(self._procore.project_id).items()):
            is_extra = (kind, id_) not in due and kind not in self._procore.unseen
            for one in documents if is_extra else ():
                if one.is_live:
                    self._result.add(kind, ZERO, one.before_tax + one.tax)
                    said = f"Xero has bill {one.number} for it, but in Procore it is not due: not approved, or deleted."
                    title = holds.title(kind, id_)
                    self._differs(BILLS, title, said, None, one.before_tax + one.tax, [(kind, id_)])

    def _payments(self) -> None:
        for payment in self._procore.payments:
            found = self._books.payments_named(payment.id)
            if found or not payment.is_opening:
                self._payment(payment, found)
        self._paid_in_full()
        for document, due in self._matched.values():
            if due.is_paid:
                self._paid_invoice(document, due)
        issued = {payment.id for payment in self._procore.payments}
        for paid in self._books.payments_on(self._matched):
            id_ = payment_id(paid)
            if id_ in issued or "payments" in self._procore.unseen:
                continue
            due = self._matched[paid.document_id][1]
            if due.is_paid and paid_invoice(paid) == due.id:
                continue
            self._result.add(PAYMENTS, ZERO, paid.amount)
            title = f"payment {id_}" if id_ else f"payment '{paid.reference}'"
            said = f"Xero has it on {due.title}, Procore has not."
            self._differs(PAYMENTS, title, said, None, paid.amount, [("payments", id_)])

    def _paid_invoice(self, document: Posted, due: Due) -> None:
        """A direct cost that is paid is so as a whole."""
        found = [one for one in self._books.payments_on([document.id]) if paid_invoice(one) == due.id]
        owed, paid = document.sign * (document.before_tax + document.tax), sum((one.amount for one in found), ZERO)
        self._result.add(PAYMENTS, owed, paid)
        if paid == owed:
            self._result.agree(PAYMENTS, paid)
        else:
            said = "Procore has it as paid, and Xero has not."
            self._differs(PAYMENTS, due.title, said, owed, paid, [("invoice_payments", due.id), (due.kind, due.id)])

    def _payment(self, payment: PaidOut, found: Sequence[Paid]) -> None:
        title = f"payment {payment.id}"
        records = [("payments", payment.id), ("claims", payment.claim_id)]
        total = sum((one.amount for one in found), ZERO)
        expected = self._with_share_of_tax(payment, found)
        agrees = abs(total - expected) <= (_ROUNDING if payment.before_tax else ZERO)
        self._result.add(PAYMENTS, total if agrees else expected, total)
        if not found:
            self._differs(PAYMENTS, title, "It is not in Xero.", payment.amount, records=records)
        elif len(found) > 1:
            self._differs(PAYMENTS, title, f"It is {len(found)} times in Xero.", payment.amount, total, records)
        elif not agrees:
            self._differs(PAYMENTS, title, "The amounts differ.", expected, total, records)
        elif payment.claim_id and not self._is_of(found[0], payment.claim_id):
            said = f"In Xero it is not on the document of claim {payment.claim_id}."
            self._differs(PAYMENTS, title, said, payment.amount, total, records)
        else:
            self._result.agree(PAYMENTS, total)

    def _with_share_of_tax(self, payment: PaidOut, found: Sequence[Paid]) -> Decimal:
        """What it comes to in Xero, by the figures of the document that it is on."""
        matched = self._matched.get(found[0].document_id) if found and payment.before_tax else None
        if matched is None or not matched[0].before_tax:
            return payment.amount
        return payment.amount + (payment.amount * matched[0].tax / matched[0].before_tax).quantize(Decimal("0.01"))

    def _paid_in_full(self) -> None:
        """Payments before tax that come to a document before tax leave nothing due on it."""
        stated: dict[str, Decimal] = defaultdict(Decimal)
        paid: dict[str, Decimal] = defaultdict(Decimal)
        for payment in self._procore.payments:
            for one in self._books.payments_named(payment.id) if payment.before_tax else ():
                stated[one.document_id] += payment.amount
                paid[one.document_id] += one.amount
        for document_id, amount in stated.items():
            if document_id not in self._matched:
                continue
            document, due = self._matched[document_id]
            total = document.sign * (document.before_tax + document.tax)
            if amount == document.sign * document.before_tax and paid[document_id] != total:
                said = "Procore has paid it in full, and Xero has not."
                records = [("payments", due.id), (due.kind, due.id)]
                self._differs(PAYMENTS, due.title, said, total, paid[document_id], records)

    def _is_of(self, paid: Paid, claim_id: str) -> bool:
        matched = self._matched.get(paid.document_id)
        return matched is not None and (matched[1].kind, matched[1].id) == ("claims", claim_id)

    def _retention(self) -> None:
        """What is held back on a commitment: Procore's newest claim says it, Xero's lines add up to it."""
        if not self._retention_accounts or "claims" in self._procore.unseen:
            return
        posted: dict[str, Decimal] = defaultdict(Decimal)
        for document in self._of_commitments():
            posted[document[0]] -= self._on_retention(document[1])
        opening = self._of_opening()
        for commitment_id, held_back in self._procore.retained.items():
            retained = held_back - opening.get(commitment_id, ZERO)
            self._result.add(RETENTION, retained, posted[commitment_id])
            if posted[commitment_id] == retained:
                self._result.agree(RETENTION, retained)
                continue
            records = [("claims", due.id) for due in self._procore.due if due.commitment_id == commitment_id]
            said = "Procore holds back another amount than the documents in Xero do."
            title = f"commitment {commitment_id}"
            self._differs(RETENTION, title, said, retained, posted[commitment_id], records)

    def _of_opening(self) -> Mapping[str, Decimal]:
        """What was held back before the start, where no claim from before it is in the books."""
        sent = {due.commitment_id for _, due in self._matched.values() if due.is_opening}
        return {id_: amount for id_, amount in self._procore.retained_before.items() if id_ not in sent}

    def _of_commitments(self) -> list[tuple[str, Posted]]:
        """Every live bill of a commitment, also of a claim that is not due any more, and the credit notes of claims."""
        bills = (one for some in self._books.bills(self._procore.project_id).values() for one in some)
        found = [(commitment_of(one), one) for one in bills if one.is_live]
        credits = [(due.commitment_id, one) for one, due in self._matched.values() if one.credit]
        return [pair for pair in (*found, *credits) if pair[0]]

    def _on_retention(self, document: Posted) -> Decimal:
        lines = (amount for code, amount in document.by_account.items() if code in self._retention_accounts)
        return document.sign * sum(lines, ZERO)


def _is_another(tax_number: str, contact: Contact) -> bool:
    """Whether two valid tax numbers say that a contact is somebody else."""
    return bool(tax_number and contact.tax_number) and tax_number != contact.tax_number


def _totals(due: Due, live: Sequence[Posted]) -> tuple[Decimal, Decimal]:
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
