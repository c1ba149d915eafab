"""How a person lets the app in: the address to open, the answer that comes back, and its code for tokens.

Nothing is stored and nothing is listened to here.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import httpx

from worker.errors import ApiUnavailable, AuthRejected
from worker.http.token_address import Issued, TokenAddress, is_over
from worker.http.wire import client


@dataclass(frozen=True, slots=True)
class Consent:
    """One attempt to be let in. Its `state` comes back with the answer, so that nobody else can answer.

    `verifier` is the proof of RFC 7636 (PKCE), method S256: the address carries its hash only, and a code that somebody
    else got hold of is worth nothing without it. Blank where the system does not document it: one that refused what it
    does not know could not be connected at all.
    """

    where: str
    authorize_url: str
    client_id: str
    redirect_uri: str
    scope: str = ""
    verifier: str = field(default="", repr=False)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def url(self) -> str:
        """What the person opens in a browser."""
        params = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            **({"scope": self.scope} if self.scope else {}),
            **({"code_challenge": self._challenge, "code_challenge_method": "S256"} if self.verifier else {}),
        }
        return str(httpx.URL(self.authorize_url).copy_merge_params(params))

    @property
    def _challenge(self) -> str:
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    def is_answered_by(self, answer: Mapping[str, str]) -> bool:
        """Whether it belongs to this attempt; anybody may send a browser to the redirect address."""
        return secrets.compare_digest(answer.get("state", "").encode(), self.state.encode())

    def code(self, answer: Mapping[str, str]) -> str:
        """The code in the answer to this attempt. Raises AuthRejected when it is not one to use."""
        if error := answer.get("error"):
            raise AuthRejected(f"{self.where} was not opened to this app ({_said(error)}). {_remedy(error)}")
        if not answer.get("code"):
            raise AuthRejected(f"{self.where} came back without a code. Run the command again.")
        return answer["code"]


def exchange(
    address: TokenAddress, consent: Consent, code: str, transport: httpx.BaseTransport | None = None
) -> Issued:
    """Tokens for a code, which is good once. Raises AuthRejected, or ApiUnavailable when it can be tried again."""
    form = {"code": code, "redirect_uri": consent.redirect_uri, "code_verifier": consent.verifier}
    request = address.request("authorization_code", **form)
    try:
        with client(address.timeout_s, transport) as http:
            response = http.send(request)
    except httpx.RequestError as error:
        raise ApiUnavailable(f"{address.where} gave no tokens ({error}). Run the command again.") from error
    if is_over(response):
        raise AuthRejected(f"{address.where} refuses the code: it is used already or too old. Run the command again.")
    if not response.is_success:
        raise address.refusal(response)
    issued = address.read(response)
    if not issued.refresh:
        raise AuthRejected(f"{address.where} gave no refresh token: check which scopes and grants the app may have.")
    return issued


def _said(error: str) -> str:
    """What came by way of a browser: a word of OAuth 2, cut to one."""
    return "".join(letter for letter in error if letter.isalnum() or letter in "_- ")[:60]


def _remedy(error: str) -> str:
    if error == "access_denied":
        return "Run the command again, and allow it there."
    if error == "invalid_scope":
        return "Tick the scopes of XERO_SCOPES in Xero's developer portal, or correct the setting."
    return "Check the app's client id and redirect address, and run the command again."
