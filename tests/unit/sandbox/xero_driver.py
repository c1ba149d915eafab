"""Drives the sandbox's Xero in-process, with a small chart of accounts that tests can name by heart."""

from __future__ import annotations

from typing import Any

import httpx
import simplejson

from worker.sandbox.clock import Clock
from worker.sandbox.limits import Limits, LimitsInForce
from worker.sandbox.xero import build

BASE = "/api.xro/2.0"
NO_LIMITS = Limits(xero_per_minute=0, xero_concurrent=0, xero_per_day=0, xero_app_per_minute=0)
TENANT = "7e57a000-0000-4000-8000-000000000001"

SEED: dict[str, Any] = {
    "tenant_id": TENANT,
    "organisation": {
        "Name": "Banksia Constructions",
        "BaseCurrency": "AUD",
        "CountryCode": "AU",
        "EndOfYearLockDate": "2025-06-30",
    },
    "accounts": [
        {"Code": "090", "Name": "Business Account", "Type": "BANK"},
        {"Code": "320", "Name": "Subcontractors", "Type": "DIRECTCOSTS", "Class": "EXPENSE", "TaxType": "INPUT"},
        {"Code": "200", "Name": "Sales", "Type": "REVENUE", "Class": "REVENUE", "TaxType": "OUTPUT"},
        {"Code": "800", "Name": "Payables", "Type": "CURRLIAB", "Class": "LIABILITY", "SystemAccount": "CREDITORS"},
        {"Code": "830", "Name": "Retention", "Type": "CURRLIAB", "Class": "LIABILITY", "TaxType": "BASEXCLUDED"},
        {"Code": "835", "Name": "Clearing", "Type": "CURRLIAB", "EnablePaymentsToAccount": True},
        {"Code": "999", "Name": "Old Costs", "Type": "EXPENSE", "Class": "EXPENSE", "Status": "ARCHIVED"},
    ],
    "tax_rates": [
        {"Name": "GST on Expenses", "TaxType": "INPUT", "EffectiveRate": 10, "CanApplyToExpenses": True},
        {"Name": "GST on Income", "TaxType": "OUTPUT", "EffectiveRate": 10, "CanApplyToRevenue": True},
        {"Name": "BAS Excluded", "TaxType": "BASEXCLUDED", "EffectiveRate": 0, "CanApplyToLiabilities": True},
        {"Name": "Old GST", "TaxType": "TAX001", "EffectiveRate": 12, "Status": "DELETED", "CanApplyToExpenses": True},
    ],
    "tracking_categories": [
        {"Name": "Project", "Options": [{"Name": "24-017"}, {"Name": "22-001", "Status": "ARCHIVED"}]},
        {"Name": "Cost Codes", "Options": [{"Name": "03-100 Concrete"}]},
        {"Name": "Region", "Status": "ARCHIVED", "Options": [{"Name": "North"}]},
    ],
    "contacts": [
        {"Name": "Zoë Formwork Pty Ltd", "ContactNumber": "P-1"},
        {"Name": "Gone Pty Ltd", "ContactNumber": "P-2", "ContactStatus": "ARCHIVED"},
    ],
}


class Xero:
    """An authorised client, and Xero's documents in the shortest words."""

    def __init__(
        self, seed: dict[str, Any] | None = None, *, limits: Limits = NO_LIMITS, clock: Clock | None = None
    ) -> None:
        self.clock = clock or Clock()
        self.half = build(seed or SEED, clock=self.clock, limits=LimitsInForce(limits))
        self.http = httpx.Client(
            transport=httpx.WSGITransport(app=self.half.app),
            base_url="http://xero.test",
            headers={"Accept": "application/json"},
        )
        self.authorize()

    def authorize(self, scope: str = "") -> None:
        """Fetch a token as the worker would."""
        basic = ("sandbox-xero-client", "sandbox-xero-secret")
        self.http.headers.pop("Authorization", None)
        form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        answer = self.http.post("/connect/token", data=form, auth=basic)
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def send(self, method: str, path: str, body: object = None, **query: str) -> httpx.Response:
        """One API call; `headers` are the client's."""
        return self.http.request(
            method,
            f"{BASE}/{path}",
            params=query,
            content=None if body is None else simplejson.dumps(body, use_decimal=True),
            headers={} if body is None else {"Content-Type": "application/json"},
        )

    def rows(self, path: str, **query: str) -> list[dict[str, Any]]:
        """The documents of a GET."""
        answer = self.send("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return list(read(answer)[path.split("/")[0]])

    def write(self, method: str, path: str, *elements: dict[str, Any], **query: str) -> list[dict[str, Any]]:
        """The documents that a write with summarizeErrors=false answers."""
        collection = "Allocations" if path.endswith("/Allocations") else path.split("/")[0]
        answer = self.send(method, path, {collection: list(elements)}, summarizeErrors="false", **query)
        assert answer.status_code == 200, answer.text
        return list(read(answer)[collection])

    def create_bill(self, **changes: Any) -> dict[str, Any]:
        """A bill that stands, as Xero answered it."""
        bill = self.write("PUT", "Invoices", self.a_bill(**changes))[0]
        assert not bill["HasErrors"], bill["ValidationErrors"]
        return bill

    def a_bill(self, **changes: Any) -> dict[str, Any]:
        """The smallest bill that may be authorised."""
        bill = {
            "Type": "ACCPAY",
            "Status": "AUTHORISED",
            "Contact": {"ContactID": self.contact_id},
            "Date": "2026-03-01",
            "DueDate": "2026-03-31",
            "InvoiceNumber": "INV-77",
            "LineItems": [a_line()],
        }
        return {**bill, **changes}

    def pay(self, bill: dict[str, Any], amount: object, **changes: Any) -> dict[str, Any]:
        """A payment as Xero answered it, whether or not it was accepted."""
        payment = {
            "Invoice": {"InvoiceID": bill["InvoiceID"]},
            "Account": {"Code": "090"},
            "Date": "2026-04-01",
            "Amount": amount,
        }
        return self.write("PUT", "Payments", {**payment, **changes})[0]

    def bill(self, bill: dict[str, Any]) -> dict[str, Any]:
        """The bill as it stands now."""
        return self.rows(f"Invoices/{bill['InvoiceID']}")[0]

    @property
    def contact_id(self) -> str:
        """The one active contact of the seed."""
        return str(self.rows("Contacts/P-1")[0]["ContactID"])

    def category(self, name: str) -> dict[str, Any]:
        """A tracking category with all of its options."""
        return next(row for row in self.rows("TrackingCategories", includeArchived="true") if row["Name"] == name)

    def edit(self, collection: str, key: str, **values: object) -> None:
        """What a person does in Xero by hand."""
        answer = self.http.patch(f"/_sandbox/documents/{collection}/{key}", json=values)
        assert answer.status_code == 200, answer.text

    def journal(self) -> list[dict[str, Any]]:
        """Every request so far."""
        return list(self.http.get("/_sandbox/journal").json()["entries"])

    def switch(self, **values: object) -> None:
        """What is not documented, or depends on the organisation, is otherwise from now on."""
        answer = self.http.post("/_sandbox/switches", json=values)
        assert answer.status_code == 200, answer.text

    def fault(self, **values: object) -> None:
        """Script a fault."""
        answer = self.http.post("/_sandbox/faults", json=values)
        assert answer.status_code == 201, answer.text


def a_line(**changes: Any) -> dict[str, Any]:
    """A line of 100.00 and 10 % GST."""
    return {"Description": "Claim 3", "Quantity": 1, "UnitAmount": 100, "AccountCode": "320", **changes}


def read(answer: httpx.Response) -> Any:
    """The answer's JSON with exact numbers."""
    return simplejson.loads(answer.text, use_decimal=True)


def messages(element: dict[str, Any]) -> str:
    """Everything Xero says against an element."""
    return " ".join(error["Message"] for error in element.get("ValidationErrors", []))
