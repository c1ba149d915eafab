"""One HTTP API: auth → retry → budget → wire. Answers are exact JSON, failures are our errors.

Reads are tried again on every passing failure. A write is tried again only where it surely did not happen (a refused
connection, a 429); anything else is OutcomeUnknown, and the caller decides with the ledger in hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
import tenacity

from worker.clock import MACHINE, Clock, Machine
from worker.errors import (
    ApiUnavailable,
    ContractBroken,
    ListTooLarge,
    OutcomeUnknown,
    RateLimited,
    SyncError,
    TooMuchAtOnce,
)
from worker.http import exact_json
from worker.http.bounded import AnswerTooLarge
from worker.http.budget import Budget, Budgets
from worker.http.status import error_for
from worker.http.wire import client

Params = Mapping[str, str | int | Sequence[str] | Sequence[int]]
ATTEMPTS = 4
#: Under this name a request carries who says whether it is still to be sent.
_IN_TIME = "in_time"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its parsed body and the headers that paging needs."""

    body: Any
    headers: httpx.Headers


class Api:
    """Speaks to one API on behalf of one set of credentials. Not shared between processes."""

    def __init__(
        self,
        where: str,
        base_url: str,
        *,
        auth: httpx.Auth,
        budget: Budget | Budgets,
        timeout_s: float,
        longest_wait_s: float,
        headers: Mapping[str, str],
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        machine: Machine = MACHINE,
    ) -> None:
        self.where = where
        self._budget = budget
        self._longest_wait_s = longest_wait_s
        self._sleep = sleep
        self._machine = machine
        #: The API's own, as its last answer told it.
        self.clock = Clock(machine)
        self._http = client(
            timeout_s,
            transport,
            asked=_only_in_time,
            base_url=base_url,
            auth=auth,
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", **headers},
        )
        self.calls = 0

    def get(self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Read. Raises ApiUnavailable, RateLimited, AuthRejected, ContractBroken, or TooMuchAtOnce, which is one."""
        request = self._http.build_request("GET", path, params=params, headers=headers)
        return self._tried(request, tenacity.retry_if_exception(self._passes))

    def write(
        self,
        method: str,
        path: str,
        body: str | bytes,
        key: str,
        in_time: Callable[[], bool] = lambda: True,
        content_type: str = "application/json",
    ) -> Answer:
        """Send one write under an Idempotency-Key. Raises OutcomeUnknown when it may have happened.

        `in_time` is asked when it is about to go, however long its turn and its token were waited for: is it false,
        nothing is sent.
        """
        headers = {"Content-Type": content_type, "Idempotency-Key": key}
        content = body.encode() if isinstance(body, str) else body
        extensions = {_IN_TIME: in_time}
        request = self._http.build_request(method, path, content=content, headers=headers, extensions=extensions)
        return self._tried(request, tenacity.retry_if_exception(self._surely_not_done))

    def close(self) -> None:
        self._http.close()

    def _passes(self, error: BaseException) -> bool:
        """A list that is too large would be so again; its reader asks for less."""
        if isinstance(error, ListTooLarge):
            return False
        return isinstance(error, ApiUnavailable | RateLimited) and error.retry_in_s <= self._longest_wait_s

    def _surely_not_done(self, error: BaseException) -> bool:
        return self._passes(error) and not isinstance(error, OutcomeUnknown)

    def _tried(self, request: httpx.Request, retry: tenacity.retry_base) -> Answer:
        tries = tenacity.Retrying(
            retry=retry,
            stop=tenacity.stop_after_attempt(ATTEMPTS) | tenacity.stop_after_delay(self._longest_wait_s),
            wait=_asked_or_backoff,
            sleep=self._sleep,
            reraise=True,
        )
        answer: Answer = tries(self._once, request)
        return answer

    def _once(self, request: httpx.Request) -> Answer:
        with self._budget.call() as answered:
            asked = self._machine.seconds()
            response = self._sent(request)
            self.clock.hear_date(response.headers.get("Date", ""), asked)
            error = error_for(self.where, response)
            answered(response.headers, error.retry_in_s if isinstance(error, RateLimited) else 0.0)
        log.debug("call", api=self.where, method=request.method, path=request.url.path, status=response.status_code)
        if error:
            raise error
        if request.method == "DELETE" and response.status_code == 204:  # it has no body, as it says
            return Answer(None, response.headers)
        try:
            return Answer(exact_json.loads(response.content, exact_json.MOST_MEMORY), response.headers)
        except exact_json.TooMuch as much:
            raise self._unreadable(request, request, "more values than it may have", TooMuchAtOnce) from much
        except ValueError as wrong:
            raise self._unreadable(request, request, f"something else than JSON ({wrong})") from wrong

    def _sent(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        try:
            return self._http.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise ApiUnavailable(f"{self.where} cannot be reached ({error}).", 2.0) from error
        except AnswerTooLarge as error:
            raise self._unreadable(request, error.request, str(error), TooMuchAtOnce) from error
        except httpx.RequestError as error:
            asked = error.request  # the call itself, or the request for a token before it
            kind = OutcomeUnknown if asked is request and request.method != "GET" else ApiUnavailable
            text = f"{self.where} gave no answer to {asked.method} {asked.url.path} ({error})."
            raise kind(text, 2.0) from error

    def _unreadable(
        self, request: httpx.Request, asked: httpx.Request, what: str, kind: type[SyncError] = ContractBroken
    ) -> SyncError:
        """An answer came and says nothing: `asked` is the call itself, or the request for a token before it."""
        text = f"{self.where} answered {asked.url.path} with {what}. Try again; if it stays so, report this sentence."
        if asked is not request:
            return ContractBroken(text)
        return OutcomeUnknown(text) if request.method != "GET" else kind(text)


def _only_in_time(request: httpx.Request) -> None:
    in_time: Callable[[], bool] = request.extensions.get(_IN_TIME, lambda: True)
    if not in_time():
        raise OutcomeUnknown(f"{request.url.path} waited too long for its turn.", 5.0)


def _asked_or_backoff(state: tenacity.RetryCallState) -> float:
    """What the API asked for, else one, two, four seconds with jitter."""
    error = state.outcome.exception() if state.outcome else None
    backoff = tenacity.wait_exponential_jitter(multiplier=0.5, max=8, jitter=0.5)(state)
    return max(backoff, error.retry_in_s) if isinstance(error, RateLimited) else backoff
