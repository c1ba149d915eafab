"""What a job costs in calls."""

from __future__ import annotations

import pytest

from tests.simulation import work
from tests.simulation.work import Size


@pytest.mark.parametrize(
    ("kind", "number", "calls"),
    [
        ("projects", 1, [1]),
        ("cost_codes", 3, [1, 1, 1]),
        ("vendors", 120, [50, 50, 20]),
        ("payments", 60, [50, 10]),
        ("claims", 1, [0, 1]),
        ("claims", 30, [0, 30]),
        ("claims", 45, [0, 45]),
        ("claims", 60, [0, 50, 0, 10]),
        ("invoices", 100, [0, 50, 50]),
        ("invoices", 130, [0, 50, 50, 0, 30]),
    ],
)
def test_calls_of_a_kind(kind: str, number: int, calls: list[int]) -> None:
    """Fifty to a request, options one by one, and a look at a page of bills before they are created."""
    assert list(work.requests(kind, number)) == calls


def test_payments_of_older_bills_are_looked_for() -> None:
    """What is paid on a bill of an earlier job may have been paid before."""
    assert list(work.requests("payments", 2, is_old=True)) == [0, 2]
    assert list(work.requests("payments", 45, is_old=True)) == [0, 0, 45]


@pytest.mark.parametrize("kind", work.KINDS)
def test_every_record_goes_once(kind: str) -> None:
    """The requests of any number carry that number."""
    assert all(sum(work.requests(kind, number)) == number for number in range(250))


def test_an_unchanged_job_costs_what_was_measured() -> None:
    """The stages share its calls out and add none."""
    for unchanged in range(12):
        some = {kind: work.reads(kind, Size(), unchanged, is_full=False, is_listed=False) for kind in work.KINDS}
        assert sum(some.values()) == unchanged
        assert not any(some[kind] for kind in work.LISTS)


def test_a_full_job_reads_every_page_and_every_contract() -> None:
    """Payments are listed for each contract, direct invoices in two calls a page."""
    size = Size(vendors=250, cost_codes=0, claims=101, payments=5, invoices=101, contracts=7, codes_listed=200)
    full = {kind: work.reads(kind, size, 5, is_full=True, is_listed=False) for kind in work.KINDS}
    assert full == {"projects": 0, "vendors": 3, "cost_codes": 2, "claims": 2, "payments": 9, "invoices": 4}
    assert work.lists(size) == 3 + 2
