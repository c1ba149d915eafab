"""What the sync reads and writes in one Xero organisation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import redis

from worker.clock import MACHINE, Machine
from worker.errors import ContractBroken, OutcomeUnknown, RequestRefused, TooMuchAtOnce
from worker.http.api import Api, Params
from worker.http.auth import ClientCredentials
from worker.http.place import Place
from worker.http.token_address import TokenAddress
from worker.settings import Settings
from worker.xero import limits, shape
from worker.xero.address import fits_a_list, in_lists
from worker.xero.answers import Element
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS, TRACKING_CATEGORIES, Endpoint, allocated

PAGE_SIZE = 1000
MOST_PAGES = 1000
PDF = "application/pdf"
#: Which documents are suppliers', and the four decimals of a unit price.
_SUPPLIERS: Mapping[Endpoint, Params] = {
    BILLS: {"where": 'Type=="ACCPAY"', "unitdp": 4},
    CREDIT_NOTES: {"where": 'Type=="ACCPAYCREDIT"', "unitdp": 4},
    PAYMENTS: {"where": 'PaymentType=="ACCPAYPAYMENT" OR PaymentType=="APCREDITPAYMENT"'},
}


def connect(
    settings: Settings,
    broker: redis.Redis | None,
    transport: httpx.BaseTransport | None = None,
    login: httpx.Auth | None = None,
    sleep: Callable[[float], None] = time.sleep,
    machine: Machine = MACHINE,
) -> Xero:
    """A client for the configured organisation; without a person's `login` the app logs in as itself.

    Raises ConfigError when credentials are missing.
    """
    settings.require("xero_client_id", "xero_client_secret")
    api = Api(
        "Xero",
        settings.xero_api_url,
        auth=login or ClientCredentials(token_address(settings), settings.xero_scopes),
        budget=limits.budgets(settings, broker, sleep),
        timeout_s=settings.http_timeout_s,
        longest_wait_s=settings.longest_wait_s,
        headers={"xero-tenant-id": settings.xero_tenant_id} if settings.xero_tenant_id else {},
        transport=transport,
        sleep=sleep,
        machine=machine,
    )
    return Xero(api)


def token_address(settings: Settings) -> TokenAddress:
    """Where this app gets its tokens. Xero documents its credentials as HTTP Basic (xero-api.md §1)."""
    secret = settings.xero_client_secret.get_secret_value()
    url, client_id = settings.xero_token_url, settings.xero_client_id
    return TokenAddress("Xero", url, client_id, secret, basic=True, timeout_s=settings.http_timeout_s)


def connections(xero: Xero, settings: Settings) -> list[Element]:
    """The organisations that a person's login reaches. A custom connection has no such list (xero-api.md §1)."""
    answer = xero.api.get(str(httpx.URL(settings.xero_api_url).join("/connections"))).body
    if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
        raise ContractBroken("Xero's answer to /connections is no list of connections.")
    return [row for row in answer if row.get("tenantType") == "ORGANISATION"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    rows: list[Element]
    #: How many pages and rows the whole list has; None where the answer does not say so.
    pages: int | None
    total: int | None


class Xero:
    """Speaks to one organisation. Reads raise what `Api.get` raises."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def organisation(self) -> Element:
        return self._one("/Organisation", "Organisations")

    def accounts(self) -> list[Element]:
        return self._list("/Accounts", "Accounts")

    def tax_rates(self) -> list[Element]:
        return self._list("/TaxRates", "TaxRates")

    def actions(self) -> list[Element]:
        """What the organisation's plan and the connected user allow."""
        return self._list("/Organisation/Actions", "Actions")

    def currencies(self) -> list[Element]:
        """The currencies that documents may be in."""
        return self._list("/Currencies", "Currencies")

    def items(self) -> list[Element]:
        return self._list("/Items", "Items")

    def tracking_categories(self, archived: bool = False) -> list[Element]:
        """Active categories with their options, or with `archived` all of both."""
        params = {"includeArchived": "true"} if archived else None
        return self._list(TRACKING_CATEGORIES.path, TRACKING_CATEGORIES.wrapper, params)

    def one_of(self, endpoint: Endpoint) -> list[Element]:
        """One document of a list, or none: whether the address answers at all."""
        return self._list(endpoint.path, endpoint.wrapper, {"page": 1, "pageSize": 1})

    def contact(self, contact_id: str) -> Element:
        return self._one(f"/Contacts/{contact_id}", "Contacts")

    def contacts(self) -> Iterator[Element]:
        """Every contact, archived ones too, a page at a time."""
        yield from self._pages("/Contacts", "Contacts", {"includeArchived": "true"})

    def contacts_by_id(self, ids: Iterable[str]) -> Iterator[Element]:
        """Active contacts; paged, since an unpaged list leaves out their payment terms (xero-api.md §4.1)."""
        for some in in_lists(ids):
            yield from self._pages("/Contacts", "Contacts", {"IDs": ",".join(some)})

    def documents(self, endpoint: Endpoint, ids: Iterable[str]) -> Iterator[Element]:
        """Bills or credit notes by their ids, with lines. Only bills have a filter for several (§4.6, §4.7)."""
        if endpoint == CREDIT_NOTES:
            for id_ in dict.fromkeys(ids):
                yield from self._list(f"{endpoint.path}/{id_}", endpoint.wrapper, {"unitdp": 4})
            return
        for some in in_lists(ids):
            yield from self._pages(endpoint.path, endpoint.wrapper, {"IDs": ",".join(some), "unitdp": 4})

    def bills_numbered(self, numbers: Iterable[str]) -> Iterator[Element]:
        """Bills of these numbers, of whichever supplier, but for numbers that do not fit a list.

        Xero has no such filter for credit notes (§4.6, §4.7).
        """
        for some in in_lists(filter(fits_a_list, numbers)):
            rows = self._pages(BILLS.path, BILLS.wrapper, {"InvoiceNumbers": ",".join(some), "unitdp": 4})
            yield from (row for row in rows if row.get("Type") == "ACCPAY")

    def documents_of_contacts(self, endpoint: Endpoint, contact_ids: Iterable[str]) -> Iterator[Element]:
        """All bills or credit notes of these contacts: to find again what was sent under an unknown outcome."""
        kind = "ACCPAYCREDIT" if endpoint == CREDIT_NOTES else "ACCPAY"
        for contact_id in contact_ids:
            where = f'Type=="{kind}" AND Contact.ContactID==guid("{contact_id}")'
            yield from self._pages(endpoint.path, endpoint.wrapper, {"where": where, "unitdp": 4})

    def of_suppliers(self, endpoint: Endpoint, since: datetime | None = None) -> Iterator[Element]:
        """Every bill, credit note (with lines) or payment of theirs, voided ones too; or what moved since (§6).

        That comes by id, so that none leaves its page, as in `bills_in_brief`; the header has whole seconds (§4.0).
        """
        order = {"order": endpoint.id_field} if since else {}
        headers = {"If-Modified-Since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"} if since else {}
        yield from self._pages(endpoint.path, endpoint.wrapper, {**_SUPPLIERS[endpoint], **order}, headers)

    def bills_in_brief(self, page: int) -> Page:
        """One page of all bills, without lines and payments (§4.6).

        Pages are counted off, so a row that leaves its place takes the next one out of sight. By id none does: bills
        are neither deleted nor given another id, and one that comes only moves others to a later page, where they are
        read a second time. By `UpdatedDateUTC`, Xero's own order, each change moves a bill; and a filter by status
        would lose the place of each bill that is voided.
        """
        params = {"where": 'Type=="ACCPAY"', "order": "InvoiceID", "summaryOnly": "true"}
        body = self.api.get(BILLS.path, {**params, "page": page, "pageSize": PAGE_SIZE}).body
        rows = shape.documents(body, BILLS.wrapper, BILLS.path)
        return Page(rows, _said(body, "pageCount"), _said(body, "itemCount"))

    def bills_of_contacts_in_brief(self, contact_ids: Iterable[str]) -> Iterator[Element]:
        """The bills of these suppliers that count, without lines and payments (§4.6)."""
        for some in in_lists(contact_ids):
            params = {"ContactIDs": ",".join(some), "where": 'Type=="ACCPAY"', "summaryOnly": "true"}
            yield from self._pages(BILLS.path, BILLS.wrapper, params)

    def payments(self, ids: Iterable[str]) -> Iterator[Element]:
        """Payments by their ids, deleted ones too."""
        for some in in_lists(ids):
            where = " OR ".join(f'PaymentID==guid("{payment_id}")' for payment_id in some)
            yield from self._pages(PAYMENTS.path, PAYMENTS.wrapper, {"where": where})

    def refunds(self, credit_note_ids: Iterable[str]) -> Iterator[Element]:
        """Payments on credit notes, which tell the ids of theirs and no more (xero-api.md §4.8)."""
        notes = self.documents(CREDIT_NOTES, credit_note_ids)
        yield from self.payments([str(row["PaymentID"]) for note in notes for row in note.get("Payments") or ()])

    def payments_of_bills(self, bill_ids: Iterable[str]) -> Iterator[Element]:
        for some in in_lists(bill_ids):
            where = " OR ".join(f'Invoice.InvoiceID==guid("{bill_id}")' for bill_id in some)
            yield from self._pages(PAYMENTS.path, PAYMENTS.wrapper, {"where": where})

    def write(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        body: str,
        key: str,
        in_time: Callable[[], bool] = lambda: True,
    ) -> list[Element]:
        """Send one request of documents, if its turn comes in time; returns an element per document, taken or refused.

        Raises OutcomeUnknown when it may have happened, RequestRefused when nothing of it was looked at.
        """
        try:
            answer = self.api.write(method, path, body, key, in_time).body
        except RequestRefused as refused:
            elements = _refused_elements(refused.body)
            if not elements:
                raise
        else:
            elements = shape.elements(answer, endpoint.wrapper, path)
        return allocated({endpoint.wrapper: elements}) if endpoint.is_allocation else elements

    def attachments(self, endpoint: Endpoint, xero_id: str) -> list[Element]:
        """The files of a document, without their content."""
        return self._list(f"{endpoint.path}/{xero_id}/Attachments", "Attachments")

    def attach(self, endpoint: Endpoint, xero_id: str, name: str, content: bytes, key: str) -> Element:
        """Give a document a PDF, over one of the same name; returns what Xero says of it (xero-api.md §4.10).

        Raises OutcomeUnknown when it may have happened, RequestRefused when Xero says no and not why.
        """
        path = f"{endpoint.path}/{xero_id}/Attachments/{quote(name, safe='')}"
        try:
            answer = self.api.write("PUT", path, content, key, content_type=PDF).body
        except RequestRefused as refused:
            elements = _refused_elements(refused.body)
            if not elements:
                raise
            return elements[0]
        return next(iter(shape.elements(answer, "Attachments", path)), {})

    def _list(self, path: str, wrapper: str, params: Params | None = None) -> list[Element]:
        return shape.documents(self.api.get(path, params).body, wrapper, path)

    def _one(self, path: str, wrapper: str) -> Element:
        rows = self._list(path, wrapper)
        if not rows:
            raise ContractBroken(f"Xero's answer to {path} is an empty list of {wrapper}. Try later.")
        return rows[0]

    def _pages(
        self, path: str, wrapper: str, params: Params, headers: Mapping[str, str] | None = None
    ) -> Iterator[Element]:
        """The rows of a list, a page at a time, and a smaller one where that is too large."""
        seen: set[int] = set()
        place = Place(PAGE_SIZE)
        while place.page <= MOST_PAGES * place.parts:
            try:
                body = self.api.get(path, {**params, "page": place.page, "pageSize": place.size}, headers).body
            except TooMuchAtOnce:
                if not place.narrow():
                    raise
                continue
            rows = shape.documents(body, wrapper, path)
            ids = hash(tuple(str(row[shape.REQUIRED[wrapper][0]]) for row in rows))
            if rows and ids in seen:
                raise ContractBroken(f"Xero answers page {place.page} of {path} with an earlier page again; try later.")
            seen.add(ids)
            yield from rows
            if len(rows) < _page_size(body, place.size):
                return
            place.turn(len(rows), _page_size(body, place.size))
        raise ContractBroken(f"Xero's list {path} does not end after {MOST_PAGES} pages; try later.")


def _page_size(body: Mapping[str, Any], asked: int) -> int:
    """How many rows a full page has: what was asked for, or less where the answer says so (xero-api.md §4.0)."""
    return min(_said(body, "pageSize") or asked, asked)


def _said(body: Mapping[str, Any], name: str) -> int | None:
    """What the answer says of its paging, if it is a number that can be."""
    said = body.get("pagination")
    number = said.get(name) if isinstance(said, dict) else None
    return number if isinstance(number, int) and number >= 0 else None


def _refused_elements(body: object) -> list[Element]:
    """The elements of a ValidationException (§5). A key that was used otherwise is an unknown outcome (§3)."""
    if not isinstance(body, dict):
        return []
    if any("is used with a different request" in str(text) for text in body.values()):
        raise OutcomeUnknown("Xero knows this Idempotency-Key from another request.", 5.0)
    return shape.elements(body, "Elements", "a request that it refuses") if body.get("Elements") else []
