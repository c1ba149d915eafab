"""What the mapping file may say: which account, tax type and bank account each record goes to, and what is valid.

Lists of cost codes are read in the order written and the first match wins; a project's own section goes before its
organisation's, and that one before the general one. worker/mapping/file.py reads it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from worker.errors import ConfigError
from worker.mapping import routing
from worker.mapping.routing import Route
from worker.mapping.tax_on_payments import Amounts


def _code(value: object) -> object:
    if isinstance(value, int):
        raise ValueError(f'write the code in quotes: "{value}"')
    return value.strip() if isinstance(value, str) else value


#: Xero account codes have at most 10 characters (xero-api.md §4.4).
Code = Annotated[str, BeforeValidator(_code), Field(min_length=1, max_length=10)]
Name = Annotated[str, Field(min_length=1)]
Status = Literal["DRAFT", "SUBMITTED", "AUTHORISED"]
Cents = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=2)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


S = TypeVar("S", bound=BaseModel)


class Accounts(_Section):
    """Which expense account a line goes to."""

    #: Cost code, or pattern with * and ?, alone or followed by a space and the cost type: "03-*", "03-300 M".
    cost_codes: dict[str, Code] = {}
    #: Cost type's code: "L", "M".
    cost_types: dict[str, Code] = {}
    default: Code | None = None

    def find(self, cost_code: str, cost_type: str) -> str | None:
        """The account for a line, or None when nothing matches."""
        for pattern, account in self.cost_codes.items():
            if fnmatchcase(cost_code, pattern) or fnmatchcase(f"{cost_code} {cost_type}", pattern):
                return account
        return self.cost_types.get(cost_type, self.default)


#: Who computes the tax on a kind of record.
Computes = Literal["procore", "xero"]


class Tax(_Section):
    """Which Xero tax type a line gets."""

    #: Procore's tax code, as written there: "GST@10%".
    codes: dict[str, Name] = {}
    #: For lines to which Procore gives no tax code; None: the account's own default in Xero.
    default: Name | None = None
    #: A vendor's own, where Procore gives no tax code: by its number in Procore, its tax number or its name.
    vendors: dict[str, Name] = {}
    #: How far Procore's figure may be from the exact tax beyond what rounding explains. The bill has Procore's figure.
    tolerance: Cents = Decimal(0)
    #: Whether a tax of 0.00 without any tax code is Procore's figure, or its tax is off; None: found out.
    claims: Computes | None = None
    invoices: Computes | None = None

    def computes(self, kind: str) -> Computes | None:
        """Who computes the tax on a kind; None where the file leaves it to what is seen."""
        return self.claims if kind == "claims" else self.invoices


class Retention(_Section):
    #: Liability account for retention withheld from, and released to, subcontractors.
    account: Code | None = None
    #: Where the two go to different accounts.
    withheld_account: Code | None = None
    released_account: Code | None = None
    #: When the tax on what is withheld falls due: with the claim that withholds it, or when it is released. Then its
    #: lines have the tax type of the work that it is withheld from.
    tax: Literal["on_invoice", "on_release"] = "on_release"
    #: Of a retention line whose tax fell due on the invoice already.
    untaxed_type: Name = "BASEXCLUDED"


class Claims(_Section):
    #: Whether the credit note of a negative claim stays open, or is set against open bills of its commitment.
    credit_notes: Literal["leave", "allocate"] = "leave"
    #: Whether what a claim states as due has the tax in it, of the whole company; None: as its claims show.
    due: Literal["with_tax", "without_tax"] | None = None


class Invoices(_Section):
    #: Types of direct cost that are carried.
    types: tuple[Literal["invoice", "expense", "payroll", "subcontractor_invoice"], ...] = ("invoice",)
    #: Whether what stands on their lines has the tax in it, as on a docket. Where Procore itself adds tax on top of the
    #: lines it has not, whatever is said here.
    amounts: Literal["exclusive", "inclusive"] = "exclusive"
    #: What becomes of one that has a payment date: a bill, or a bill that is paid on that day.
    paid: Literal["bill", "pay"] = "bill"
    #: From where it is paid; None: the default of [bank_accounts].
    bank_account: Code | None = None
    #: What becomes of one that names an employee instead of a vendor; the contact is given by its name in Xero.
    employees: Literal["hold", "contact", "ignore"] = "hold"
    employee_contact: Name | None = None

    @model_validator(mode="after")
    def _names_the_contact(self) -> Self:
        if self.employees == "contact" and self.employee_contact is None:
            raise ValueError('employees = "contact" needs employee_contact, the name of that contact in Xero')
        return self


class Payments(_Section):
    #: Whether what Procore has as paid is with the claim's tax, as the bank pays it, or without.
    amounts: Amounts = "with_tax"


class Records(_Section):
    """Which kinds of record are carried at all."""

    #: Kinds whose lists are not read. What of them is in Xero stays there as it is.
    leave_out: tuple[Literal["vendors", "claims", "subcontracts", "purchase_orders", "payments", "invoices"], ...] = ()

    def leaves_out(self, kind: str) -> bool:
        """Whether a kind is left out; a payment is nothing without its claim."""
        return kind in self.leave_out or (kind == "payments" and "claims" in self.leave_out)


class CostCodes(_Section):
    """What a cost code becomes in Xero."""

    #: Option of a tracking category, item of the price list, or nothing beside the line's account.
    target: Literal["tracking", "item", "account"] = "tracking"
    #: All of a project's cost codes, or only those that its claims and invoices name.
    include: Literal["all", "used"] = "all"
    #: Whether the option of a code that no project has any more is archived in Xero.
    archive_deleted: bool = False

    @field_validator("archive_deleted")
    @classmethod
    def _archives_options_only(cls, archive: bool, given: ValidationInfo) -> bool:
        """Xero's API has no status for an item (xero-api.md §4.5)."""
        if archive and given.data.get("target") not in (None, "tracking"):
            raise ValueError('only with target = "tracking"; Xero archives options, an item is deleted in Xero by hand')
        return archive


class Documents(_Section):
    #: Status in which bills arrive in Xero.
    status: Status = "AUTHORISED"
    #: The same where claims or invoices differ.
    claims_status: Status | None = None
    invoices_status: Status | None = None
    #: What becomes of a bill or credit note whose record was deleted in Procore, as long as nothing is paid on it.
    #: With "void" also an approved one is taken back, with "delete" only what Xero deletes: a draft, or one submitted.
    deleted_in_procore: Literal["hold", "void", "delete"] = "hold"
    #: Of a hundred records of a list in Xero, how many may be gone at once before a person is asked.
    gone_at_once: int = Field(20, ge=0, le=100)
    #: What becomes of a bill or credit note that is dated in a period which Xero has locked.
    locked_period: Literal["hold", "move"] = "hold"
    #: What becomes of a record whose bill or credit note somebody else has entered in Xero already.
    already_in_xero: Literal["hold", "adopt"] = "hold"
    #: What becomes of a record whose supplier and number another record of ours has, which stands in Procore and Xero:
    #: with "name" it goes, and is named, where the amount is the same, in another project or as another kind.
    same_number: Literal["name", "hold", "send"] = "name"
    #: What becomes of a record that another integration has exported from Procore, by its origin id.
    exported_elsewhere: Literal["hold", "send"] = "send"
    #: Claims and invoices dated before it are not carried, nor payments on such claims.
    not_before: date | None = None
    #: Days from the bill's date to its due date.
    due_days: int = Field(30, ge=0, le=365)


class Attachments(_Section):
    """Which files go to their documents. Each costs a call to Xero."""

    #: Whether the PDFs of claims, and of invoices, go.
    claims: bool = False
    invoices: bool = False
    #: Xero takes no more than ten on a document, of ten megabytes each (xero-api.md §4.10).
    most_per_document: int = Field(10, ge=1, le=10)
    most_megabytes: int = Field(10, ge=1, le=10)

    @property
    def most_bytes(self) -> int:
        return self.most_megabytes * 1_000_000

    def go_for(self, kind: str) -> bool:
        """Whether the files of this kind of record go."""
        return {"claims": self.claims, "invoices": self.invoices}[kind]


class TrackingNames(_Section):
    """The two tracking categories, as they are called in Xero."""

    project: Name = "Project"
    cost_code: Name = "Cost Codes"


class ProjectRules(_Section):
    """What one project, or one organisation, does otherwise."""

    accounts: Accounts = Accounts()
    tax: Tax = Tax()
    retention: Retention = Retention()
    bank_accounts: dict[str, Code] = {}
    documents: Documents = Documents()
    claims: Claims = Claims()
    invoices: Invoices = Invoices()
    records: Records = Records()

    @field_validator("claims")
    @classmethod
    def _is_of_the_company(cls, claims: Claims) -> Claims:
        """Procore's company states what is due in one way."""
        if "due" in claims.model_fields_set:
            raise ValueError("due is said once for the company, under [claims] at the top of the file")
        return claims


class Organisation(Route, ProjectRules):
    """One of several organisations of Xero: which projects go there, and what is otherwise there."""

    cost_codes: CostCodes = CostCodes()
    tracking: TrackingNames = TrackingNames()
    attachments: Attachments = Attachments()


#: What a project, and what an organisation, may have otherwise.
_OF_PROJECTS = ("tax", "retention", "documents", "claims", "invoices", "records")
_OF_ORGANISATIONS = (*_OF_PROJECTS, "cost_codes", "tracking", "attachments")


class Rules(_Section):
    """The whole mapping file."""

    accounts: Accounts = Accounts()
    tax: Tax = Tax()
    retention: Retention = Retention()
    #: Payment method ("check", "credit_card", "electronic") or "default" to the bank account's code.
    bank_accounts: dict[str, Code] = {}
    #: Of the whole company: Procore's payments are entered in one way.
    payments: Payments = Payments()
    documents: Documents = Documents()
    claims: Claims = Claims()
    invoices: Invoices = Invoices()
    records: Records = Records()
    cost_codes: CostCodes = CostCodes()
    tracking: TrackingNames = TrackingNames()
    attachments: Attachments = Attachments()
    projects: dict[str, ProjectRules] = {}
    #: Several organisations of Xero; none here means that there is one, and every project goes to it.
    organisations: tuple[Organisation, ...] = ()
    #: Changes when the file does, so that every record is compared anew.
    digest: str = ""
    #: The file as it is written, with its remarks.
    text: str = ""

    @field_validator("organisations")
    @classmethod
    def _fit_together(cls, organisations: tuple[Organisation, ...]) -> tuple[Organisation, ...]:
        if wrong := routing.mistake(organisations):
            raise ValueError(wrong)
        return organisations

    def for_project(self, job_number: str) -> Rules:
        """These rules with the project's own section laid over them."""
        own = self.projects.get(job_number)
        return self if own is None else self._under(own, _OF_PROJECTS)

    def for_organisation(self, name: str) -> Rules:
        """These rules with what the organisation of this name has otherwise laid over them. Raises ConfigError.

        The digest is its own: a project that comes from another organisation is read as a whole.
        """
        own = next((one for one in self.organisations if one.name == name), None)
        if own is None:
            raise ConfigError(f"The mapping file has no organisation named '{name}' under [[organisations]] any more.")
        digest = hashlib.sha256(f"{self.digest} {own.tenant_id}".encode()).hexdigest()[:16]
        return self._under(own, _OF_ORGANISATIONS).model_copy(update={"digest": digest})

    def _under(self, own: ProjectRules, names: Iterable[str]) -> Rules:
        """These rules with `own` laid over them: tables are joined, of a section goes what it names."""
        accounts = Accounts(
            cost_codes={
                **own.accounts.cost_codes,
                **_without(self.accounts.cost_codes, own.accounts.cost_codes),
            },
            cost_types={**self.accounts.cost_types, **own.accounts.cost_types},
            default=own.accounts.default or self.accounts.default,
        )
        sections = {name: _over(getattr(self, name), getattr(own, name)) for name in names}
        tables = {"codes": {**self.tax.codes, **own.tax.codes}, "vendors": {**self.tax.vendors, **own.tax.vendors}}
        sections |= {"tax": _over(self.tax, own.tax, **tables), "accounts": accounts}
        return self.model_copy(update={**sections, "bank_accounts": {**self.bank_accounts, **own.bank_accounts}})


def _over(general: S, own: S, **merged: object) -> S:
    """The general section with what the narrower one names laid over it; the rest stays as it is."""
    named = {name: getattr(own, name) for name in own.model_fields_set}
    return general.model_copy(update={**named, **merged})


def _without(table: dict[str, str], keys: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in table.items() if key not in keys}
