"""How every request of this worker goes out: over in its time as a whole, and its answer bounded, unpacked and plain.

An `httpx.Client` with a transport of our own, since that of httpx takes no sockets: httpcore's pool underneath is the
same, and so are the proxies of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from worker import overrun
from worker.clock import MACHINE
from worker.errors import ConfigError
from worker.http.bounded import bounded
from worker.http.deadline import Sockets

_CONNECTIONS = 100
_KEPT, _KEPT_FOR_S = 20, 5.0
_FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


def client(
    longest_s: float,
    transport: httpx.BaseTransport | None = None,
    *,
    asked: Callable[[httpx.Request], None] = lambda _: None,
    **options: Any,
) -> httpx.Client:
    """A client whose requests each take `longest_s` at most, from their connection to the last byte of their answer.

    `asked` sees each request just before it goes; `options` are httpx's. A `transport` given stands for the network.
    """
    hooks: dict[str, list[Callable[..., Any]]] = {"request": [lambda _: overrun.moves(), asked], "response": [bounded]}
    return httpx.Client(transport=transport or Wire(longest_s), event_hooks=hooks, **options)


class Wire(httpx.BaseTransport):
    """The network, by way of a proxy where the environment names one. Raises httpx's errors."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._proxies = getproxies()
        self._pools: dict[tuple[str, str], httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        until = MACHINE.seconds() + self._longest_s
        timeouts = {"connect": until, "read": until, "write": until, "pool": self._longest_s}
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": timeouts},
        )
        with self._as_httpx():
            answer = self._pool(url).handle_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, self._as_httpx))

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        """Connections by the same way. The certificates that we trust are only read where TLS is spoken."""
        proxy = "" if proxy_bypass(url.host) else self._proxies.get(url.scheme) or self._proxies.get("all") or ""
        way = url.scheme, proxy
        if way not in self._pools:
            self._pools[way] = httpcore.ConnectionPool(
                ssl_context=httpx.create_ssl_context() if url.scheme == "https" else None,
                proxy=_proxy(proxy) if proxy else None,
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_KEPT,
                keepalive_expiry=_KEPT_FOR_S,
                network_backend=Sockets(),
            )
        return self._pools[way]

    @contextmanager
    def _as_httpx(self) -> Iterator[None]:
        """The errors of httpcore by the same names in httpx."""
        try:
            yield
        except httpcore.PoolTimeout as error:
            raise httpx.PoolTimeout("every connection is in use") from error
        except _FAILURES as error:
            is_late = isinstance(error, httpcore.TimeoutException)
            said = f"it was not over after {self._longest_s:g} s" if is_late else str(error)
            raise getattr(httpx, type(error).__name__)(said) from error


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, as_httpx: Callable[[], Any]) -> None:
        self._answer = answer
        self._as_httpx = as_httpx

    def __iter__(self) -> Iterator[bytes]:
        with self._as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def _proxy(url: str) -> httpcore.Proxy:
    """Raises ConfigError for one that is not spoken to by HTTP."""
    try:
        proxy = httpx.Proxy(url if "://" in url else f"http://{url}")
    except (ValueError, httpx.InvalidURL):
        raise ConfigError("The proxy that the environment names has no address that can be read.") from None
    if not proxy.url.scheme.startswith("http"):
        raise ConfigError(f"The environment names a proxy of the kind {proxy.url.scheme}: only http and https work.")
    address = proxy.url
    where = httpcore.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path)
    return httpcore.Proxy(where, proxy.raw_auth, proxy.headers.raw)
