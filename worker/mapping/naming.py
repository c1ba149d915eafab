"""What a record is called by people, from the record and what is known beside it. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from worker.called import UNNAMED, Called
from worker.mapping import what_is_due, wording
from worker.mapping.references import Known
from worker.procore.records import Claim, Invoice, InvoicePayment, Payment, Record, Vendor


def called(record: Record, known: Known, currency: str, of: Called = UNNAMED) -> Called | None:
    """What it is called; None for a record without a name of this kind. `of` is what a payment pays, and `currency`
    the organisation's own, for what Procore says in none."""
    if isinstance(record, Claim):
        return _claim(record, known, currency)
    if isinstance(record, Invoice):
        who = record.vendor_name or (record.employee.name if record.employee else None) or ""
        own = of_amounts(record, currency)
        return Called(who, "", record.invoice_number or "", record.direct_cost_date, _total(record), own)
    if isinstance(record, Payment):
        document = of.document or known.commitments.get(record.contract_id, "")
        number = record.invoice_number or of.number
        return Called(of.supplier, document, number, record.date, record.amount, of.currency or currency)
    if isinstance(record, InvoicePayment):
        return replace(of, date=record.paid_on)
    return Called(record.name) if isinstance(record, Vendor) else None


def _claim(claim: Claim, known: Known, currency: str) -> Called:
    due = None
    if claim.summary.current_payment_due is not None:
        due = what_is_due.before_tax(claim, known.rules.claims.due or "without_tax") + what_is_due.tax(claim)
    own = of_amounts(claim, currency)
    document = wording.document(claim, known)
    return Called(claim.vendor_name or "", document, claim.invoice_number or "", claim.billing_date, due, own)


def _total(invoice: Invoice) -> Decimal | None:
    return invoice.amount if invoice.grand_total is None else invoice.grand_total


def of_amounts(record: Record, own: str) -> str:
    """The currency of its amounts, as far as it says one; else the organisation's `own`."""
    said = record.currency_configuration if isinstance(record, Claim | Invoice) else None
    return (said.currency_iso_code if said else None) or own
