"""What a failed answer says, without the secrets of its request: some servers echo what they were sent.

The text goes into errors, and from there into logs, the job table and Flower.
"""

from __future__ import annotations

import base64
import binascii
import html
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote

import httpx

from worker.plain_text import plain

#: Fields of a token request that are nobody else's business.
_SECRET_FIELDS = ("client_secret", "refresh_token", "code", "code_verifier")
_HIDDEN = "[hidden]"


#: Bytes of a failed answer that are read; in memory each may take four, several times over.
_MOST_BYTES = 3_000_000


def text_of(response: httpx.Response) -> str:
    """The answer's text, cut where it is absurd; what is no UTF-8 in it is replaced, whatever its headers call it."""
    text = response.content[:_MOST_BYTES].decode("utf-8", "replace")
    for secret in sorted(set(_secrets(response.request)), key=len, reverse=True):
        for written in (secret, quote(secret, safe=""), html.escape(secret)):
            text = text.replace(written, _HIDDEN)
    return plain(text)


def _secrets(request: httpx.Request) -> Iterator[str]:
    _, _, given = request.headers.get("Authorization", "").partition(" ")
    if given:
        yield given
        yield from _password(given)
    if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        form = parse_qsl(request.content.decode("utf-8", "replace"))
        yield from (value for name, value in form if name in _SECRET_FIELDS and value)


def _password(given: str) -> Iterator[str]:
    """The password in HTTP Basic."""
    try:
        password = base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return
    if password:
        yield password
