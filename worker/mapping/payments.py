"""A payment issued in Procore to a payment on the claim's bill in Xero (procore-api.md §4.7, xero-api.md §4.8).

What a subcontractor pays back on a negative claim is the refund of its credit note.
"""

from __future__ import annotations

from decimal import Decimal

from worker.errors import MappingError, MissingReference
from worker.holds import HoldCode, title
from worker.mapping import status
from worker.mapping.money import is_cents
from worker.mapping.references import Known, SentBill
from worker.procore.records import Payment
from worker.xero.documents import Payment as XeroPayment

#: Without Procore Pay a payment that is approved is one that was made; with it the money leaves later.
MADE = ("approved", "paid")
#: Of a check number in a payment's reference, which Xero keeps at most 255 characters of.
_LONGEST_CHECK = 100
#: On its way: it is not made yet, and what is in Xero of it is not taken back.
UNDER_WAY = "processing"
NOT_MADE = ("unpaid", "in_review", "rejected", "failed")


def to_document(payment: Payment, known: Known) -> XeroPayment:
    status.refuse_deleted(payment)
    status.require(payment.status, (*MADE, UNDER_WAY), NOT_MADE)
    if _is_under_way(payment):
        raise MappingError(HoldCode.PAYMENT_UNDER_WAY, status=payment.status)
    claim_id = claim_of(payment, known)
    bill = payable(known.bills.get(claim_id), title("claims", claim_id))
    if payment.date is None:
        raise MappingError(HoldCode.DATE_MISSING, field="The payment date")
    amount = _amount(payment, bill)
    return XeroPayment(
        bill_id=bill.xero_id,
        account_code=bank_account(method(payment), known),
        method=method(payment),
        on=payment.date,
        amount=amount,
        reference=_reference(payment),
        credit=bill.credit,
        before_tax=amount if known.rules.payments.amounts == "before_tax" else None,
    )


def _is_under_way(payment: Payment) -> bool:
    """Procore Pay has made what is paid, or what has a day on which it was settled (procore-api.md §4.7)."""
    if payment.status == "paid" or payment.date_payment_settled is not None:
        return False
    return payment.status == UNDER_WAY or payment.external_payment_id is not None


def claim_of(payment: Payment, known: Known) -> str:
    """The claim it pays: named, or the only one of its contract with its invoice number."""
    if payment.requisition_id is not None:
        return str(payment.requisition_id)
    number = payment.invoice_number or ""
    fitting = known.claims_numbered.get((payment.contract_id, number), set()) if number else set()
    not_sent = known.claims_not_sent.get(number, set()) if number and not fitting else set()
    if len(not_sent) == 1:  # held or waiting by either reason; this one says what to do
        raise MissingReference(HoldCode.CLAIM_NOT_SENT, claim=title("claims", next(iter(not_sent))))
    if len(fitting) != 1:
        raise MappingError(HoldCode.PAYMENT_UNMATCHED, number=number or "(blank)", count=len(fitting))
    return next(iter(fitting))


def _amount(payment: Payment, bill: SentBill) -> Decimal:
    """A negative claim is paid with a negative amount, and its credit note refunded with as much."""
    amount = -payment.amount if bill.credit else payment.amount
    if not is_cents(amount) or amount <= 0:
        field = "Its amount, on a claim that is negative," if bill.credit else "Its amount"
        raise MappingError(HoldCode.VALUE_UNKNOWN, field=field, value=payment.amount)
    return amount


def payable(bill: SentBill | None, of: str) -> SentBill:
    """The bill, if it may be paid now; `of` is what its record is called."""
    if bill is None or bill.status in ("VOIDED", "DELETED"):
        raise MissingReference(HoldCode.CLAIM_NOT_SENT, claim=of)
    if bill.in_doubt:
        raise MissingReference(HoldCode.BILL_DIFFERS, claim=of, difference="its own hold says how")
    if bill.status in ("DRAFT", "SUBMITTED"):
        raise MissingReference(HoldCode.BILL_AWAITING_APPROVAL, claim=of, status=bill.status)
    return bill


def method(payment: Payment) -> str:
    """Procore's answer seldom names the method; a check is told by its number (§4.7)."""
    return payment.payment_method or ("check" if payment.check_number else "electronic")


def bank_account(method: str, known: Known) -> str:
    banks = known.rules.bank_accounts
    account = banks.get(method) or banks.get("default")
    if account is None:
        raise MappingError(HoldCode.BANK_ACCOUNT_MISSING, method=method)
    return account


def _reference(payment: Payment) -> str:
    """The check number first, as on the bank statement; the Procore id makes it unique."""
    check = f"Check {payment.check_number[:_LONGEST_CHECK]}, " if payment.check_number else ""
    return f"{check}Procore payment {payment.id}"
