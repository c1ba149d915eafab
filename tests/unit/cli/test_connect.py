"""`connect` before and after the browser: what must be there first, and which organisation it is."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from tests.unit.cli.conftest import Run
from worker.assembly import Parts
from worker.cli import connect
from worker.cli.exits import Exit, RefusedError
from worker.cli.processes import free_port

OURS = {"tenantId": "t-1", "tenantName": "Redgum"}
OTHER = {"tenantId": "t-2", "tenantName": "Rowe"}


@pytest.fixture
def by_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings with which a person may connect."""
    settings = {
        "XERO_GRANT": "authorization_code",
        "XERO_CLIENT_ID": "app-1",
        "XERO_CLIENT_SECRET": "s3cret",
        "TOKEN_KEY": Fernet.generate_key().decode(),
        "CONNECT_PORT": str(free_port()),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("XERO_CLIENT_SECRET", "", "Not set: XERO_CLIENT_SECRET"),
        ("TOKEN_KEY", "", "Make one with: python -c"),
        ("TOKEN_KEY", "short", "TOKEN_KEY is not a key"),
        ("XERO_GRANT", "password", "XERO_GRANT"),
    ],
)
@pytest.mark.usefixtures("by_person", "ledger")
def test_what_is_missing_is_said_before_a_person_is_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    """Nobody logs in for a login that could not be kept."""
    from worker.assembly import forget_parts
    from worker.settings import settings

    monkeypatch.setenv(name, value)
    settings.cache_clear()
    forget_parts()
    result = run("connect", "xero", "--no-browser")
    assert (result.exit_code, says in result.output) == (Exit.REFUSED, True), result.output
    assert "http" not in result.stdout


@pytest.mark.usefixtures("by_person")
def test_the_tables_must_be_there_first(run: Run) -> None:
    """A login needs its row."""
    result = run("connect", "xero", "--no-browser")
    assert (result.exit_code, "procore-xero migrate" in result.output) == (Exit.REFUSED, True)


@pytest.mark.usefixtures("by_person")
def test_nobody_comes_back(run: Run, ledger: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait has an end, and the sentence names what may be wrong: the registered redirect address."""
    monkeypatch.setattr(connect, "WAIT_S", 0.05)
    result = run("connect", "xero", "--no-browser")
    assert result.exit_code == Exit.REFUSED
    assert f"http://localhost:{ledger.settings.connect_port}/callback as a redirect address" in result.output
    assert ledger.tokens("xero").read() is None


@pytest.mark.parametrize(
    ("rows", "tenant_id", "is_set", "chosen"),
    [
        ([OURS], "", False, OURS),
        ([OURS, OTHER], "t-2", True, OTHER),
        ([OURS, OTHER], "T-1", False, OURS),
        ([OURS, OTHER], "", False, "Set XERO_TENANT_ID to the one to write to"),
        ([OTHER], "t-1", True, "Correct XERO_TENANT_ID"),
        ([OTHER], "t-1", False, "It was t-1 before"),
        ([], "", False, "it reaches none"),
    ],
)
def test_the_organisation_is_never_guessed(
    rows: list[dict[str, str]], tenant_id: str, is_set: bool, chosen: dict[str, Any] | str
) -> None:
    """The one that was set or used before, else the only one; anything else is asked for, with the choices."""
    if isinstance(chosen, str):
        with pytest.raises(RefusedError, match=chosen):
            connect._chosen(rows, tenant_id, is_set)
    else:
        assert connect._chosen(rows, tenant_id, is_set) == chosen
