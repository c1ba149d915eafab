"""A server that never comes to an end: bytes after bytes, each long before a timeout for a single read."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
EVERY_S = 0.02
#: It does come to an end, lest a test hangs that should fail.
ENOUGH_S = 600.0
#: Serves one connection, until its server is stopped.
Serve = Callable[[socket.socket, threading.Event], None]


def drip(head: bytes, piece: bytes) -> Serve:
    """Takes a request, answers `head` at once, and then `piece` again and again, for long."""

    def serve(connection: socket.socket, stopped: threading.Event) -> None:
        head_of(connection)
        connection.sendall(head)
        until = time.monotonic() + ENOUGH_S
        while not stopped.wait(EVERY_S) and time.monotonic() < until:
            connection.sendall(piece)

    return serve


#: By what is dripping.
DRIPS = {
    "headers": drip(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"),
    "status line": drip(b"HTTP/1.1 200 O", b"K"),
    "early hints": drip(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "continue": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "body": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n[", b" "),
    "chunks": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "refusal": drip(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 1000000\r\n\r\n", b" "),
    "silence": drip(b"", b""),
}


@contextmanager
def serving(serve: Serve, host: str = HOST, receive_bytes: int = 0) -> Iterator[int]:
    """The port at which each connection is served so, at the same time; all are gone when the block is left."""
    stopped, listener = threading.Event(), socket.socket()
    if receive_bytes:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    listener.bind((host, 0))
    listener.listen()
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection, stopped)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                threads.append(threading.Thread(target=one, args=(connection,)))
                threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for connection, thread in zip(connections, threads, strict=True):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()


def head_of(connection: socket.socket) -> bytes:
    """The head of a request, and as much of its body as came with it."""
    said = b""
    while b"\r\n\r\n" not in said:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionResetError
        said += piece
    return said
