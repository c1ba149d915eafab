"""`listen` and `hooks` say what they need before they begin."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from tests.unit.cli.conftest import Run
from worker.assembly import Parts, forget_parts
from worker.cli.exits import Exit
from worker.settings import settings

SECRET = "a" * 32


@pytest.fixture
def choose(ledger: Parts, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Settings, beside a ledger."""

    def choose(**values: str) -> None:
        for name, value in {"PROCORE_COMPANY_ID": "8", **values}.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        forget_parts()

    return choose


def test_without_a_secret_nobody_listens(run: Run, choose: Callable[..., None]) -> None:
    """Everybody could send."""
    choose()
    result = run("listen")
    assert result.exit_code == Exit.REFUSED
    assert "Not set: LISTEN_SECRET" in result.stderr


@pytest.mark.parametrize("secret", ["guessed", "a" * 31, "words with spaces are none of the secrets", "ü" * 32])
def test_a_secret_that_can_be_guessed_or_not_be_sent_is_refused(
    run: Run, choose: Callable[..., None], secret: str
) -> None:
    """And is not printed."""
    choose(LISTEN_SECRET=secret)
    result = run("listen")
    assert "LISTEN_SECRET: Value error, make one of at least 32 letters and digits" in result.stderr
    assert secret not in result.stderr


def test_a_port_that_another_program_has_is_refused(run: Run, choose: Callable[..., None]) -> None:
    """In a sentence that says which."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        choose(LISTEN_SECRET=SECRET, LISTEN_PORT=str(port))
        result = run("listen")
    assert result.exit_code == Exit.REFUSED
    assert f"127.0.0.1:{port} cannot be listened on" in result.stderr


@pytest.mark.parametrize("url", ["", "http://hooks.example.com", "https://", "hooks.example.com", "ftp://x/y"])
def test_procore_sends_to_https_alone(run: Run, url: str) -> None:
    """Nothing is asked of Procore for another address."""
    result = run("hooks", "set-up", *([url] if url else []))
    assert result.exit_code == Exit.REFUSED
    assert "Give the https address that leads to `listen`" in result.stderr
