"""Who gets in: tokens, tenant, JSON asked for, unknown addresses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.sandbox.xero_driver import BASE, SEED, TENANT, Xero, read


@pytest.fixture
def xero() -> Xero:
    return Xero()


def test_token_by_form_and_no_refresh_token(xero: Xero) -> None:
    """client_credentials gives an access token only."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "sandbox-xero-client",
        "client_secret": "sandbox-xero-secret",
    }
    answer = xero.http.post("/connect/token", data=form).json()
    assert answer["expires_in"] == 1800
    assert "refresh_token" not in answer


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (
            {"grant_type": "client_credentials", "client_id": "sandbox-xero-client", "client_secret": "no"},
            "invalid_client",
        ),
        ({"grant_type": "client_credentials"}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({}, "invalid_request"),
    ],
)
def test_wrong_token_request_is_refused(xero: Xero, form: dict[str, str], error: str) -> None:
    """The token address answers the OAuth error code."""
    del xero.http.headers["Authorization"]
    answer = xero.http.post("/connect/token", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_expired_token_is_told_apart(xero: Xero) -> None:
    """After its life a token is answered 401 TokenExpired, and a new one works."""
    xero.clock.advance(1801)
    answer = xero.send("GET", "Organisation")
    assert answer.status_code == 401
    assert answer.json()["Detail"].startswith("TokenExpired: token expired at ")
    xero.authorize()
    assert xero.send("GET", "Organisation").status_code == 200


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("accounting.settings", "GET", "Accounts", 200),
        ("accounting.settings.read", "GET", "Accounts", 200),
        ("accounting.settings.read", "PUT", "TrackingCategories", 403),
        ("accounting.settings", "GET", "Payments", 403),
        ("accounting.payments", "GET", "Payments", 200),
        ("accounting.invoices accounting.contacts", "GET", "CreditNotes", 200),
        ("", "GET", "Payments", 200),
    ],
)
def test_a_token_opens_what_its_scopes_open(xero: Xero, scope: str, method: str, path: str, status: int) -> None:
    """Each address needs its scope; `.read` opens it for reading only; a token that asks for none has all ticked."""
    xero.authorize(scope)
    answer = xero.send(method, path, {"Name": "Region"} if method == "PUT" else None)
    assert answer.status_code == status
    if status == 403:
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
        xero.switch(missing_scope=401)
        assert xero.send(method, path).json()["Status"] == 401


def test_a_scope_that_is_not_ticked_gives_no_token() -> None:
    """A token request for a scope that the app does not have is refused as a whole."""
    credentials = {"client_id": "sandbox-xero-client", "client_secret": "sandbox-xero-secret"}
    xero = Xero({**SEED, "credentials": {**credentials, "scopes": "accounting.contacts"}})
    form = {"grant_type": "client_credentials", **credentials, "scope": "accounting.contacts accounting.payments"}
    answer = xero.http.post("/connect/token", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_scope"})


def test_what_the_plan_does_not_allow_is_listed_and_refused() -> None:
    """An organisation that may not approve bills says so, refuses to, and still takes drafts."""
    xero = Xero({**SEED, "organisation_actions": [{"Name": "CreateApprovedBill", "Status": "NOT-ALLOWED"}]})
    actions = {row["Name"]: row["Status"] for row in xero.send("GET", "Organisation/Actions").json()["Actions"]}
    assert (actions["CreateApprovedBill"], actions["CreateDraftBill"]) == ("NOT-ALLOWED", "ALLOWED")
    (refused,) = xero.write("PUT", "Invoices", xero.a_bill())
    assert "limit of invoices you can approve" in str(refused["ValidationErrors"])
    xero.create_bill(Status="DRAFT")


def test_expired_token_can_be_scripted(xero: Xero) -> None:
    """The fault "expired_token" answers as an expired token does, once."""
    xero.fault(kind="expired_token")
    assert xero.send("GET", "Organisation").json()["Detail"].startswith("TokenExpired")
    assert xero.send("GET", "Organisation").status_code == 200


def test_unknown_token_is_401(xero: Xero) -> None:
    """A token that was never issued opens nothing."""
    xero.http.headers["Authorization"] = "Bearer stolen"
    assert xero.send("GET", "Organisation").status_code == 401


def test_tenant_is_checked_when_sent(xero: Xero) -> None:
    """A custom connection may leave the tenant out, but may not name another."""
    xero.http.headers["xero-tenant-id"] = TENANT.upper()
    assert xero.send("GET", "Organisation").status_code == 200
    xero.http.headers["xero-tenant-id"] = "00000000-0000-4000-8000-000000000009"
    answer = xero.send("GET", "Organisation")
    assert (answer.status_code, answer.json()["Detail"]) == (403, "AuthenticationUnsuccessful")


def test_xml_unless_json_is_asked_for(xero: Xero) -> None:
    """Without Accept: application/json the answer is XML, as Xero's default is."""
    xero.http.headers["Accept"] = "*/*"
    answer = xero.send("GET", "Organisation")
    assert answer.headers["content-type"].startswith("text/xml")


def test_404_is_an_empty_page(xero: Xero) -> None:
    """Unknown addresses and documents are 404 text/html with no body."""
    for path in ("Nothing", "Invoices/00000000-0000-4000-8000-000000000009", "Contacts/none"):
        answer = xero.send("GET", path)
        assert (answer.status_code, answer.text) == (404, "")
        assert answer.headers["content-type"].startswith("text/html")


def test_addresses_may_be_written_otherwise(xero: Xero) -> None:
    """In any case, and `/Organisations`: ids and numbers stay as they are."""
    bill = xero.create_bill(InvoiceNumber="Actions")
    for path in ("invoices", f"INVOICES/{bill['InvoiceID']}", "Organisations", "organisation/actions", "taxrates"):
        assert xero.send("GET", path).status_code == 200
    assert xero.rows("Invoices/Actions")[0]["InvoiceNumber"] == "Actions"
    assert xero.send("GET", f"invoices/{bill['InvoiceID']}/attachments").json()["Attachments"] == []
    xero.authorize("accounting.contacts")
    assert xero.send("GET", "invoices").status_code == 403


def test_connections_name_the_tenant(xero: Xero) -> None:
    """`/connections` is without tenant, and counts against the app's minute only."""
    answer = xero.http.get("/connections")
    assert answer.json()[0]["tenantId"] == TENANT
    assert "X-MinLimit-Remaining" not in answer.headers
    assert "X-AppMinLimit-Remaining" in answer.headers


def test_every_answer_has_a_correlation_id(xero: Xero) -> None:
    """Support asks for it, so it must be there to be logged."""
    assert xero.send("GET", "Organisation").headers["Xero-Correlation-Id"]


def test_envelope_says_ok_whatever_the_elements_say(xero: Xero) -> None:
    """The outer Status is OK even where an element is rejected."""
    answer = xero.send("PUT", "Contacts", {"Contacts": [{"Name": ""}]}, summarizeErrors="false")
    assert read(answer)["Status"] == "OK"
    assert read(answer)["Contacts"][0]["HasValidationErrors"]


def test_body_must_be_declared_json(xero: Xero) -> None:
    """A body without a JSON content type cannot be read."""
    answer = xero.http.put(f"{BASE}/Contacts", content=b'{"Name": "A"}')
    assert (answer.status_code, answer.json()["ErrorNumber"]) == (400, 14)


def broad(scopes: str) -> Xero:
    """An app that was made before granular scopes, with these ticked."""
    credentials = {"client_id": "sandbox-xero-client", "client_secret": "sandbox-xero-secret", "scopes": scopes}
    return Xero({**SEED, "credentials": credentials})


def asks(xero: Xero, scope: str) -> tuple[int, str]:
    """What the token address says to these scopes."""
    form = {"grant_type": "client_credentials", "scope": scope}
    answer = xero.http.post("/connect/token", data=form, auth=("sandbox-xero-client", "sandbox-xero-secret"))
    return answer.status_code, answer.json().get("error", "")


def test_a_broad_scope_opens_what_the_granular_ones_open() -> None:
    """For an app that has it ticked; a granular one that is not ticked beside it gives no token."""
    xero = broad("accounting.transactions accounting.settings accounting.contacts")
    assert asks(xero, "accounting.transactions accounting.settings") == (200, "")
    assert asks(xero, "accounting.invoices") == (400, "invalid_scope")
    xero.authorize("accounting.transactions.read")
    for path in ("Invoices", "CreditNotes", "Payments", "Items"):
        assert xero.send("GET", path).status_code == 200
    assert xero.send("PUT", "Payments", {}).status_code == 403
    assert xero.send("GET", "Contacts").status_code == 403


def test_a_new_app_has_no_broad_scope() -> None:
    """It is asked for in vain."""
    assert asks(Xero(), "accounting.transactions") == (400, "invalid_scope")


def test_broad_scopes_end_on_2027_09_13() -> None:
    """From that day on they give no token, and open nothing."""
    xero = broad("accounting.transactions accounting.contacts")
    day_s = (datetime(2027, 9, 12, 23, 50, tzinfo=UTC) - xero.clock.now()).total_seconds()
    xero.clock.advance(day_s)
    xero.authorize()
    assert xero.send("GET", "Invoices").status_code == 200
    xero.clock.advance(660)
    assert xero.send("GET", "Invoices").status_code == 403
    assert xero.send("GET", "Contacts").status_code == 200
    assert asks(xero, "accounting.transactions") == (400, "invalid_scope")
    assert asks(xero, "accounting.contacts") == (200, "")
