"""Tracing where its packages are not installed, or no collector is named."""

from __future__ import annotations

import sys

import pytest
from structlog.testing import capture_logs

from worker import tracing


def test_missing_packages_are_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names a collector and gets no traces is told why; the worker runs all the same."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with capture_logs() as lines:
        tracing.start("http://127.0.0.1:4318")
    assert "pip install opentelemetry-sdk" in lines[0]["why"]
    with tracing.span("job", job="24-017"):
        tracing.stop()


def test_no_collector_no_traces() -> None:
    """By default nothing is imported, kept or sent."""
    with capture_logs() as lines:
        tracing.start("")
    assert lines == []
    with pytest.raises(ZeroDivisionError), tracing.span("job"):
        raise ZeroDivisionError
