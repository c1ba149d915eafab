"""A way to a server on which everything may get lost from one moment on, without a word: nothing is closed or refused.

So it looks when a machine loses its power, a firewall forgets a connection, or an address moves to another machine.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Way:
    """Listens on a loopback port and passes everything on to another one, while it is open."""

    to: int
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=64))
    _sockets: list[socket.socket] = field(default_factory=list)
    #: What was connected before it was lost stays lost; what comes later gets through if this is the current one.
    _lost: threading.Event = field(default_factory=threading.Event)
    _swallows: bool = False

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def lose(self, *, later_ones_too: bool = False) -> None:
        """From now on nothing gets through any connection that there is, and none through later ones if so asked."""
        self._lost.set()
        self._lost = threading.Event()
        self._swallows = later_ones_too

    def open(self) -> None:
        """Connections made from now on get through again."""
        self._swallows = False

    def run(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._sockets.append(near)
                if self._swallows:
                    continue
                far = socket.create_connection(("127.0.0.1", self.to))
                self._sockets.append(far)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=(one, other, self._lost), daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _pass_on(one: socket.socket, other: socket.socket, lost: threading.Event) -> None:
    with suppress(OSError):
        while (data := one.recv(65_536)) and not lost.is_set():
            other.sendall(data)
    if not lost.is_set():
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def way_to(port: int) -> Iterator[Way]:
    way = Way(port)
    threading.Thread(target=way.run, daemon=True).start()
    try:
        yield way
    finally:
        way.close()
