"""The address that a person opens, and what is sent for the code that comes back."""

from __future__ import annotations

import httpx
import pytest

from worker.http.consent import Consent, exchange
from worker.http.token_address import TokenAddress

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
TO = "http://localhost:8765/callback"


def _consent(verifier: str = "") -> Consent:
    return Consent("Xero", "https://login.example/authorize", "app-1", TO, verifier=verifier)


def test_the_address_carries_the_hash_of_the_proof() -> None:
    """RFC 7636, appendix B; the proof itself does not go through a browser."""
    asked = httpx.URL(_consent(VERIFIER).url).params
    assert asked["code_challenge"] == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert asked["code_challenge_method"] == "S256"
    assert VERIFIER not in _consent(VERIFIER).url + repr(_consent(VERIFIER))


def test_where_no_proof_is_documented_none_is_sent() -> None:
    """Nothing but the documented parameters."""
    assert set(httpx.URL(_consent().url).params) == {"response_type", "client_id", "redirect_uri", "state"}


@pytest.mark.parametrize(("verifier", "sent"), [(VERIFIER, VERIFIER), ("", None)])
def test_the_proof_goes_with_the_code(verifier: str, sent: str | None) -> None:
    """And only there."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"access_token": "a", "expires_in": 1800, "refresh_token": "r"})

    address = TokenAddress("Xero", "https://token.example/", "app-1", "secret", basic=True)
    exchange(address, _consent(verifier), "c-1", httpx.MockTransport(answer))
    form = httpx.QueryParams(asked[0].content.decode())
    assert (form.get("code"), form.get("redirect_uri"), form.get("code_verifier")) == ("c-1", TO, sent)


@pytest.mark.parametrize("state", ["", "of another", "ö"])
def test_an_answer_with_another_state_is_not_ours(state: str) -> None:
    """Each attempt has a state that nobody can guess."""
    consent = _consent()
    assert consent.is_answered_by({"state": consent.state})
    assert not consent.is_answered_by({"state": state})
    assert consent.state != _consent().state
