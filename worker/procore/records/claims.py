"""A progress claim with its lines (procore-api.md §4.6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import AliasChoices, BeforeValidator, Field

from worker.procore.fields import Column, Day, Fields, Id, Mark, Maybe, MaybeId, MaybeMoney, Name, Prose, Rows, Text
from worker.procore.records.attachments import Attachments
from worker.procore.records.cost_codes import WbsCode
from worker.procore.records.reading import Record
from worker.procore.records.tax import Currency, TaxCode


class ClaimItem(Fields):
    """One line of a claim; every column but the `…_this_period`, `…_moved` and `…_new_…` ones is cumulative."""

    id: Id
    item_type: Text = None
    description_of_work: Prose = None
    line_number: Text = None
    wbs_code: Maybe[WbsCode] = None
    taxes: Rows[TaxCode] = ()
    work_completed_this_period: Column = Decimal(0)
    materials_presently_stored: Column = Decimal(0)
    materials_presently_stored_from_previous_progress: Column = Decimal(0)
    materials_moved: Column = Decimal(0)
    work_completed_retainage_from_previous_application: Column = Decimal(0)
    work_completed_retainage_retained_this_period: Column = Decimal(0)
    work_completed_retainage_released_this_period: Column = Decimal(0)
    materials_stored_retainage_currently_retained: Column = Decimal(0)
    materials_stored_retainage_new_materials: Column = Decimal(0)
    materials_stored_retainage_released_this_period: Column = Decimal(0)


class ClaimSummary(Fields):
    """The foot of a claim. Only these two are amounts of this claim; the rest is cumulative."""

    current_payment_due: MaybeMoney = None
    tax_applicable_to_this_payment: MaybeMoney = None
    #: What is held back on the commitment by now, this claim included.
    total_retainage: MaybeMoney = None


def _summary(value: object) -> object:
    """A foot that says nothing holds the claim by its totals, which a bookkeeper can act on."""
    return ClaimSummary() if value is None else value


class Claim(Record):
    """A progress claim: Procore's API says requisition, the US pages say subcontractor invoice."""

    kind: ClassVar[str] = "claims"
    status: Name
    number: MaybeId = None
    #: The claim before it of the same commitment; None: it is the first.
    previous_requisition_id: MaybeId = None
    invoice_number: Text = None
    billing_date: Day = None
    #: The first day of the time for which it claims.
    requisition_start: Day = None
    requisition_end: Day = None
    commitment_id: Id
    #: The commitment in words, for where its number is not shown.
    contract_name: Mark = ""
    vendor_id: MaybeId = None
    vendor_name: Text = None
    summary: Annotated[ClaimSummary, BeforeValidator(_summary)] = Field(
        ClaimSummary(), validation_alias=AliasChoices("summary", "g702")
    )
    items: Rows[ClaimItem] = ()
    attachments: Attachments = ()
    currency_configuration: Maybe[Currency] = None
    origin_id: Mark = ""

    @property
    def states_tax(self) -> bool:
        """Whether Procore computes tax on it: it has a figure, or a tax code on a line."""
        return bool(self.summary.tax_applicable_to_this_payment) or any(item.taxes for item in self.items)

    @property
    def page(self) -> str:
        return f"commitments/{self.commitment_id}/requisitions/{self.id}"
