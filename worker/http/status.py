"""What an HTTP answer means to us, as one table.

Sources: xero-api.md §5 (Xero's answers; a 429 has an empty body, a 404 is HTML), procore-api.md §2 and §6
(Procore's error bodies have no single shape).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import httpx

from worker.clock import MACHINE, date_of
from worker.errors import (
    ApiUnavailable,
    AuthRejected,
    ContractBroken,
    FailedAnswer,
    ListTooLarge,
    NotPermitted,
    NotThere,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    ScopeMissing,
    SyncError,
)
from worker.http import exact_json, scopes
from worker.http.redacted import text_of

#: Seconds to wait after a 429 that does not say how long (Xero: appminute and concurrent, UNCONFIRMED).
DEFAULT_LIMIT_WAIT_S = 5.0
#: The same where X-Rate-Limit-Problem names a limit that is not free again in seconds; a call then tells more.
_WITHOUT_RETRY_AFTER_S = {"minute": 60.0, "appminute": 60.0, "day": 3600.0, "daily": 3600.0}
#: Nobody is told to wait for longer than a day limit lasts.
LONGEST_WAIT_S = 86_400.0
_LONGEST_QUOTE = 300
_LONGEST_PAGE = 20_000
_TAG = re.compile(r"<[^<>]*>")
#: Addresses of lists end in a name, those of records in their ids.
_LIST = re.compile(r"/[A-Za-z_]+$")

Make = Callable[[str, httpx.Response], SyncError]


def _limited(where: str, response: httpx.Response) -> SyncError:
    problem = response.headers.get("X-Rate-Limit-Problem", "").lower()
    which = f"the {problem[:40]} limit" if problem else "a call limit"
    default = _WITHOUT_RETRY_AFTER_S.get(problem, DEFAULT_LIMIT_WAIT_S)
    return RateLimited(f"{where} says that {which} is used up.", wait_s(response.headers, default))


def _unavailable(where: str, response: httpx.Response) -> SyncError:
    text = f"{where} answers {response.status_code}: {reason(response).rstrip('. ')}."
    kind: type[ApiUnavailable] = FailedAnswer if response.status_code == 500 else OutcomeUnknown
    if response.request.method == "GET":
        kind = ApiUnavailable
    return kind(text, wait_s(response.headers, default=5.0))


def _too_large(where: str, response: httpx.Response) -> SyncError:
    """Procore's answer to a list that is too large at once (procore-api.md §6)."""
    if "per_page" not in response.request.url.params:
        return _unavailable(where, response)
    return ListTooLarge(f"{where} answers 408: {reason(response).rstrip('. ')}.", wait_s(response.headers, default=5.0))


def _auth(where: str, response: httpx.Response) -> SyncError:
    if scope := scopes.lacking(response):
        return _without(where, response, scope)
    return AuthRejected(
        f"{where} refuses our credentials ({response.status_code}: {reason(response)}). Check client id, secret and "
        "scopes, and that the app is still connected."
    )


def _without(where: str, response: httpx.Response, scope: str) -> SyncError:
    said = f"{response.status_code}: {reason(response)}"
    return ScopeMissing(
        f"{where} refuses {response.request.url.path} ({said}): the login has not the scope {scope}, or the user who "
        "gave it has no right to this.",
        scopes.remedy(scope),
        said,
    )


def _forbidden(where: str, response: httpx.Response) -> SyncError:
    if scope := scopes.lacking(response):
        return _without(where, response, scope)
    return NotPermitted(
        f"{where} answers 403 for {response.request.url.path} ({reason(response)}). Permit the project or the tool to "
        "this app, or reconnect the organisation.",
        f"403: {reason(response)}",
    )


def _missing(where: str, response: httpx.Response) -> SyncError:
    path, status = response.request.url.path, response.status_code
    said = f"{where} answers {status} for "
    if not _LIST.search(path):
        return NotThere(f"{said}{path}. It was deleted, or this app may not see it.", str(status))
    if status == 410:
        return NotThere(f"{said}its list {path}: the address is gone for good. Update this program.", str(status))
    return NotThere(
        f"{said}its list {path}: the address is gone, or what it belongs to is not open to this app. Check the API's "
        "address in the settings and the app's rights; if both are right, update this program.",
        str(status),
    )


def _moved(where: str, response: httpx.Response) -> SyncError:
    """Credentials go to nobody but the address that was set."""
    to = response.next_request.url.host if response.next_request else "nowhere"
    return ContractBroken(
        f"{where} answers {response.status_code} for {response.request.url.path} and sends us on to {to}. Redirects "
        "are not followed; check the API's address in the settings, and what stands between here and there."
    )


def _refused(where: str, response: httpx.Response) -> SyncError:
    try:
        body = exact_json.loads(text_of(response), exact_json.MOST_MEMORY)
    except ValueError:
        body = None
    return RequestRefused(f"{where} refuses the request ({response.status_code}: {reason(response)}).", body)


_TABLE: Mapping[int, Make] = {
    401: _auth,
    403: _forbidden,
    404: _missing,
    408: _too_large,
    409: _unavailable,  # Xero, same key still running: UNCONFIRMED, so the outcome is unknown
    410: _missing,
    429: _limited,
}


def error_for(where: str, response: httpx.Response) -> SyncError | None:
    """Our error for an answer, or None when it is a success. `where` names the API: "Xero"."""
    if response.is_success:
        return None
    make = _TABLE.get(response.status_code)
    if make is None:
        make = _unavailable if response.status_code >= 500 else _refused if response.status_code >= 400 else _moved
    return make(where, response)


def wait_s(headers: Mapping[str, str], default: float = DEFAULT_LIMIT_WAIT_S) -> float:
    """Seconds to wait: Retry-After, else Procore's X-Rate-Limit-Reset (unix seconds), else `default`."""
    asked = _seconds(headers)
    reset_in_s = until_reset_s(headers)
    if asked is None and reset_in_s is not None and headers.get("X-Rate-Limit-Remaining") == "0":
        asked = max(1.0, reset_in_s)
    return default if asked is None else min(asked, LONGEST_WAIT_S)


def until_reset_s(headers: Mapping[str, str]) -> float | None:
    """Seconds from the answer to its X-Rate-Limit-Reset (unix seconds)."""
    reset = headers.get("X-Rate-Limit-Reset", "")
    return float(reset) - _answered_at(headers) if reset.isdecimal() else None


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Retry-After in either of its forms: seconds, or a date (RFC 9110 §10.2.3)."""
    after = headers.get("Retry-After", "")
    if after.isdecimal():
        return float(after)
    at = date_of(after)
    return None if at is None else max(1.0, at.timestamp() - _answered_at(headers))


def _answered_at(headers: Mapping[str, str]) -> float:
    """By the answer's own clock, where it tells it: ours may be hours off."""
    return (date_of(headers.get("Date", "")) or MACHINE.now()).timestamp()


def reason(response: httpx.Response) -> str:
    """The text a failed answer carries, whatever its shape, cut to a readable length."""
    text = text_of(response)
    try:
        body = exact_json.loads(text, exact_json.MOST_MEMORY)
    except ValueError:
        return " ".join(_TAG.sub(" ", text[:_LONGEST_PAGE]).split())[:_LONGEST_QUOTE] or "no text"
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
