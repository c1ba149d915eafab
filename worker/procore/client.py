"""What the sync reads from Procore. Each method yields records, a page at a time; none of them writes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import httpx
import redis

from worker.clock import MACHINE, Machine
from worker.errors import NotPermitted, NotThere, RequestRefused
from worker.http.api import Api, Params
from worker.http.auth import ClientCredentials
from worker.http.token_address import TokenAddress
from worker.procore import limits
from worker.procore.pages import PER_PAGE, pages
from worker.procore.records import (
    Attachment,
    Claim,
    Contract,
    CostCode,
    CostType,
    F,
    Invoice,
    Named,
    Payment,
    Project,
    TaxCodeRow,
    Unreadable,
    Vendor,
    WbsCode,
    WithAttachments,
    one_per_code,
    read,
)
from worker.settings import Settings

#: v1.1 projects: default 100, at most 300 (procore-api.md §3).
PROJECTS_PER_PAGE = 300
#: Ids in one filter, so that the address stays short.
IDS_PER_CALL = 40
#: The lists of contracts that claims and payments belong to: subcontracts, and purchase orders.
CONTRACTS = ("work_order_contracts", "purchase_order_contracts")
#: An address that a link may lead to.
_WEB = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?/?")
#: No list goes without being read whole for so long.
A_YEAR = timedelta(days=366)


def connect(
    settings: Settings,
    broker: redis.Redis | None,
    transport: httpx.BaseTransport | None = None,
    login: httpx.Auth | None = None,
    sleep: Callable[[float], None] = time.sleep,
    machine: Machine = MACHINE,
) -> Procore:
    """A client for the configured company; without a person's `login` the app logs in as itself.

    Raises ConfigError when credentials are missing.
    """
    settings.require("procore_client_id", "procore_client_secret", "procore_company_id")
    api = Api(
        "Procore",
        settings.procore_api_url,
        auth=login or ClientCredentials(token_address(settings)),
        budget=limits.budget(settings, broker, sleep),
        timeout_s=settings.http_timeout_s,
        longest_wait_s=settings.longest_wait_s,
        headers={"Procore-Company-Id": str(settings.procore_company_id)},
        transport=transport,
        sleep=sleep,
        machine=machine,
    )
    return Procore(api, settings.procore_company_id)


def token_address(settings: Settings) -> TokenAddress:
    """Where this app gets its tokens. Procore documents its credentials in the form (procore-api.md §1)."""
    secret = settings.procore_client_secret.get_secret_value()
    url, client_id = settings.procore_token_url, settings.procore_client_id
    return TokenAddress("Procore", url, client_id, secret, timeout_s=settings.http_timeout_s)


class Procore:
    """Reads one company."""

    def __init__(self, api: Api, company_id: int) -> None:
        self.api = api
        self._company_id = company_id

    def pages_at(self) -> str:
        """Where the company's pages are, which is not one address for all its zones; blank where it does not say.

        GET company_base_url; whether it answers an object or a list of one is not documented.
        """
        answer = self.api.get("/rest/v1.0/company_base_url").body
        row = answer[0] if isinstance(answer, list) and answer else answer
        said = row.get("web_base_url") if isinstance(row, dict) else None
        return said.rstrip("/") if isinstance(said, str) and _WEB.fullmatch(said) else ""

    def companies(self) -> Iterator[Named | Unreadable]:
        """The companies that this app is installed in."""
        yield from self._list(Named, "/rest/v1.0/companies", {})

    def project_stages(self) -> Iterator[Named | Unreadable]:
        """The stages that a project may be set to."""
        yield from self._list(Named, f"/rest/v1.0/companies/{self._company_id}/project_stages", {})

    def projects(self, with_region: bool = False) -> Iterator[Project | Unreadable]:
        """Every project that this app may see, inactive ones too, so that each can be told why it is not synced.

        Regions are named in the extended view only (procore-api.md §4.2).
        """
        view = {"view": "extended"} if with_region else {}
        params: Params = {"company_id": self._company_id, "filters[by_status]": "All", **view}
        yield from self._list(Project, "/rest/v1.1/projects", params, PROJECTS_PER_PAGE)

    def vendors(self, project_id: int) -> Iterator[Vendor | Unreadable]:
        yield from self._list(Vendor, f"/rest/v1.1/projects/{project_id}/vendors", {"view": "extended"})

    def vendors_by_id(self, ids: Iterable[str]) -> Iterator[Vendor | Unreadable]:
        """Vendors of the company's directory, wherever they are used. One that does not exist is not answered."""
        yield from self._by_id(Vendor, "/rest/v1.0/vendors", {"company_id": self._company_id}, ids)

    def cost_codes(self, project_id: int) -> Iterator[CostCode | Unreadable]:
        """The project's cost codes, each once, headings marked: what is another's parent (procore-api.md §4.4)."""
        params = {"project_id": project_id}
        found = list(self._list(CostCode, "/rest/v1.0/cost_codes", params))
        codes = [code for code in found if isinstance(code, CostCode)]
        parents = {code.parent_id for code in codes}
        for code in one_per_code(codes):
            yield code.model_copy(update={"is_header": True}) if code.id in parents else code
        yield from (row for row in found if isinstance(row, Unreadable))

    def cost_codes_by_id(self, project_id: int, ids: Iterable[str]) -> Iterator[CostCode | Unreadable]:
        """Cost codes of a project as they are, headings and copies of sub jobs, too; Procore shows none alone."""
        yield from self._by_id(CostCode, "/rest/v1.0/cost_codes", {"project_id": project_id}, ids)

    def tax_codes(self) -> Iterator[TaxCodeRow]:
        """The company's tax codes; one that cannot be read is not offered."""
        for row in self._list(TaxCodeRow, "/rest/v1.0/tax_codes", {"company_id": self._company_id}):
            if isinstance(row, TaxCodeRow):
                yield row

    def cost_types(self, project_id: int) -> Iterator[CostType | Unreadable]:
        """The company's cost types; whether one scope is enough is documented in two ways (procore-api.md §4.4)."""
        params = {"company_id": self._company_id, "project_id": project_id}
        yield from self._list(CostType, "/rest/v1.0/line_item_types", params)

    def wbs_codes(self, project_id: int) -> Iterator[WbsCode | Unreadable]:
        path = f"/rest/v1.0/projects/{project_id}/work_breakdown_structure/wbs_codes"
        yield from self._list(WbsCode, path, {})

    def claims(self, project_id: int, since: datetime | None = None) -> Iterator[Claim | Unreadable]:
        """Claims with their items in the same call (`view=extended`), all or those changed since."""
        params: Params = {"project_id": project_id, "view": "extended", **_since(since)}
        yield from self._list(Claim, "/rest/v1.1/requisitions", params)

    def claims_by_id(self, project_id: int, ids: Iterable[str]) -> Iterator[Claim | Unreadable]:
        params: Params = {"project_id": project_id, "view": "extended"}
        yield from self._by_id(Claim, "/rest/v1.1/requisitions", params, ids)

    def claim(self, project_id: int, claim_id: str) -> Claim | Unreadable | None:
        """One claim, whatever its list says; None where Procore has none of this id, or does not show it.

        This and its like raise NotPermitted where Procore says that it is not open to us.
        """
        return self._one(Claim, f"/rest/v1.1/requisitions/{claim_id}", {"project_id": project_id, "view": "extended"})

    def contracts(self, project_id: int, name: str) -> Iterator[Contract | Unreadable]:
        """The contracts of one of CONTRACTS; what the compact view leaves out is not documented."""
        yield from self._list(Contract, f"/rest/v1.0/{name}", {"project_id": project_id, "view": "extended"})

    def payments(self, project_id: int, contract_id: int) -> Iterator[Payment | Unreadable]:
        """Payments issued on one contract; Procore asks for the contract (procore-api.md §4.7)."""
        params = {"project_id": project_id, "contract_id": contract_id}
        yield from self._list(Payment, "/rest/v1.0/contract_payments", params)

    def payment(self, project_id: int, contract_id: int, payment_id: str) -> Payment | Unreadable | None:
        params = {"project_id": project_id, "contract_id": contract_id}
        return self._one(Payment, f"/rest/v1.0/contract_payments/{payment_id}", params)

    def invoices(
        self, project_id: int, since: datetime | None = None, types: Collection[str] = ("invoice",)
    ) -> Iterator[Invoice | Unreadable]:
        """Direct costs, those of `types` each with its lines: one call more per page, not one per invoice."""
        yield from self._with_lines(project_id, _since(since), types)

    def invoices_by_id(
        self, project_id: int, ids: Iterable[str], types: Collection[str] = ("invoice",)
    ) -> Iterator[Invoice | Unreadable]:
        for some in batches(ids, IDS_PER_CALL):
            yield from self._with_lines(project_id, {"filters[id][]": some}, types)

    def invoice(self, project_id: int, invoice_id: str) -> Invoice | Unreadable | None:
        return self._one(Invoice, f"/rest/v1.1/projects/{project_id}/direct_costs/{invoice_id}", {})

    def invoice_attachments(self, project_id: int, invoice_id: str) -> tuple[Attachment, ...]:
        """What hangs on one direct cost, which its list does not say. Raises RequestRefused or NotPermitted when it is
        not shown."""
        path = f"/rest/v1.1/projects/{project_id}/direct_costs/{invoice_id}"
        found = read(WithAttachments, self.api.get(path).body)
        return () if isinstance(found, Unreadable) else found.attachments

    def _with_lines(self, project_id: int, params: Params, types: Collection[str]) -> Iterator[Invoice | Unreadable]:
        path = f"/rest/v1.1/projects/{project_id}/direct_costs"
        for rows in pages(self.api, path, params):
            lines = self._lines(project_id, [row["id"] for row in rows if _is_carried(row, types)])
            for row in rows:
                if not _is_carried(row, types):
                    yield read(Invoice, row)
                elif own := lines.get(row["id"]):
                    yield read(Invoice, {**row, "line_items": own})
                else:
                    yield self._shown(path, row["id"])

    def _shown(self, path: str, invoice_id: int) -> Invoice | Unreadable:
        """One direct cost with its lines. One that Procore does not show is this one's trouble, not its project's."""
        try:
            return read(Invoice, self.api.get(f"{path}/{invoice_id}").body)
        except (RequestRefused, NotPermitted) as refused:
            return Unreadable(Invoice.kind, str(invoice_id), str(refused).rstrip("."))

    def _lines(self, project_id: int, ids: Sequence[int]) -> dict[int, list[object]]:
        """The lines of these direct costs, by direct cost; an id range is a documented filter of this list."""
        found: dict[int, list[object]] = {}
        if len(ids) > 1:
            path = f"/rest/v1.0/projects/{project_id}/direct_costs/line_items"
            params = {"filters[direct_cost_id]": f"{min(ids)}...{max(ids)}"}
            for rows in pages(self.api, path, params):
                for row in rows:
                    holder = _holder(row)
                    if holder in ids:
                        found.setdefault(holder, []).append(row)
        return found

    def _one(self, model: type[F], path: str, params: Params) -> F | Unreadable | None:
        try:
            return read(model, self.api.get(path, params).body)
        except NotThere:
            return None

    def _list(self, model: type[F], path: str, params: Params, per_page: int = PER_PAGE) -> Iterator[F | Unreadable]:
        for rows in pages(self.api, path, params, per_page):
            for row in rows:
                yield read(model, row)

    def _by_id(self, model: type[F], path: str, params: Params, ids: Iterable[str]) -> Iterator[F | Unreadable]:
        for some in batches(ids, IDS_PER_CALL):
            yield from self._list(model, path, {**params, "filters[id][]": some})


def batches(ids: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    """Ids in parts that fit into one filter; what is not a number cannot be asked for."""
    rest = (id_ for id_ in ids if id_.isdigit())
    while some := tuple(islice(rest, size)):
        yield some


def _is_carried(row: object, types: Collection[str]) -> bool:
    """Only approved ones of some types are carried, so only their lines are read."""
    return (
        isinstance(row, dict)
        and isinstance(row.get("id"), int)
        and row.get("direct_cost_type") in types
        and row.get("status") == "approved"
    )


def _holder(row: object) -> int:
    """The direct cost that a line belongs to; 0 when the line does not say."""
    holder = row.get("holder") if isinstance(row, dict) else None
    found = holder.get("id") if isinstance(holder, dict) else None
    return found if isinstance(found, int) else 0


def _since(since: datetime | None) -> dict[str, str]:
    """A range always shows its end (procore-api.md §3). It is so far on that no clock need say what time it is."""
    if since is None:
        return {}
    until = since + A_YEAR
    return {"filters[updated_at]": f"{since:%Y-%m-%dT%H:%M:%SZ}...{until:%Y-%m-%dT%H:%M:%SZ}"}
