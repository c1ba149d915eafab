"""A contract and the payments issued on it (procore-api.md §4.5, §4.7)."""

from __future__ import annotations

from typing import ClassVar

from worker.procore.fields import Day, Id, Mark, MaybeId, MaybeMoney, Moment, Money, Name, Text
from worker.procore.records.reading import Record


class Contract(Record):
    """A commitment: a subcontract (work order contract) or a purchase order. Read for its payments and its terms."""

    kind: ClassVar[str] = "contracts"
    number: Text = None
    total_payments: MaybeMoney = None
    #: In words, "Net 30"; only purchase orders have them (procore-api.md §4.5).
    payment_terms: Text = None


class Payment(Record):
    kind: ClassVar[str] = "payments"
    amount: Money
    status: Name
    contract_id: Id
    requisition_id: MaybeId = None
    invoice_number: Text = None
    check_number: Text = None
    payment_method: Text = None
    date: Day = None
    #: Only with Procore Pay, which pays by itself once the payment is approved.
    external_payment_id: Text = None
    date_payment_settled: Moment = None
    origin_id: Mark = ""

    @property
    def page(self) -> str:
        return f"commitments/{self.contract_id}/payments_issued/{self.id}"
