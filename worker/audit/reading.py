"""Both sides read anew from the two APIs, as the audit compares them. Nothing is asked of the ledger or of mapping.

Xero is read as a whole, a thousand documents a call: a bill is found by the address that it carries, for which Xero
has no filter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from worker.audit.sides import Contact, Due, Paid, PaidOut, Posted, ProcoreSide, Supplier, XeroSide
from worker.mapping import tax_numbers, wording
from worker.mapping.opening import is_before
from worker.mapping.rules import Rules
from worker.procore.client import CONTRACTS, Procore
from worker.procore.records import Claim, Contract, Invoice, Payment, Project, Unreadable, Vendor
from worker.procore.shown import LISTS, Shown
from worker.xero.answers import Element, amount
from worker.xero.client import Xero
from worker.xero.documents import document_number
from worker.xero.rounding import rounding

_CLAIMS_DUE = ("approved", "approved_as_noted")
#: Kind to the lists of Procore that it is read from.
_LISTS = {
    "claims": ("requisitions",),
    "payments": (*CONTRACTS, "contract_payments"),
    "invoices": ("direct_costs",),
}


def procore_side(
    procore: Procore, project: Project, rules: Rules, country: str, taxed: Collection[str] = ()
) -> ProcoreSide:
    """One project: what is approved there, and who is to be paid. Xero's country says what a tax number is, and `taxed`
    are the kinds on which Procore is known to compute tax."""
    unreadable: list[tuple[str, str, str]] = []
    shown = Shown(rules.records.leaves_out)

    def readable(rows: Iterable[object]) -> Iterator[object]:
        for row in rows:
            if isinstance(row, Unreadable):
                unreadable.append((row.kind, row.procore_id, row.detail))
            else:
                yield row

    claims = [
        row
        for row in readable(shown.rows("requisitions", procore.claims(project.id)))
        if isinstance(row, Claim) and _is_due(row)
    ]
    invoices = [
        row
        for row in readable(shown.rows("direct_costs", procore.invoices(project.id)))
        if isinstance(row, Invoice)
        and row.deleted_at is None
        and row.status == "approved"
        and row.direct_cost_type in rules.invoices.types
        and not (row.is_of_employee and rules.invoices.employees == "ignore")
    ]
    start = rules.documents.not_before
    before = [claim for claim in claims if is_before(claim, start)]
    contracts = list(_contracts(procore, shown, project.id))
    called = {row.id: row.number or "" for row in contracts if isinstance(row, Contract)}
    job_number = project.job_number.strip()
    zero = {kind: _zero_counts(kind, rows, rules, taxed) for kind, rows in (("claims", claims), ("invoices", invoices))}
    due = [
        replace(claim_due(one, called, job_number, zero["claims"]), is_opening=is_before(one, start)) for one in claims
    ]
    due += [replace(invoice_due(one, rules, zero["invoices"]), is_opening=is_before(one, start)) for one in invoices]
    listed = shown.rows("project_vendors", procore.vendors(project.id))
    vendors = {row.id: row for row in readable(listed) if isinstance(row, Vendor)}
    others = sorted({int(one.vendor_id) for one in due if one.vendor_id and not one.is_opening} - vendors.keys())
    named = readable(shown.rows("vendors", procore.vendors_by_id(map(str, others))))
    vendors |= {row.id: row for row in named if isinstance(row, Vendor)}
    payments = [row for row in readable(_payments(procore, shown, project.id, contracts)) if isinstance(row, Payment)]
    return ProcoreSide(
        project.id,
        job_number,
        [_supplier(vendor, country) for vendor in vendors.values()],
        due,
        [
            replace(_paid_out(row, rules), is_opening=_is_opening(row, before, start))
            for row in payments
            if _is_made(row)
        ],
        retained(claims),
        retained(before),
        unreadable,
        [kind for kind, lists in _LISTS.items() if not shown.all_of(lists) or rules.records.leaves_out(kind)],
        {(LISTS[name].tool, LISTS[name].tool_id, refusal.said) for name, refusal in shown.refused.items()},
    )


def _zero_counts(kind: str, rows: Sequence[Claim] | Sequence[Invoice], rules: Rules, taxed: Collection[str]) -> bool:
    """Whether a tax of 0.00 without any tax code is Procore's figure; not where the mapping file says that it is in."""
    if kind == "invoices" and rules.invoices.amounts == "inclusive":
        return False
    said = rules.tax.computes(kind)
    return said == "procore" or (said is None and (kind in taxed or any(row.states_tax for row in rows)))


def claim_due(claim: Claim, commitments: Mapping[int, str], job_number: str, zero_counts: bool = False) -> Due:
    """The foot of the claim. Whether `current_payment_due` includes the tax is not documented: either is taken."""
    due, tax = claim.summary.current_payment_due, claim.summary.tax_applicable_to_this_payment
    tax = tax if claim.states_tax or zero_counts else None
    readings = () if due is None else (due, due - tax) if tax else (due,)
    number = wording.number(claim, commitments.get(claim.commitment_id, ""), job_number)
    numbers = tuple({wording.plain_number(claim) or number, number})
    vendor_id, currency = str(claim.vendor_id or ""), _currency(claim)
    return Due("claims", str(claim.id), numbers, vendor_id, readings, tax, str(claim.commitment_id), currency)


def invoice_due(invoice: Invoice, rules: Rules, zero_counts: bool = False) -> Due:
    """The header of a direct cost: its breakdown where it has one, else what `amount` and `grand_total` say. Where it
    states no tax, the mapping file says whether the tax is in it."""
    number = document_number(invoice.invoice_number, f"DC-{invoice.id}")
    before_tax, tax = _of_header(invoice)
    tax = tax if tax or invoice.states_tax or zero_counts else None
    readings = () if before_tax is None else (before_tax,)
    vendor_id, currency = str(invoice.vendor_id or ""), _currency(invoice)
    inclusive = tax is None and rules.invoices.amounts == "inclusive"
    return Due(
        "invoices",
        str(invoice.id),
        (number,),
        vendor_id,
        readings,
        tax,
        currency=currency,
        inclusive=inclusive,
        is_paid=_is_paid(invoice, rules),
    )


def _is_paid(invoice: Invoice, rules: Rules) -> bool:
    return rules.invoices.paid == "pay" and invoice.payment_date is not None


def _currency(record: Claim | Invoice) -> str:
    said = record.currency_configuration
    return (said.currency_iso_code or "") if said else ""


def retained(claims: Iterable[Claim]) -> dict[str, Decimal]:
    """What the newest claim of each commitment says is held back by now; one that does not say it is left out."""
    newest: dict[int, Claim] = {}
    for claim in claims:
        if claim.commitment_id not in newest or _place(claim) > _place(newest[claim.commitment_id]):
            newest[claim.commitment_id] = claim
    said = {str(commitment_id): claim.summary.total_retainage for commitment_id, claim in newest.items()}
    return {commitment_id: amount for commitment_id, amount in said.items() if amount is not None}


def xero_side(xero: Xero, rules: Rules) -> XeroSide:
    """The organisation's books: project options, contacts, and everything that is to be paid or was."""
    organisation = xero.organisation()
    country = str(organisation.get("CountryCode") or "")
    categories = xero.tracking_categories()
    projects = [row for row in categories if str(row["Name"]).casefold() == rules.tracking.project.casefold()]
    options = [option for row in projects for option in row.get("Options") or []]
    return XeroSide(
        [str(option["Name"]) for option in options if option.get("Status", "ACTIVE") == "ACTIVE"],
        [_contact(row, country) for row in xero.contacts()],
        [*map(bill, xero.bills()), *map(credit_note, xero.credit_notes())],
        [paid(row) for row in xero.payments_made()],
        country,
        str(organisation.get("BaseCurrency") or ""),
    )


def bill(row: Element) -> Posted:
    return _posted(row, str(row["InvoiceID"]), str(row.get("InvoiceNumber") or ""), credit=False)


def credit_note(row: Element) -> Posted:
    return _posted(row, str(row["CreditNoteID"]), str(row.get("CreditNoteNumber") or ""), credit=True)


def paid(row: Element) -> Paid:
    on_bill, on_credit = row.get("Invoice") or {}, row.get("CreditNote") or {}
    document_id = on_bill.get("InvoiceID") or on_credit.get("CreditNoteID") or ""
    is_live = row.get("Status") != "DELETED"
    moved = -amount(row, "Amount") if on_credit else amount(row, "Amount")  # a refund comes back, as Procore counts it
    return Paid(str(row["PaymentID"]), str(document_id), str(row.get("Reference") or ""), moved, is_live)


def _posted(row: Element, id_: str, number: str, *, credit: bool) -> Posted:
    return Posted(
        id_,
        number,
        str((row.get("Contact") or {}).get("ContactID", "")),
        str(row.get("Status")),
        amount(row, "SubTotal"),
        amount(row, "TotalTax"),
        str(row.get("Url") or ""),
        credit,
        _by_account(row.get("LineItems") or ()),
        str(row.get("CurrencyCode") or ""),
        rounding(row),
    )


def _by_account(lines: Iterable[Element]) -> Mapping[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in lines:
        code = str(line.get("AccountCode"))
        sums[code] = sums.get(code, Decimal(0)) + amount(line, "LineAmount")
    return sums


def _contact(row: Element, country: str) -> Contact:
    return Contact(
        str(row["ContactID"]),
        str(row.get("Name") or ""),
        str(row.get("ContactNumber") or ""),
        _tax_number(row.get("TaxNumber"), country, row.get("TaxNumberType")),
        row.get("ContactStatus") == "ACTIVE",
    )


def _supplier(vendor: Vendor, country: str) -> Supplier:
    register = vendor.business_register
    number = _tax_number(register.identifier, country, register.type) if register else ""
    return Supplier(str(vendor.id), vendor.name, number)


def _tax_number(text: str | None, country: str, register: str | None) -> str:
    number = tax_numbers.read(text, country, register)
    return f"{number.kind} {number.digits}" if number else ""


def _is_due(claim: Claim) -> bool:
    return claim.deleted_at is None and claim.status in _CLAIMS_DUE


def _is_made(payment: Payment) -> bool:
    """Procore Pay pays what is approved later; the day on which it was settled, or `paid`, says that it has."""
    if payment.deleted_at is not None or payment.status == "paid":
        return payment.deleted_at is None
    if payment.date_payment_settled is not None:
        return payment.status in ("approved", "processing")
    return payment.status == "approved" and payment.external_payment_id is None


def _paid_out(payment: Payment, rules: Rules) -> PaidOut:
    before_tax = rules.payments.amounts == "before_tax"
    return PaidOut(str(payment.id), str(payment.requisition_id or ""), payment.amount, before_tax=before_tax)


def _is_opening(payment: Payment, before: Sequence[Claim], start: date | None) -> bool:
    """Whether it pays a claim from before the start; one that names none goes by its own date, too."""
    if payment.requisition_id is not None:
        return any(claim.id == payment.requisition_id for claim in before)
    named = (payment.contract_id, payment.invoice_number)
    is_named = bool(payment.invoice_number) and named in [(one.commitment_id, one.invoice_number) for one in before]
    return is_named or is_before(payment, start)


def _contracts(procore: Procore, shown: Shown, project_id: int) -> Iterator[Contract | Unreadable]:
    for name in CONTRACTS:
        yield from shown.rows(name, procore.contracts(project_id, name))


def _payments(
    procore: Procore, shown: Shown, project_id: int, contracts: Iterable[Contract | Unreadable]
) -> Iterator[Payment | Contract | Unreadable]:
    for contract in contracts:
        if isinstance(contract, Contract):
            yield from shown.whole("contract_payments", procore.payments(project_id, contract.id)) or ()
        else:
            yield contract


def _of_header(invoice: Invoice) -> tuple[Decimal | None, Decimal | None]:
    broken_down = invoice.tax_breakdown
    stated = broken_down.tax_total if broken_down else None
    if broken_down is not None and broken_down.subtotal is not None and broken_down.adds_up:
        return broken_down.subtotal, stated
    if invoice.grand_total is not None and invoice.amount is not None:
        return invoice.amount, (invoice.grand_total - invoice.amount) or stated
    return (invoice.amount if invoice.grand_total is None else invoice.grand_total), stated


def _place(claim: Claim) -> tuple[int, date, int]:
    """Claims of a commitment are numbered in their order."""
    return claim.number or 0, claim.billing_date or date.min, claim.id
