"""The older client, pyxero, reads the sandbox over real HTTP: other spellings of addresses and filters than ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import xero as pyxero
from xero.auth import OAuth2Credentials

from tests.unit.sandbox.xero_driver import TENANT, Xero
from worker.sandbox.server import Served


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[pyxero.Xero]:
    """The client with a token of the sandbox; it keeps its base address to itself."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the sandbox speaks plain HTTP on loopback
    books = Xero()
    books.create_bill()
    token = books.http.headers["Authorization"].removeprefix("Bearer ")
    with Served(books.half.app, books.half.app, 0, 0, "127.0.0.1") as served:
        credentials = OAuth2Credentials(
            "id", "secret", token={"access_token": token, "token_type": "Bearer", "expires_at": 2**33}
        )
        credentials.base_url = served.xero_url
        credentials.tenant_id = TENANT
        yield pyxero.Xero(credentials)


def test_organisations(client: pyxero.Xero) -> None:
    """By the address that it asks, which no page has."""
    assert client.organisations.all()[0]["Name"] == "Banksia Constructions"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"Name__startswith": "zoe"}, 1),
        ({"Name__contains": "formwork"}, 1),
        ({"Name__endswith": "pty"}, 0),
        ({"Name__tolower": "zoë formwork pty ltd"}, 1),
        ({"AccountNumber__isnull": True}, 1),
        ({"ContactNumber__isnull": False, "ContactNumber__contains": "P-"}, 1),
    ],
)
def test_filters(client: pyxero.Xero, filters: dict[str, object], found: int) -> None:
    """Its methods in lower case, and null."""
    assert len(client.contacts.filter(**filters)) == found


def test_ids_without_dashes(client: pyxero.Xero) -> None:
    """As it writes a list of them, and a GUID in a filter."""
    (bill,) = client.invoices.all()
    assert len(client.invoices.filter(IDs=[bill["InvoiceID"]])) == 1
    assert len(client.invoices.filter(Contact_ContactID=bill["Contact"]["ContactID"])) == 1
