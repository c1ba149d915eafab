"""Sockets on which a moment ends everything: whatever httpcore does with them is over by then, or fails.

The timeouts of HTTP libraries are for each read and each write, so that an answer which drips may last for ever.
httpcore hands the timeout of a request through to its network backend, its documented place for one's own sockets:
here it is no number of seconds but the moment (of this machine's seconds, which go on while it sleeps) at which the
request is to be over. What cannot be ended from here is the system's lookup of a name, which has an end of its own
(resolv.conf, half a minute by default).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from ssl import SSLContext
from typing import Any

import httpcore

from worker.clock import MACHINE

#: Bytes that are written at a time: one record of TLS.
_PIECE = 16_384
#: What is not sent yet when the socket is closed is thrown away.
_AT_ONCE = struct.pack("ii", 1, 0)


class Sockets(httpcore.NetworkBackend):
    """Opens connections; each `timeout` is the moment at which its request is to be over."""

    def __init__(self) -> None:
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Each address of the host gets its share of the time that is left: the first may be one that swallows all."""
        error: Exception = httpcore.ConnectError("its name has no address")
        addresses = _addresses(host, port)
        for number, address in enumerate(addresses):
            share_s = _left_s(timeout, httpcore.ConnectTimeout) / (len(addresses) - number)
            try:
                return _Stream(self._system.connect_tcp(address, port, share_s, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with self._given_up_for_good():
            return self._stream.read(max_bytes, _left_s(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with self._given_up_for_good():
            for start in range(0, len(buffer), _PIECE):
                self._stream.write(buffer[start : start + _PIECE], _left_s(timeout, httpcore.WriteTimeout))

    @contextmanager
    def _given_up_for_good(self) -> Iterator[None]:
        """What is out of time is not sent after all: the system would go on for minutes with what it holds."""
        try:
            yield
        except httpcore.TimeoutException:
            with suppress(OSError):
                self.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            raise

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = _left_s(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left_s))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    return [str(address[0]) for *_, address in found]


def _left_s(until: float | None, over: type[httpcore.TimeoutException]) -> float:
    """Seconds until then; raises `over` when there are none."""
    if until is None:
        raise AssertionError("a request without an end")
    left_s = until - MACHINE.seconds()
    if left_s <= 0:
        raise over("timed out")
    return left_s
