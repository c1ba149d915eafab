"""Logins that a person gives, in both sandboxes: consent, codes, refresh tokens and how long each is good."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.unit.sandbox import procore as procore_driver
from tests.unit.sandbox.procore import Procore
from tests.unit.sandbox.xero_driver import SEED, TENANT, Xero
from worker.sandbox.clock import Clock

BACK = "http://localhost:8765/callback"
XERO_APP = ("sandbox-xero-client", "sandbox-xero-secret")
DAY_S = 86400


class At:
    """Asks a system's two addresses as an app would."""

    http: httpx.Client
    clock: Clock

    def allow(self, **changes: str) -> httpx.Response:
        raise NotImplementedError

    def tokens(self, **form: str) -> httpx.Response:
        raise NotImplementedError

    def code(self, **changes: str) -> str:
        return _came_back(self.allow(**changes))["code"]

    def redeem(self, code: str, redirect_uri: str = BACK, **form: str) -> httpx.Response:
        return self.tokens(grant_type="authorization_code", code=code, redirect_uri=redirect_uri, **form)

    def refresh(self, token: str) -> httpx.Response:
        return self.tokens(grant_type="refresh_token", refresh_token=token)


class AtXero(At):
    """Xero wants its scopes, and the app's credentials as HTTP Basic."""

    def __init__(self, seed: dict[str, Any] | None = None) -> None:
        xero = Xero(seed)
        del xero.http.headers["Authorization"]
        self.http, self.clock = xero.http, xero.clock

    def allow(self, **changes: str) -> httpx.Response:
        scope = "offline_access accounting.settings"
        asked = {"response_type": "code", "client_id": XERO_APP[0], "redirect_uri": BACK, "scope": scope, "state": "s"}
        return self.http.get("/identity/connect/authorize", params={**asked, **changes})

    def tokens(self, **form: str) -> httpx.Response:
        return self.http.post("/connect/token", data=form, auth=XERO_APP)


class AtProcore(At):
    """Procore has no scopes, and wants the credentials in the form."""

    def __init__(self) -> None:
        procore = Procore()
        self.http, self.clock = procore.http, procore.clock

    def allow(self, **changes: str) -> httpx.Response:
        client_id = procore_driver.CREDENTIALS["client_id"]
        asked = {"response_type": "code", "client_id": client_id, "redirect_uri": BACK, "state": "s"}
        return self.http.get("/oauth/authorize", params={**asked, **changes})

    def tokens(self, **form: str) -> httpx.Response:
        return self.http.post("/oauth/token", data={**form, **procore_driver.CREDENTIALS})


System = type[AtXero] | type[AtProcore]
BOTH = pytest.mark.parametrize("system", [AtXero, AtProcore])


def _came_back(response: httpx.Response) -> dict[str, str]:
    """What the redirect carries to the app."""
    assert response.status_code == 302, response.text
    assert response.headers["location"].startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


@BOTH
def test_a_code_is_good_for_tokens_once(system: System) -> None:
    """Consent comes back with the state and a code; the code gives both tokens, and nothing the second time."""
    at = system()
    assert _came_back(at.allow(state="of mine"))["state"] == "of mine"
    code = at.code()
    answer = at.redeem(code).json()
    assert answer["access_token"]
    assert answer["refresh_token"]
    again = at.redeem(code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(("system", "life_s"), [(AtXero, 300), (AtProcore, 600)])
def test_a_code_does_not_wait(system: System, life_s: int) -> None:
    """Five minutes at Xero, ten at Procore."""
    at = system()
    early, late = at.code(), at.code()
    at.clock.advance(life_s - 1)
    assert at.redeem(early).is_success
    at.clock.advance(2)
    assert at.redeem(late).status_code == 400


@BOTH
def test_a_code_belongs_to_its_redirect_address(system: System) -> None:
    """The token request must name the address that the code was sent to."""
    at = system()
    assert at.redeem(at.code(), "http://localhost:1/callback").status_code == 400


@BOTH
@pytest.mark.parametrize("address", ["http://127.0.0.1:8765/callback", "http://example.com/", ""])
def test_the_browser_is_not_sent_just_anywhere(system: System, address: str) -> None:
    """http is for localhost only, and 127.0.0.1 is not localhost; nor is anybody else's app answered."""
    at = system()
    assert at.allow(redirect_uri=address).status_code == 400
    assert at.allow(client_id="another").status_code == 400


def test_a_registered_redirect_address_is_meant_exactly() -> None:
    """A seed that registers one has no other, not even with another port."""
    credentials = {"client_id": XERO_APP[0], "client_secret": XERO_APP[1], "redirect_uri": BACK}
    at = AtXero({**SEED, "credentials": credentials})
    assert at.allow().status_code == 302
    assert at.allow(redirect_uri="http://localhost:8766/callback").status_code == 400


@BOTH
def test_a_person_may_deny(system: System) -> None:
    """Then the redirect carries an error instead of a code."""
    at = system()
    at.http.post("/_sandbox/consent", json={"deny": True})
    assert _came_back(at.allow())["error"] == "access_denied"
    at.http.post("/_sandbox/consent", json={"deny": False})
    assert at.code()


def test_a_refresh_token_comes_with_its_scope_only() -> None:
    """Without offline_access Xero gives none."""
    at = AtXero()
    answer = at.redeem(at.code(scope="accounting.settings")).json()
    assert answer["access_token"]
    assert "refresh_token" not in answer


def test_a_scope_that_the_app_may_not_have_is_refused_at_the_consent() -> None:
    """Nothing to allow: the redirect says so."""
    assert _came_back(AtXero().allow(scope="offline_access accounting.transactions"))["error"] == "invalid_scope"
    assert _came_back(AtXero().allow(scope=""))["error"] == "invalid_scope"


def test_xero_takes_the_last_refresh_token_again_for_half_an_hour() -> None:
    """An answer may have been lost; its tokens end when the old one is used again, and then a pair is good."""
    at = AtXero()
    first = at.redeem(at.code()).json()["refresh_token"]
    lost = at.refresh(first).json()["refresh_token"]
    at.clock.advance(1799)
    second = at.refresh(first).json()["refresh_token"]
    refused = at.refresh(lost)
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})
    assert at.refresh(second).is_success


def test_xeros_grace_ends() -> None:
    """After half an hour, and as soon as the new refresh token was used."""
    at = AtXero()
    first = at.redeem(at.code()).json()["refresh_token"]
    second = at.refresh(first).json()["refresh_token"]
    at.clock.advance(1801)
    assert at.refresh(first).status_code == 400
    third = at.refresh(second).json()["refresh_token"]
    assert at.refresh(third).is_success
    assert at.refresh(second).status_code == 400


def test_procores_refresh_token_is_good_once() -> None:
    """The second use is refused in the words of Procore's documentation."""
    at = AtProcore()
    first = at.redeem(at.code()).json()["refresh_token"]
    assert at.refresh(first).is_success
    refused = at.refresh(first)
    assert (refused.status_code, refused.json()["message"]) == (401, "The refresh token is invalid")


@pytest.mark.parametrize(("system", "days", "good"), [(AtXero, 59, True), (AtXero, 60, False), (AtProcore, 900, True)])
def test_an_unused_refresh_token(system: System, days: int, good: bool) -> None:
    """Xero forgets it after sixty days, Procore never."""
    at = system()
    token = at.redeem(at.code()).json()["refresh_token"]
    at.clock.advance(days * DAY_S)
    assert at.refresh(token).is_success == good


def test_credentials_go_where_they_are_documented() -> None:
    """Xero's as HTTP Basic, Procore's in the form; elsewhere is unconfirmed, so it is refused."""
    xero, procore = AtXero(), AtProcore()
    form = {"grant_type": "authorization_code", "redirect_uri": BACK}
    client = {"client_id": XERO_APP[0], "client_secret": XERO_APP[1]}
    refused = xero.http.post("/connect/token", data={**form, **client, "code": xero.code()})
    assert refused.json() == {"error": "invalid_client"}
    basic = tuple(procore_driver.CREDENTIALS.values())
    refused = procore.http.post("/oauth/token", data={**form, "code": procore.code()}, auth=(basic[0], basic[1]))
    assert refused.status_code == 400


def test_a_persons_token_must_name_the_organisation() -> None:
    """Unlike a custom connection's, which has but one."""
    xero = Xero(clock=Clock())
    at = AtXero()
    xero.http = at.http
    token = at.redeem(at.code()).json()["access_token"]
    at.http.headers["Authorization"] = f"Bearer {token}"
    assert xero.send("GET", "Organisation").status_code == 403
    at.http.headers["xero-tenant-id"] = TENANT
    assert xero.send("GET", "Organisation").status_code == 200


def test_a_login_may_reach_several_organisations() -> None:
    """What the control interface adds is listed beside the own one."""
    at = AtXero()
    at.http.post("/_sandbox/connections", json=[{"tenantId": "t-2", "tenantName": "Two", "tenantType": "PRACTICE"}])
    at.http.headers["Authorization"] = f"Bearer {at.redeem(at.code()).json()['access_token']}"
    rows = at.http.get("/connections").json()
    assert [(row["tenantId"], row["tenantType"]) for row in rows] == [(TENANT, "ORGANISATION"), ("t-2", "PRACTICE")]


#: RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PROOF = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@pytest.mark.parametrize(("verifier", "status"), [(VERIFIER, 200), (VERIFIER[:-1] + "l", 400), ("", 400)])
def test_a_code_with_a_challenge_needs_its_proof(verifier: str, status: int) -> None:
    """As Xero documents it: the hash goes with the browser, the proof with the code."""
    xero = AtXero()
    form = {"code_verifier": verifier} if verifier else {}
    assert xero.redeem(xero.code(**PROOF), **form).status_code == status


def test_a_proof_that_nobody_asked_for_is_refused() -> None:
    """The stricter reading."""
    xero = AtXero()
    assert xero.redeem(xero.code(), code_verifier=VERIFIER).status_code == 400


@pytest.mark.parametrize("change", [{"code_challenge_method": "plain"}, {"code_challenge": "short"}])
def test_another_challenge_is_none(change: dict[str, str]) -> None:
    """Xero documents S256 alone."""
    assert _came_back(AtXero().allow(**{**PROOF, **change}))["error"] == "invalid_request"


def test_procore_documents_no_challenge() -> None:
    """A page that refuses what it does not know is the stricter reading."""
    assert _came_back(AtProcore().allow(**PROOF))["error"] == "invalid_request"
