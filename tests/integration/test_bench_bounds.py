"""The counts that the benchmark is bound to, on a small project."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import simplejson

from tests.benchmarks import bounds, pools, rhythm
from tests.benchmarks.bounds import Figure
from tests.benchmarks.fan_out import fan_out
from tests.benchmarks.generate import Size
from tests.benchmarks.many import seed_of_many
from tests.benchmarks.run import Run, run
from tests.benchmarks.xml_door import as_json
from worker.sandbox.seed import read_seed


@pytest.fixture(scope="module")
def measured() -> Run:
    return run(Size().divided_by(50))


def _out_of_bounds(figures: list[Figure]) -> list[Figure]:
    return [figure for figure in figures if not figure.holds]


@pytest.mark.deep
def test_writes_go_in_full_requests(measured: Run) -> None:
    """Every record arrives, in as many write calls as fifty documents a request need, with few reads."""
    assert _out_of_bounds(list(bounds.first_pass(measured))) == []


@pytest.mark.deep
def test_a_second_pass_asks_nothing_of_xero(measured: Run) -> None:
    """A pass over a project in which nothing changed makes no call to Xero."""
    assert _out_of_bounds(list(bounds.second_pass(measured))) == []


@pytest.mark.deep
def test_a_pass_that_watches_xero_asks_once_for_each_list(measured: Run) -> None:
    """What people changed costs a call for bills and one for payments, whatever was sent before."""
    assert _out_of_bounds(list(bounds.watched_pass(measured))) == []


def test_lists_that_are_read_when_due_cost_few_calls() -> None:
    """Passes of eight hours over projects in which nothing moves; then every new claim arrives."""
    counted = rhythm.passes(projects=5, busy=1, number=16, changed=[rhythm.Change(5, 0, 8), rhythm.Change(3, 2, 8)])
    assert _out_of_bounds(list(rhythm.figures(counted))) == []
    assert counted.procore_calls > 0
    dear = replace(counted, procore_calls=2 * counted.procore_calls, xero_calls=1, bills=counted.bills - 1)
    assert len(_out_of_bounds(list(rhythm.figures(dear)))) == 3


@pytest.mark.deep
@pytest.mark.usefixtures("redis_url")
def test_every_project_has_one_message() -> None:
    """From three pages of projects, through one connection; a second discovery, while all wait, adds none."""
    measured = fan_out(250)
    assert _out_of_bounds(list(bounds.fan_out(measured))) == []
    assert measured.first.line.partition(";")[0] == "250 eligible, 250 started, 0 refused or paused"
    assert measured.again.line.partition(";")[0] == "250 eligible, 0 started, 0 refused or paused"
    assert measured.again.sql_statements <= measured.first.sql_statements


@pytest.mark.deep
def test_one_write_call_more_is_out_of_bounds(measured: Run) -> None:
    """The benchmark fails when a document goes in a request of its own."""
    writes = {**measured.first.calls.xero_writes, "Payments": 2}
    worse = replace(measured, first=replace(measured.first, calls=replace(measured.first.calls, xero_writes=writes)))
    names = [figure.name for figure in _out_of_bounds(list(bounds.first_pass(worse)))]
    assert names == ["Payments: write calls", "write calls to Xero, all"]


def test_many_projects_are_many() -> None:
    """Each has records of its own, so that none is carried for another one."""
    procore = read_seed(seed_of_many(3, pools.SIZE))["procore"]
    assert len({project["project_number"] for project in procore["projects"]}) == 3
    claims = [claim["id"] for rows in procore["requisitions"].values() for claim in rows]
    assert len(set(claims)) == 3 * pools.SIZE.claims


def test_a_bill_in_xml_is_the_bill_that_it_was() -> None:
    """pyxero's XML reaches the sandbox as JSON with the same lines, to the last digit."""
    tracking = "<Tracking><TrackingCategory><Name>P</Name></TrackingCategory></Tracking>"
    line = f"<LineItem><UnitAmount>10.1000</UnitAmount>{tracking}</LineItem>"
    said = as_json(f"<Invoice><Type>ACCPAY</Type><LineItems>{line}{line}</LineItems></Invoice>".encode())
    read = {"UnitAmount": Decimal("10.1000"), "Tracking": [{"Name": "P"}]}
    assert simplejson.loads(said, use_decimal=True) == {"Invoices": [{"Type": "ACCPAY", "LineItems": [read, read]}]}
