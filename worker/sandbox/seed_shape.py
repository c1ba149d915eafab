"""What a seed must be like: its two halves and their rows, checked by pydantic.

Only what the sandbox itself needs is demanded: ids, keys that rows are found by, times that can be compared. The rest
of a row may be as wrong as real data is.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, model_validator

from worker.sandbox.switches import ProcoreSwitches, XeroSwitches

R = TypeVar("R", bound="_Row")


def _comparable_time(value: str) -> str:
    """A time without its zone is taken for UTC: both are met in real answers."""
    datetime.fromisoformat(value)
    return value


def _without_repeats(rows: list[R]) -> list[R]:
    seen: set[int] = set()
    for row in rows:
        if row.id in seen:
            raise ValueError(f"id {row.id} stands twice")
        seen.add(row.id)
    return rows


def _text_keys(value: object) -> object:
    """A seed made in Python may key its projects by number; JSON cannot."""
    return {str(key): rows for key, rows in value.items()} if isinstance(value, Mapping) else value


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Row(_Open):
    id: StrictInt
    updated_at: Annotated[str, AfterValidator(_comparable_time)] | None = None


def _readable_base64(value: str) -> str:
    base64.b64decode(value, validate=True)
    return value


class _Attachment(_Open):
    """One of the last three gives the file; `url` may name another place than the sandbox's storage."""

    id: StrictInt
    text: str | None = None
    base64: Annotated[str, AfterValidator(_readable_base64)] | None = None
    #: Bytes of a PDF that is made up when it is downloaded.
    size: StrictInt | None = None


class _WithAttachments(_Row):
    attachments: list[_Attachment] | None = None


class _Claim(_WithAttachments):
    items: list[dict[str, Any]] | None = []


class _DirectCost(_WithAttachments):
    line_items: list[dict[str, Any]] | None = []


Rows = Annotated[list[_Row], AfterValidator(_without_repeats)]
Claims = Annotated[list[_Claim], AfterValidator(_without_repeats)]
DirectCosts = Annotated[list[_DirectCost], AfterValidator(_without_repeats)]
ByProject = BeforeValidator(_text_keys)
RowsByProject = Annotated[dict[str, Rows], ByProject]


class _Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: str
    client_secret: str
    #: The redirect address that the app registered; blank: any https address, or http://localhost.
    redirect_uri: str = ""


class _XeroCredentials(_Credentials):
    #: The scopes ticked on the app, separated by spaces; blank: all that the sandbox knows.
    scopes: str = ""
    #: A web app begins on the starter tier, whose day has 1,000 calls for each organisation.
    tier: Literal["starter", "core"] = "core"


class Half(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Procore(Half):
    credentials: _Credentials = _Credentials(
        client_id="sandbox-procore-client",
        client_secret="sandbox-procore-secret",  # noqa: S106 - opens nothing but this sandbox
    )
    companies: Rows = []
    currency_configuration: dict[str, Any] = {}
    project_stages: Rows = []
    projects: Rows = []
    vendors: Rows = []
    line_item_types: Rows = []
    tax_codes: Rows = []
    project_vendors: Annotated[dict[str, list[StrictInt]], ByProject] = {}
    cost_codes: RowsByProject = {}
    wbs_codes: RowsByProject = {}
    work_order_contracts: RowsByProject = {}
    purchase_order_contracts: RowsByProject = {}
    requisitions: Annotated[dict[str, Claims], ByProject] = {}
    contract_payments: RowsByProject = {}
    direct_costs: Annotated[dict[str, DirectCosts], ByProject] = {}
    forbidden_projects: list[StrictInt] = []
    #: GET /rest/v1.0/company_base_url.
    company_base_url: dict[str, Any] = {"zone": "us01", "web_base_url": "https://us01.procore.com"}
    switches: ProcoreSwitches = ProcoreSwitches()

    @model_validator(mode="after")
    def _projects_are_known(self) -> Self:
        known = {str(project.id) for project in self.projects}
        for name in BY_PROJECT:
            for project_id in getattr(self, name):
                if project_id not in known:
                    raise ValueError(f"{name} names project {project_id}, which projects does not have")
        return self


BY_PROJECT = (
    "project_vendors",
    "cost_codes",
    "wbs_codes",
    "work_order_contracts",
    "purchase_order_contracts",
    "requisitions",
    "contract_payments",
    "direct_costs",
)


class _Account(_Open):
    Name: str
    Type: str


class _TaxRate(_Open):
    Name: str
    TaxType: str


class _Option(_Open):
    Name: str


class _TrackingCategory(_Open):
    Name: str
    Options: list[_Option] = []


class _Contact(_Open):
    Name: str


class _FileOfADocument(_Open):
    """Its content is neither in a seed nor in a dump: length and sha256 say which file it was."""

    FileName: str


class _Document(_Open):
    Type: str
    Contact: dict[str, Any]
    LineItems: list[dict[str, Any]] = []
    Attachments: list[_FileOfADocument] = []


class _Payment(_Open):
    Account: dict[str, Any]
    Amount: Any


class _BatchPayment(_Open):
    """The payments stand among the others, and name it as BatchPaymentID."""

    BatchPaymentID: str
    AccountID: str
    PaymentIDs: list[str]


class _Item(_Open):
    Code: str


class _Currency(_Open):
    Code: str
    #: The day's rate, units of this currency for one of the organisation's own. Xero does not list it.
    Rate: Any = None


class _Prepayment(_Open):
    PrepaymentID: str
    Contact: dict[str, Any]
    Date: Any
    Total: Any


class _Action(_Open):
    Name: str
    Status: Literal["ALLOWED", "NOT-ALLOWED"]


class _Books(Half):
    """What one organisation of Xero holds."""

    tenant_id: str
    organisation: dict[str, Any] = {"Name": "Sandbox", "BaseCurrency": "AUD", "CountryCode": "AU"}
    accounts: list[_Account] = []
    tax_rates: list[_TaxRate] = []
    tracking_categories: list[_TrackingCategory] = []
    contacts: list[_Contact] = []
    invoices: list[_Document] = []
    credit_notes: list[_Document] = []
    payments: list[_Payment] = []
    batch_payments: list[_BatchPayment] = []
    prepayments: list[_Prepayment] = []
    #: By the id of the document.
    history: dict[str, list[dict[str, Any]]] = {}
    items: list[_Item] = []
    currencies: list[_Currency] = []
    organisation_actions: list[_Action] = []


class _Xero(_Books):
    credentials: _XeroCredentials = _XeroCredentials(
        client_id="sandbox-xero-client",
        client_secret="sandbox-xero-secret",  # noqa: S106 - opens nothing but this sandbox
    )
    tenant_id: str = "5b9e3c1a-7d42-4f0e-9a6b-2c8d1e0f4a73"
    #: Other organisations that the same app reaches, by a person's login.
    more_organisations: list[_Books] = []
    switches: XeroSwitches = XeroSwitches()

    @model_validator(mode="after")
    def _tenants_differ(self) -> Self:
        tenants = [self.tenant_id.lower(), *(one.tenant_id.lower() for one in self.more_organisations)]
        if len(set(tenants)) < len(tenants):
            raise ValueError("two organisations have the same tenant_id")
        return self


class Seed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    procore: _Procore = Field(default_factory=_Procore)
    xero: _Xero = Field(default_factory=_Xero)
