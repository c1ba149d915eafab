"""The records that Procore holds, as this program reads them (procore-api.md §4).

A row that cannot be read becomes `Unreadable`, with a sentence; it never stops its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self, TypeVar

from pydantic import AliasChoices, AliasPath, Field, ValidationError, model_validator

from worker.procore.fields import Column, Day, Fields, MaybeId, MaybeMoney, Moment, Money, Text, Trimmed


class Record(Fields):
    """One thing in Procore that is to be carried to Xero. `kind` is also the name of its stage."""

    kind: ClassVar[str]
    id: int
    updated_at: Moment = None
    deleted_at: Moment = None

    @property
    def procore_id(self) -> str:
        """The key of its entry in the ledger."""
        return str(self.id)

    @property
    def title(self) -> str:
        """How a person would call it: "claim 58820"."""
        return f"{self.kind.removesuffix('s').replace('_', ' ')} {self.procore_id}"

    @property
    def page(self) -> str:
        """Its page in Procore, below the project's address."""
        return "home"


class Project(Record):
    kind: ClassVar[str] = "projects"
    name: str
    project_number: Text = None
    active: bool = True
    stage: Text = Field(None, validation_alias=AliasPath("project_stage", "name"))

    @property
    def job_number(self) -> str:
        return self.project_number or ""


class Named(Fields):
    """A company, or a project stage: what it is called."""

    id: int
    name: str


class BusinessRegister(Fields):
    type: Text = None
    identifier: Text = None


class Vendor(Record):
    kind: ClassVar[str] = "vendors"
    name: str = Field(min_length=1)
    is_active: bool = True
    email_address: Text = None
    business_phone: Text = None
    mobile_phone: Text = None
    fax_number: Text = None
    address: Text = None
    city: Text = None
    state_code: Text = None
    zip: Text = None
    country_code: Text = None
    business_register: BusinessRegister | None = None

    @property
    def title(self) -> str:
        return f"vendor {self.name}"

    @property
    def page(self) -> str:
        return f"directory/vendors/{self.id}"


class CostType(Fields):
    """A cost type that a cost code may be used with: "L", Labour."""

    code: Trimmed
    name: Text = None


class CostCode(Record):
    """A project's cost code. Its option in Xero is shared by all projects, so its code is the key, not its id."""

    kind: ClassVar[str] = "cost_codes"
    full_code: Trimmed = Field(min_length=1)
    name: str
    parent_id: MaybeId = Field(None, validation_alias=AliasPath("parent", "id"))
    is_header: bool = False
    cost_types: tuple[CostType, ...] = Field((), validation_alias="line_item_types")

    @property
    def procore_id(self) -> str:
        return self.full_code

    def items(self) -> Iterator[CostItem]:
        """The code with each of its cost types; alone when it has none, or is a heading."""
        own: tuple[CostType | None, ...] = self.cost_types if self.cost_types and not self.is_header else (None,)
        for kind in own:
            fields = {name: getattr(self, name) for name in CostCode.model_fields}
            named = {"cost_type": kind.code, "cost_type_name": kind.name} if kind else {}
            yield CostItem.model_construct(**{**fields, **named})


def item_key(code: str, cost_type: str) -> str:
    """The ledger's key of a cost code's item: apart from the key of its option, if it ever was one."""
    return f"item:{code} {cost_type}".rstrip()


class CostItem(CostCode):
    """A cost code with one of its cost types, where cost codes go to Xero as items."""

    cost_type: Text = None
    cost_type_name: Text = None

    @property
    def procore_id(self) -> str:
        return item_key(self.full_code, self.cost_type or "")

    @property
    def title(self) -> str:
        return f"cost code {self.full_code} {self.cost_type or ''}".rstrip()


class Segment(Fields):
    """One part of a WBS code. Lists of codes nest its type, claim lines carry it flat."""

    code: str
    name: Text = None
    type: Text = Field(None, validation_alias=AliasChoices(AliasPath("segment", "type"), "segment_type"))


class WbsCode(Fields):
    """A work breakdown code: read from its segments, never by splitting the flat string (procore-api.md §4.4)."""

    id: int
    flat_code: Text = None
    segment_items: tuple[Segment, ...] = ()

    def segment(self, kind: str) -> Segment | None:
        return next((item for item in self.segment_items if item.type == kind), None)


class TaxCode(Fields):
    """A tax code on a line; claims name it, direct costs give its id only.

    Its rate is a fraction in claims (0.1) and a percentage in direct costs ("10.0").
    """

    tax_code_id: int
    tax_code_name: Text = None
    tax_code_rate: MaybeMoney = None


class TaxCodeRow(Fields):
    """A tax code in the company's list."""

    id: int
    code: str
    #: In percent.
    rate1: MaybeMoney = None


class Currency(Fields):
    currency_iso_code: Text = None


class ClaimItem(Fields):
    """One line of a claim; every column but the `…_this_period`, `…_moved` and `…_new_…` ones is cumulative."""

    id: int
    item_type: Text = None
    description_of_work: Text = None
    line_number: Text = None
    cost_code_id: MaybeId = None
    wbs_code: WbsCode | None = None
    taxes: tuple[TaxCode, ...] = ()
    work_completed_this_period: Column = Decimal(0)
    materials_presently_stored: Column = Decimal(0)
    materials_presently_stored_from_previous_progress: Column = Decimal(0)
    materials_moved: Column = Decimal(0)
    work_completed_retainage_retained_this_period: Column = Decimal(0)
    work_completed_retainage_released_this_period: Column = Decimal(0)
    materials_stored_retainage_new_materials: Column = Decimal(0)
    materials_stored_retainage_released_this_period: Column = Decimal(0)


class ClaimSummary(Fields):
    """The foot of a claim. Only these two are amounts of this claim; the rest is cumulative."""

    current_payment_due: MaybeMoney = None
    tax_applicable_to_this_payment: MaybeMoney = None
    #: What is held back on the commitment by now, this claim included; read by the audit only.
    total_retainage: MaybeMoney = None


class Claim(Record):
    """A progress claim: Procore's API says requisition, the US pages say subcontractor invoice."""

    kind: ClassVar[str] = "claims"
    status: str
    number: MaybeId = None
    invoice_number: Text = None
    billing_date: Day = None
    requisition_start: Day = None
    requisition_end: Day = None
    commitment_id: int
    commitment_type: Text = None
    contract_name: Text = None
    vendor_id: MaybeId = None
    vendor_name: Text = None
    summary: ClaimSummary = Field(ClaimSummary(), validation_alias=AliasChoices("summary", "g702"))
    items: tuple[ClaimItem, ...] = ()
    currency_configuration: Currency | None = None

    @property
    def page(self) -> str:
        return f"commitments/{self.commitment_id}/requisitions/{self.id}"


class Contract(Record):
    """A commitment: a subcontract (work order contract) or a purchase order. Read for its payments."""

    kind: ClassVar[str] = "contracts"
    number: Text = None
    total_payments: MaybeMoney = None


class Payment(Record):
    kind: ClassVar[str] = "payments"
    amount: Money
    status: str
    contract_id: int
    requisition_id: MaybeId = None
    invoice_number: Text = None
    check_number: Text = None
    payment_number: MaybeId = None
    payment_method: Text = None
    date: Day = None

    @property
    def page(self) -> str:
        return f"commitments/{self.contract_id}/payments_issued/{self.id}"


class InvoiceLine(Fields):
    """One line of a direct cost; the list of a project's lines names its holder."""

    id: int
    holder_id: MaybeId = Field(None, validation_alias=AliasPath("holder", "id"))
    description: Text = None
    quantity: MaybeMoney = None
    unit_cost: MaybeMoney = None
    uom: Text = None
    amount: MaybeMoney = None
    extended_amount: MaybeMoney = None
    tax_code_id: MaybeId = None
    wbs_code: WbsCode | None = None
    cost_code: Text = Field(None, validation_alias=AliasPath("cost_code", "full_code"))
    cost_type: Text = Field(None, validation_alias=AliasPath("line_item_type", "code"))
    position: MaybeId = None


class TaxBreakdown(Fields):
    subtotal: MaybeMoney = None
    tax_total: MaybeMoney = None
    grand_total: MaybeMoney = None
    tax_details: tuple[TaxCode, ...] = ()


class Invoice(Record):
    """A direct cost; those of type `invoice` are carried."""

    kind: ClassVar[str] = "invoices"
    direct_cost_type: str
    status: str
    invoice_number: Text = None
    direct_cost_date: Day = None
    received_date: Day = None
    terms: Text = None
    description: Text = None
    vendor_id: MaybeId = None
    vendor_name: Text = None
    amount: MaybeMoney = None
    grand_total: MaybeMoney = None
    tax_breakdown: TaxBreakdown | None = None
    line_items: tuple[InvoiceLine, ...] = ()
    currency_configuration: Currency | None = None

    @property
    def page(self) -> str:
        return f"direct_costs/{self.id}"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        lines = tuple(sorted(self.line_items, key=lambda line: (line.position or 0, line.id)))
        object.__setattr__(self, "line_items", lines)
        return self


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is not what the documentation says; `detail` names the field and what is wrong with it."""

    kind: str
    procore_id: str
    detail: str

    @property
    def title(self) -> str:
        return f"{self.kind.removesuffix('s').replace('_', ' ')} {self.procore_id}"


F = TypeVar("F", bound=Fields)


def read(model: type[F], row: object) -> F | Unreadable:
    """The row as a record, or why it cannot be read."""
    try:
        return model.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the row"
        said = first["msg"].removeprefix("Value error, ")
        named = row.get("id") if isinstance(row, Mapping) else None
        return Unreadable(getattr(model, "kind", ""), _name(named, row), f"{field}: {said} (it says {_quote(first)})")


def _name(named: object, row: object) -> str:
    return str(named) if isinstance(named, int | str) and str(named) else f"without id ({str(row)[:40]})"


def _quote(error: Mapping[str, Any]) -> str:
    return "nothing" if error["type"] == "missing" else repr(error.get("input"))[:60]
