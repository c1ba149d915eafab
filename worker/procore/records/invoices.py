"""A direct cost with its lines (procore-api.md §4.8)."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import AliasPath, Field, model_validator

from worker.procore.fields import Day, Fields, Id, Mark, Maybe, MaybeId, MaybeMoney, Name, Prose, Rows, Text
from worker.procore.records.cost_codes import WbsCode
from worker.procore.records.reading import Record
from worker.procore.records.tax import Currency, TaxCode


class InvoiceLine(Fields):
    """One line of a direct cost."""

    id: Id
    description: Prose = None
    quantity: MaybeMoney = None
    unit_cost: MaybeMoney = None
    uom: Text = None
    amount: MaybeMoney = None
    extended_amount: MaybeMoney = None
    tax_code_id: MaybeId = None
    wbs_code: Maybe[WbsCode] = None
    cost_code: Text = Field(None, validation_alias=AliasPath("cost_code", "full_code"))
    cost_type: Text = Field(None, validation_alias=AliasPath("line_item_type", "code"))
    position: MaybeId = None


class TaxBreakdown(Fields):
    """Always there; what its totals hold where taxes on direct costs are off is not documented."""

    subtotal: MaybeMoney = None
    tax_total: MaybeMoney = None
    grand_total: MaybeMoney = None
    tax_details: Rows[TaxCode] = ()

    @property
    def adds_up(self) -> bool:
        """Whether it says what the lines come to; without it the header's own totals count."""
        return bool(self.tax_details or self.subtotal or self.tax_total or self.grand_total)


class Employee(Fields):
    name: Text = None
    id: MaybeId = None


class Invoice(Record):
    """A direct cost; those of type `invoice` are carried."""

    kind: ClassVar[str] = "invoices"
    direct_cost_type: Name
    status: Name
    invoice_number: Text = None
    direct_cost_date: Day = None
    #: The day on which it was paid; blank while it is not.
    payment_date: Day = None
    terms: Text = None
    #: Instead of a vendor: who laid the money out.
    employee: Maybe[Employee] = None
    vendor_id: MaybeId = None
    vendor_name: Text = None
    amount: MaybeMoney = None
    grand_total: MaybeMoney = None
    tax_breakdown: Maybe[TaxBreakdown] = None
    line_items: Rows[InvoiceLine] = ()
    currency_configuration: Maybe[Currency] = None
    origin_id: Mark = ""

    @property
    def states_tax(self) -> bool:
        """Whether Procore computes tax on it: it has a figure, or a tax code on a line."""
        broken_down = self.tax_breakdown
        is_figure = broken_down is not None and bool(broken_down.tax_total or broken_down.tax_details)
        return is_figure or any(line.tax_code_id is not None for line in self.line_items)

    @property
    def page(self) -> str:
        return f"direct_costs/{self.id}"

    @property
    def is_of_employee(self) -> bool:
        return self.vendor_id is None and self.employee is not None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        lines = tuple(sorted(self.line_items, key=lambda line: (line.position or 0, line.id)))
        object.__setattr__(self, "line_items", lines)
        return self


class InvoicePayment(Record):
    """That a direct cost was paid: all of it, on its payment date. Procore has no record of its own for it."""

    kind: ClassVar[str] = "invoice_payments"
    direct_cost_type: Name
    status: Name
    paid_on: Day = None

    @property
    def page(self) -> str:
        return f"direct_costs/{self.id}"

    @classmethod
    def of(cls, invoice: Invoice) -> InvoicePayment:
        return cls.model_construct(
            id=invoice.id,
            direct_cost_type=invoice.direct_cost_type,
            status=invoice.status,
            paid_on=invoice.payment_date,
            deleted_at=invoice.deleted_at,
        )
