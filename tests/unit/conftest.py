"""Unit tests are fast and alone: a socket to anywhere is an error."""

from __future__ import annotations

import socket

import pytest


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit test that connects to something fails, on a machine with a network as on one without."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: str) -> None:
        if self.family != socket.AF_UNIX:
            raise AssertionError(f"a unit test must not connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)
