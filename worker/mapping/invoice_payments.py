"""A direct cost that was paid to a payment on its bill: all of it, on its payment date (procore-api.md §4.8).

One that is negative is the refund of its credit note.
"""

from __future__ import annotations

from worker.errors import MappingError, MissingReference
from worker.holds import HoldCode, title
from worker.mapping import status
from worker.mapping.payments import bank_account, payable
from worker.mapping.references import Known
from worker.procore.records import InvoicePayment
from worker.xero.documents import Payment as XeroPayment

#: How it is paid, for a sentence about the bank account.
METHOD = "direct costs"


def to_document(payment: InvoicePayment, known: Known) -> XeroPayment:
    status.refuse_deleted(payment)
    if payment.paid_on is None:
        raise MappingError(HoldCode.NOT_PAID)
    name = title("invoices", payment.procore_id)
    bill = payable(known.invoice_bills.get(payment.procore_id), name)
    if bill.total is None:
        raise MissingReference(HoldCode.BILL_DIFFERS, claim=name, difference="Xero does not show its total")
    return XeroPayment(
        bill_id=bill.xero_id,
        account_code=known.rules.invoices.bank_account or bank_account(METHOD, known),
        method=METHOD,
        on=payment.paid_on,
        amount=bill.total,
        reference=f"Procore direct cost {payment.id}",
        credit=bill.credit,
    )
