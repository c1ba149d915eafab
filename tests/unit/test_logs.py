"""What a log shows of an exception."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from worker import logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("on_screen", [True, False])
def test_an_exception_is_logged_without_the_values_of_its_variables(
    on_screen: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it happened is there, for people and for machines; a client's local variables are its secrets."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: on_screen)
    logs.configure(logging.INFO)
    token = "-".join(("s3cret", "token"))
    try:
        raise ValueError(f"after {len(token)} letters")
    except ValueError:
        structlog.get_logger("test").exception("unexpected")
        logging.getLogger("celery").exception("foreign")
    said = capsys.readouterr().err
    assert said.count("ValueError: after 12 letters") == 2
    assert "test_logs.py" in said
    assert token not in said
