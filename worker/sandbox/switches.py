"""What tells one customer's Procore from another's: a seed sets these as `switches`, and a test changes them.

Left alone, everything may be read. `GET` and `POST /_sandbox/switches` show and change them while the sandbox runs; a
switch that is sent replaces its old value as a whole. Holds values only; each API says what comes of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt

S = TypeVar("S", bound="Switches")


def _text_keys(value: object) -> object:
    """JSON keys are texts; a switch set in Python may name its projects by number."""
    return {str(key): inner for key, inner in value.items()} if isinstance(value, Mapping) else value


#: How missing rights look: a refusal, "not found", or a list with nothing in it.
Answer = Literal[403, 404, "empty"]


class Switches(BaseModel):
    """The switches of one API."""

    model_config = ConfigDict(extra="forbid", frozen=True)


#: Called as in a seed. What is the company's: the first line.
Collection = Literal[
    "companies", "project_stages", "projects", "vendors", "line_item_types", "tax_codes",
    "project_vendors", "cost_codes", "wbs_codes", "work_order_contracts", "purchase_order_contracts", "requisitions",
    "contract_payments", "direct_costs",
]  # fmt: skip


class ProcoreSwitches(Switches):
    """Rights and lists. "Unexpected empty response", "403" and "404 on a resource that exists" are all documented for
    missing rights (procore/documentation, api_essentials/troubleshooting.md), and not which comes when.
    """

    #: By project id, or "-" for the company's own, what is off, and how its lists say so.
    tools_off: Annotated[dict[str, dict[Collection, Answer]], BeforeValidator(_text_keys)] = {}
    #: Records that the app may not see, by collection: lists leave them out, their own address answers 404.
    #: A contract takes its claims and payments along, as one whose row says `private` does.
    hidden: dict[Collection, list[StrictInt]] = {}
    #: What the list of payments answers for such a contract.
    payments_of_hidden: Answer = "empty"
    #: Lists that come as a whole, without Link, Total and Per-Page, whatever page is asked for.
    unpaged: list[Collection] = []
    #: An answer that would hold more rows than these is a 408 ("list too large"); 0: none is.
    rows_at_once: Annotated[StrictInt, Field(ge=0)] = 0
    #: The `tax_breakdown` of a direct cost without tax: always an object, also where taxes on direct costs are off, and
    #: its `tax_details` are empty then; what its totals hold is not documented.
    untaxed_breakdown: Literal["totals", "zeros", "nulls", "empty"] = "totals"
    #: The permission "Webhooks API" of the service account, which is None unless somebody sets it to Standard.
    webhooks_permitted: bool = True
    #: Whether a hook of the company may hear of what is inside its projects: not documented.
    company_webhooks_of_projects: bool = False
    #: Whether requisitions are among the webhook resources: in no list that anybody published.
    webhooks_of_requisitions: bool = False
    #: Each message is sent twice, which may happen at any time.
    webhooks_twice: bool = False


#: What becomes of several options in one body. "all" makes each that it can, "whole" all or none.
SeveralOptions = Literal["nothing", "first", "refused", "whole", "all", "shows_first", "shown_only"]


class XeroSwitches(Switches):
    """What is not documented, or depends on the plan, the country or the user who connected the app."""

    #: How a line's Tracking finds its option: by its id, by its name whatever the id says (as purchase orders do,
    #: XeroAPI/xero-php-oauth2#268), or only where both say the same.
    tracking_by: Literal["id", "name", "both"] = "id"
    #: Whether an option that was deleted is still listed with includeArchived, as IsDeleted suggests.
    lists_deleted_options: bool = False
    #: How a token without the scope is refused: 403 with insufficient_scope (Xero's FAQ on granular scopes), or the 401
    #: of older reports (XeroAPI/xero-node#320).
    missing_scope: Literal[401, 403] = 403
    #: Whether texts are stored without outer and doubled blanks, and with one kind of line end: neither is documented
    #: of documents, and such names are refused (xero-api.md §4.1, from third parties).
    rewrites_texts: bool = False
    #: Standard users of a US organisation read a contact's TaxNumber as stars and its last four digits.
    masks_tax_numbers: bool = False
    #: Since 2026-06-29 a contact's bank details need this right of the user who connected the app.
    is_bank_account_admin: bool = False
    #: Whether the user who connected the app may post behind the period's lock date, as advisers may in Xero itself;
    #: the end of year's binds everybody.
    is_adviser: bool = False
    #: An organisation may have opted in: RoundingAmount, within 0.10, makes the total of a complete document.
    rounds_totals: bool = False
    #: Whether a payment answers its bank account by AccountID alone, as Xero's example of getPayments does
    #: (XeroAPI/Xero-OpenAPI, xero_accounting.yaml).
    answers_account_ids: bool = False
    #: Whether a payment, made or deleted, moves the UpdatedDateUTC of what it is on: not documented.
    payments_touch_documents: bool = True
    #: The number of a deleted draft refuses a new document (XeroAPI/xero-php-oauth2#257).
    refuses_deleted_numbers: bool = True
    #: Nothing is what was seen of a body of another shape than one option (XeroAPI/xero-php-oauth2#290).
    several_options: SeveralOptions = "nothing"


class InForce(Generic[S]):
    """The one place an API reads its switches from, because they may be changed while it runs."""

    def __init__(self, now: S) -> None:
        self.now = now

    def change(self, values: Mapping[str, Any]) -> None:
        """Replace some; raises ValueError for what is no switch, or no value of it."""
        self.now = type(self.now).model_validate({**self.now.model_dump(), **values})
