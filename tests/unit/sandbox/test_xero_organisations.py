"""Several organisations of the sandbox's Xero: books and limits of their own, one app and its login."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.xero_driver import NO_LIMITS, SEED, TENANT, Xero
from worker.sandbox import Sandbox, SeedError
from worker.sandbox.limits import Limits

OTHER = "7e57a000-0000-4000-8000-000000000002"
SOUTH: dict[str, Any] = {**SEED, "tenant_id": OTHER, "organisation": {"Name": "Southern", "BaseCurrency": "AUD"}}
REDIRECT = "http://localhost:8765/callback"


def by_a_person(limits: Limits = NO_LIMITS, seed: dict[str, Any] = SEED) -> Xero:
    """A client of both organisations, or of those of the seed, with a person's token."""
    xero = Xero({"more_organisations": [SOUTH], **seed}, limits=limits)
    asked = {"client_id": "sandbox-xero-client", "response_type": "code", "redirect_uri": REDIRECT}
    scope = "offline_access accounting.invoices accounting.contacts accounting.settings accounting.payments"
    back = xero.http.get("/identity/connect/authorize", params={**asked, "scope": scope}).headers["location"]
    form = {"grant_type": "authorization_code", "code": httpx.URL(back).params["code"], "redirect_uri": REDIRECT}
    token = xero.http.post("/connect/token", data=form, auth=("sandbox-xero-client", "sandbox-xero-secret")).json()
    xero.http.headers["Authorization"] = f"Bearer {token['access_token']}"
    return xero


def into(xero: Xero, tenant_id: str) -> Xero:
    xero.http.headers["xero-tenant-id"] = tenant_id
    return xero


def test_each_has_its_own_books() -> None:
    """What is written to one is not in the other, and both are in the dump, which is a seed again."""
    xero = by_a_person()
    into(xero, OTHER).create_bill(InvoiceNumber="S-1")
    assert [row["InvoiceNumber"] for row in xero.rows("Invoices")] == ["S-1"]
    assert into(xero, TENANT).rows("Invoices") == []
    dumped = xero.half.dump()
    assert [len(books["invoices"]) for books in (dumped, *dumped["more_organisations"])] == [0, 1]
    again = Xero(dumped)
    assert len(again.half.dump()["more_organisations"][0]["invoices"]) == 1


def test_a_persons_login_reaches_both_and_the_apps_own_the_first() -> None:
    """/connections lists them; any other organisation is refused."""
    xero = by_a_person()
    assert [row["tenantId"] for row in xero.http.get("/connections").json()] == [TENANT, OTHER]
    answers = [into(xero, tenant_id).send("GET", "Accounts") for tenant_id in (TENANT, OTHER, "no-such-tenant", "")]
    assert [answer.status_code for answer in answers] == [200, 200, 403, 403]
    xero.http.headers.pop("xero-tenant-id")
    xero.authorize()
    answers = [into(xero, tenant_id).send("GET", "Accounts") for tenant_id in (TENANT, OTHER)]
    assert [answer.status_code for answer in answers] == [200, 403]


def test_minute_and_day_are_each_ones_own_and_the_apps_minute_is_shared() -> None:
    """One organisation that is used up leaves the other its calls, until the app's are used up."""
    xero = by_a_person(Limits(xero_per_minute=2, xero_app_per_minute=5))

    def asked(tenant_id: str) -> str:
        return str(into(xero, tenant_id).send("GET", "Currencies").headers.get("X-Rate-Limit-Problem", ""))

    assert [asked(TENANT) for _ in range(3)] == ["", "", "minute"]
    assert [asked(OTHER) for _ in range(2)] == ["", ""]
    assert xero.http.get("/connections").status_code == 200  # the app's fifth
    assert asked(OTHER) == "appminute"


def test_an_edit_by_hand_is_in_the_organisation_that_is_named() -> None:
    """And in the first one when none is."""
    xero = by_a_person()
    bill = into(xero, OTHER).create_bill(InvoiceNumber="S-1")
    xero.edit("invoices", bill["InvoiceID"], Status="VOIDED")
    assert xero.bill(bill)["Status"] == "VOIDED"
    xero.http.headers.pop("xero-tenant-id")
    assert xero.http.patch(f"/_sandbox/documents/invoices/{bill['InvoiceID']}", json={}).status_code == 404


def test_two_of_one_id_are_refused() -> None:
    """A seed that nobody could tell apart names the mistake."""
    with pytest.raises(SeedError, match="the same tenant_id"):
        Sandbox({"xero": {"tenant_id": TENANT, "more_organisations": [{"tenant_id": TENANT.upper()}]}})


def test_a_web_app_begins_with_a_thousand_calls_a_day() -> None:
    """On the starter tier, for each organisation; a custom connection is outside the tiers."""
    credentials = {"client_id": "sandbox-xero-client", "client_secret": "sandbox-xero-secret", "tier": "starter"}
    seed = {**SEED, "credentials": credentials}
    limits = Limits(xero_per_minute=0, xero_app_per_minute=0)
    xero = by_a_person(limits, seed)
    left = [
        into(xero, tenant_id).send("GET", "Currencies").headers["X-DayLimit-Remaining"] for tenant_id in (TENANT, OTHER)
    ]
    assert left == ["999", "999"]
    for _ in range(999):
        into(xero, TENANT).send("GET", "Currencies")
    refused = xero.send("GET", "Currencies")
    assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, "day")
    assert into(xero, OTHER).send("GET", "Currencies").status_code == 200
    own = Xero(seed, limits=limits)
    assert own.send("GET", "Currencies").headers["X-DayLimit-Remaining"] == "4999"


@pytest.mark.parametrize(("tier", "reached"), [("starter", 5), ("core", 7)])
def test_people_connect_a_web_app_to_five_organisations(tier: str, reached: int) -> None:
    """On the starter tier; the others are not listed, and not answered for."""
    more = [{**SOUTH, "tenant_id": f"{OTHER[:-1]}{n}"} for n in range(2, 8)]
    credentials = {"client_id": "sandbox-xero-client", "client_secret": "sandbox-xero-secret", "tier": tier}
    xero = by_a_person(seed={**SEED, "more_organisations": more, "credentials": credentials})
    ids = [TENANT, *(one["tenant_id"] for one in more)]
    assert [row["tenantId"] for row in xero.http.get("/connections").json()] == ids[:reached]
    answers = [into(xero, tenant_id).send("GET", "Accounts").status_code for tenant_id in ids]
    assert answers == [200] * reached + [403] * (7 - reached)
