"""Bills through one Xero client and nothing else, in a process of its own, as its documentation shows it.

Prints what it cost. Starting Python, importing, the token and reading the bills are not counted; making the client's
own objects of them is. The bills are those that our worker sent, under other numbers. Each client is imported where it
is used: nobody's memory has another's modules in it.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import simplejson

from tests.benchmarks.used import Meter

#: Sends some bills in one call; returns how many the answer holds.
Send = Callable[[Sequence[Mapping[str, Any]]], int]


@dataclass(frozen=True, slots=True)
class Way:
    """A client, and how many bills it is given at once."""

    client: str
    at_once: int
    #: With an Idempotency-Key for each call, which xero-python's reference names and its README leaves out.
    keys: bool = False


WAYS = {
    "our client, 50 at once": Way("ours", 50),
    "xero-python, one by one": Way("xero-python", 1),
    "xero-python, 50 at once": Way("xero-python", 50),
    "pyxero, one by one": Way("pyxero", 1),
    "pyxero, 50 at once": Way("pyxero", 50),
}
#: Costs what it costs without; only what becomes of a lost answer is another matter.
WITH_KEYS = {"xero-python, with keys": Way("xero-python", 50, keys=True)}


def main() -> None:
    way, bills = (WAYS | WITH_KEYS)[sys.argv[1]], Path(sys.argv[2])
    url = str(httpx.URL(os.environ["XERO_TOKEN_URL"]).join("/")).rstrip("/")
    documents = simplejson.loads(bills.read_text("utf-8"), use_decimal=True)
    send = {"ours": ours, "xero-python": xero_python, "pyxero": pyxero}[way.client](url, _token(), way)
    meter = Meter()
    taken = sum(_sent(send, some) for some in _parts(documents, way.at_once))
    print(json.dumps({**meter.read(), "bills": taken}), flush=True)


def _sent(send: Send, some: Sequence[Mapping[str, Any]]) -> int:
    """Once more where no answer came, which is all that a caller of these clients can do without a ledger."""
    try:
        return send(some)
    except OSError:
        return send(some)


def ours(url: str, token: dict[str, Any], way: Way) -> Send:
    """Without ledger and proof, which the worker has around it. It gets its token itself."""
    from worker import logs
    from worker.settings import Settings
    from worker.xero import batches
    from worker.xero.client import connect
    from worker.xero.documents import BILLS

    logs.configure("WARNING")
    xero, target = connect(Settings(), None), batches.create(BILLS)
    xero.currencies()  # by this it has its token

    def send(some: Sequence[Mapping[str, Any]]) -> int:
        return len(xero.write(BILLS, target.method, target.path, batches.render(BILLS, some), uuid.uuid4().hex))

    return send


def xero_python(url: str, token: dict[str, Any], way: Way) -> Send:
    """The official client: models, and `create_invoices`, which takes one or several."""
    from xero_python.accounting import (
        AccountingApi,
        Contact,
        Invoice,
        Invoices,
        LineAmountTypes,
        LineItem,
        LineItemTracking,
    )
    from xero_python.api_client import ApiClient
    from xero_python.api_client.configuration import Configuration
    from xero_python.api_client.oauth2 import OAuth2Token

    configuration = Configuration(oauth2_token=OAuth2Token(client_id="unused", client_secret="unused"))
    client = ApiClient(configuration, oauth2_token_getter=lambda: token, oauth2_token_saver=token.update)
    api = AccountingApi(client, base_url=f"{url}/api.xro/2.0")

    def line(row: Mapping[str, Any]) -> Any:
        tracking = [
            LineItemTracking(
                tracking_category_id=one.get("TrackingCategoryID"),
                tracking_option_id=one.get("TrackingOptionID"),
                name=one["Name"],
                option=one["Option"],
            )
            for one in row["Tracking"]
        ]
        return LineItem(
            description=row["Description"],
            quantity=float(row["Quantity"]),
            unit_amount=float(row["UnitAmount"]),
            account_code=row["AccountCode"],
            tax_type=row["TaxType"],
            tracking=tracking,
        )

    def model(bill: Mapping[str, Any]) -> Any:
        return Invoice(
            type=bill["Type"],
            status=bill["Status"],
            line_amount_types=LineAmountTypes(bill["LineAmountTypes"]),
            contact=Contact(contact_id=bill["Contact"]["ContactID"]),
            invoice_number=bill["InvoiceNumber"],
            date=date.fromisoformat(bill["Date"]),
            due_date=date.fromisoformat(bill["DueDate"]),
            reference=bill.get("Reference"),
            url=bill.get("Url"),
            line_items=[line(row) for row in bill["LineItems"]],
        )

    def send(some: Sequence[Mapping[str, Any]]) -> int:
        invoices = Invoices(invoices=[model(bill) for bill in some])
        key = {"idempotency_key": uuid.uuid4().hex} if way.keys else {}
        answer = api.create_invoices("", invoices=invoices, unitdp=4, **key)
        return len(answer.invoices)

    return send


def pyxero(url: str, token: dict[str, Any], way: Way) -> Send:
    """The older client: dictionaries, and `put`, which takes one or a list."""
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the sandbox speaks plain HTTP
    from xero import Xero
    from xero.auth import OAuth2Credentials

    credentials = OAuth2Credentials("unused", "unused", token=token)
    credentials.base_url = url
    credentials.set_default_tenant()
    xero = Xero(credentials, unit_price_4dps=True)

    def send(some: Sequence[Mapping[str, Any]]) -> int:
        days = ("Date", "DueDate")
        rows = [{**bill, **{day: date.fromisoformat(bill[day]) for day in days}} for bill in some]
        return len(xero.invoices.put(rows if len(rows) > 1 else rows[0]))

    return send


def _token() -> dict[str, Any]:
    """Neither client is measured on it."""
    credentials = (os.environ["XERO_CLIENT_ID"], os.environ["XERO_CLIENT_SECRET"])
    asked = {"grant_type": "client_credentials"}
    answer = httpx.post(os.environ["XERO_TOKEN_URL"], data=asked, auth=credentials).raise_for_status().json()
    return {**answer, "expires_at": time.time() + answer["expires_in"]}


def _parts(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


if __name__ == "__main__":
    main()
