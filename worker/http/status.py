"""What an HTTP answer means to us, as one table.

Sources: xero-api.md §5 (Xero's answers; a 429 has an empty body, a 404 is HTML), procore-api.md §2 and §6
(Procore's error bodies have no single shape).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

import httpx

from worker.errors import (
    ApiUnavailable,
    AuthRejected,
    FailedAnswer,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    SyncError,
)
from worker.http import exact_json

#: Seconds to wait after a 429 that does not say how long (Xero: appminute and concurrent, UNCONFIRMED).
DEFAULT_LIMIT_WAIT_S = 5.0
_LONGEST_QUOTE = 300
_TAG = re.compile(r"<[^>]*>")

Make = Callable[[str, httpx.Response], SyncError]


def _limited(where: str, response: httpx.Response) -> SyncError:
    problem = response.headers.get("X-Rate-Limit-Problem", "").lower()
    which = f"the {problem} limit" if problem else "a call limit"
    return RateLimited(f"{where} says that {which} is used up.", wait_s(response.headers))


def _unavailable(where: str, response: httpx.Response) -> SyncError:
    text = f"{where} answers {response.status_code}: {reason(response)}"
    kind: type[ApiUnavailable] = FailedAnswer if response.status_code == 500 else OutcomeUnknown
    if response.request.method == "GET":
        kind = ApiUnavailable
    return kind(text, wait_s(response.headers, default=5.0))


def _auth(where: str, response: httpx.Response) -> SyncError:
    return AuthRejected(
        f"{where} refuses our credentials ({response.status_code}: {reason(response)}). Check client id, secret and "
        "scopes, and that the app is still connected."
    )


def _forbidden(where: str, response: httpx.Response) -> SyncError:
    return AuthRejected(
        f"{where} answers 403 for {response.request.url.path} ({reason(response)}). Permit the project or the tool to "
        "this app, or reconnect the organisation."
    )


def _missing(where: str, response: httpx.Response) -> SyncError:
    return RequestRefused(
        f"{where} answers 404 for {response.request.url.path}. It was deleted, or this app may not see it."
    )


def _refused(where: str, response: httpx.Response) -> SyncError:
    try:
        body = exact_json.loads(response.content)
    except ValueError:
        body = None
    return RequestRefused(f"{where} refuses the request ({response.status_code}: {reason(response)}).", body)


_TABLE: Mapping[int, Make] = {
    401: _auth,
    403: _forbidden,
    404: _missing,
    408: _unavailable,
    409: _unavailable,  # Xero, same key still running: UNCONFIRMED, so the outcome is unknown
    429: _limited,
}


def error_for(where: str, response: httpx.Response) -> SyncError | None:
    """Our error for an answer, or None when it is a success. `where` names the API: "Xero"."""
    if response.is_success:
        return None
    make = _TABLE.get(response.status_code)
    if make is None:
        make = _unavailable if response.status_code >= 500 else _refused
    return make(where, response)


def wait_s(headers: Mapping[str, str], default: float = DEFAULT_LIMIT_WAIT_S) -> float:
    """Seconds to wait: Retry-After (seconds), else Procore's X-Rate-Limit-Reset (unix seconds), else `default`."""
    after = headers.get("Retry-After", "")
    if after.isdecimal():
        return float(after)
    reset = headers.get("X-Rate-Limit-Reset", "")
    if reset.isdecimal() and headers.get("X-Rate-Limit-Remaining") == "0":
        return max(1.0, float(reset) - time.time())
    return default


def reason(response: httpx.Response) -> str:
    """The text a failed answer carries, whatever its shape, cut to a readable length."""
    try:
        body = exact_json.loads(response.content)
    except ValueError:
        return " ".join(_TAG.sub(" ", response.text).split())[:_LONGEST_QUOTE] or "no text"
    return "; ".join(_texts(body))[:_LONGEST_QUOTE] or "no text"


def _texts(body: object) -> list[str]:
    if isinstance(body, str):
        return [body] if body else []
    if isinstance(body, Mapping):
        named = {str(key).lower(): value for key, value in body.items()}
        chosen = [named[key] for key in ("detail", "message", "error", "errors", "base") if named.get(key)]
        if chosen:
            return [text for value in chosen for text in _texts(value)]
        return [f"{name}: {text}" for name, value in body.items() for text in _texts(value)]
    if isinstance(body, list):
        return [text for value in body for text in _texts(value)]
    return []
