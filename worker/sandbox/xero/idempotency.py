"""The idempotency store: one stored answer per key, for six minutes from the first call.

Server errors are kept and replayed like any answer. A key whose first request still runs is refused with 409,
which is the stricter reading of a point that Xero leaves open.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from worker.sandbox.clock import Clock
from worker.sandbox.xero.refusals import problem

MAX_KEY_CHARS = 128
_OWNED = "xero.idempotency_key"
#: Answers given before the store is asked, or that say "come again".
_NOT_KEPT = frozenset({401, 403, 429})


@dataclass
class _Kept:
    fingerprint: str
    at: float
    answer: tuple[bytes, int, dict[str, str]] | None = None


class KeyStore:
    """Keys of one app."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def check(self, request: Request, kept_s: float) -> Response | None:
        """Replay, refuse, or reserve the key for this request and let it in."""
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method not in ("PUT", "POST", "PATCH"):
            return None
        if len(key) > MAX_KEY_CHARS:
            return problem(400, "Bad Request", f"Idempotency Key must not exceed {MAX_KEY_CHARS} characters.")
        self._forget_older_than(self._clock.timestamp() - kept_s)
        kept = self._kept.get(key)
        if kept is None:
            self._kept[key] = _Kept(_fingerprint(request), self._clock.timestamp())
            request.environ[_OWNED] = key
            return None
        if kept.fingerprint != _fingerprint(request):
            return problem(400, "Bad Request", f"Idempotency Key: {key} is used with a different request.")
        if kept.answer is None:
            return problem(409, "Conflict", f"Idempotency Key: {key} is used by a request that still runs.")
        body, status, headers = kept.answer
        return Response(body, status=status, headers=headers)

    def keep(self, request: Request, response: Response) -> None:
        """Store the answer of the request that reserved the key."""
        key = request.environ.pop(_OWNED, None)
        if key is None or key not in self._kept:
            return
        if response.status_code in _NOT_KEPT:
            del self._kept[key]
        else:
            self._kept[key].answer = (response.get_data(), response.status_code, dict(response.headers))

    def _forget_older_than(self, moment: float) -> None:
        # Keys are in the order of their first call, so the old ones stand first.
        while self._kept:
            key, kept = next(iter(self._kept.items()))
            if kept.at > moment:
                return
            del self._kept[key]


def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256(request.get_data())
    digest.update(f"\n{request.method} {request.path}?{request.query_string.decode()}".encode())
    return digest.hexdigest()
