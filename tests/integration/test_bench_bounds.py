"""The counts that the benchmark is bound to, on a project small enough for every test run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.benchmarks import bounds
from tests.benchmarks.bounds import Figure
from tests.benchmarks.generate import Size
from tests.benchmarks.run import Run, run


@pytest.fixture(scope="module")
def measured() -> Run:
    return run(Size().divided_by(20))


def _out_of_bounds(figures: list[Figure]) -> list[Figure]:
    return [figure for figure in figures if not figure.holds]


def test_writes_go_in_full_requests(measured: Run) -> None:
    """Every record arrives, in as many write calls as fifty documents a request need, with few reads."""
    assert _out_of_bounds(list(bounds.first_pass(measured))) == []


def test_a_second_pass_asks_nothing_of_xero(measured: Run) -> None:
    """A pass over a project in which nothing changed makes no call to Xero."""
    assert _out_of_bounds(list(bounds.second_pass(measured))) == []


def test_one_write_call_more_is_out_of_bounds(measured: Run) -> None:
    """The benchmark fails when a document goes in a request of its own."""
    writes = {**measured.first.calls.xero_writes, "Payments": 2}
    worse = replace(measured, first=replace(measured.first, calls=replace(measured.first.calls, xero_writes=writes)))
    names = [figure.name for figure in _out_of_bounds(list(bounds.first_pass(worse)))]
    assert names == ["Payments: write calls", "write calls to Xero, all"]
