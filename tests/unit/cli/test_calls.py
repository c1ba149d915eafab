"""`calls`: what is left of Xero's limits, from the budget that all processes share."""

from __future__ import annotations

import json

import fakeredis
import pytest
from sqlalchemy import update

from tests.unit.cli.conftest import NORTHBANK, Run
from tests.unit.cli.story import TENANT, a_job
from worker.assembly import Parts, forget_parts
from worker.cli.exits import Exit
from worker.ledger.database import transaction
from worker.ledger.tables import Job
from worker.reports.books import books
from worker.settings import settings


@pytest.fixture
def server() -> fakeredis.FakeServer:
    """A Redis in this process."""
    return fakeredis.FakeServer()


@pytest.fixture
def organisation(ledger: Parts, server: fakeredis.FakeServer, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """An organisation that is known, with its budget."""
    monkeypatch.setitem(ledger.__dict__, "broker", fakeredis.FakeRedis(server=server))
    ledger.organisations.record(TENANT, ledger.settings.xero_client_id, "Redgum & Rowe", "!r")
    return ledger


def spend(ledger: Parts, count: int, seconds: float = 0.0) -> None:
    """So many calls; the last one is answered with a 429 that asks for so many seconds."""
    for number in range(count):
        with ledger.xero_budget.call() as answered:
            answered({}, seconds if number == count - 1 else 0.0)


def test_used_and_left_are_shown_for_minute_and_day(run: Run, organisation: Parts) -> None:
    """Calls of all processes count, and looking costs none."""
    spend(organisation, 7)
    for _ in range(2):
        text = run("calls").stdout
    assert text.splitlines()[0] == "Redgum & Rowe"
    rows = [line.split() for line in text.splitlines()]
    assert ["in", "a", "minute", "7", "53", "60"] in rows
    assert ["in", "a", "day", "7", "4,993", "5,000"] in rows
    assert "Not parked.\n" in text
    assert max(map(len, text.splitlines())) <= 80


def test_what_jobs_made_is_counted_as_in_the_report(run: Run, organisation: Parts) -> None:
    """Xero counts calls of commands and of others, too: it is said whose they were, so that the two do not differ."""
    spend(organisation, 7)
    a_job(organisation, NORTHBANK, "done")
    with transaction(organisation.engine) as session:
        session.execute(update(Job).values(calls={"xero": 5, "procore": 9}))
    said = " ".join(run("calls").stdout.split())
    assert "Passes and jobs made 5 in the last 24 hours, as `history` and the report count them" in said
    (row,) = (one for one in json.loads(run("calls", "--json").stdout)["rows"] if one["window"] == "day")
    assert row["used"] == 7
    assert json.loads(run("calls", "--json").stdout)["summary"] == {"by_passes_and_jobs": 5}
    assert books(organisation, []).calls.total == 5
    (job,) = json.loads(run("history", "--job", "24-017", "--json").stdout)["rows"]
    assert job["calls"]["xero"] == 5


def test_a_parked_organisation_says_until_when_and_why(run: Run, organisation: Parts) -> None:
    """Nobody wonders why nothing moves."""
    until = organisation.organisations.park(TENANT, 3600, "Xero's day limit is used up.")
    said = " ".join(run("calls").stdout.split())
    assert f"Parked until {until:%Y-%m-%d %H:%M} UTC: Xero's day limit is used up." in said
    row = json.loads(run("calls", "--json").stdout)["rows"][0]
    assert row["parked_until"] == until.isoformat(timespec="seconds")


def test_a_429_is_told_with_its_end(run: Run, organisation: Parts) -> None:
    """The other reason why jobs wait."""
    spend(organisation, 1, seconds=40.0)
    assert "Xero asked for no calls until" in run("calls").stdout
    assert json.loads(run("calls", "--json").stdout)["rows"][0]["blocked_until"] is not None


def test_a_minute_that_is_used_up_says_when_a_call_is_free(run: Run, organisation: Parts) -> None:
    """Nobody wonders why a job stands still."""
    spend(organisation, 60)
    assert "Xero's minute is used up; free in " in run("calls").stdout


def test_no_limit_is_none(run: Run, organisation: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not limited is not counted."""
    for name in ("MINUTE", "DAY"):
        monkeypatch.setenv(f"XERO_CALLS_PER_{name}", "0")
    monkeypatch.setenv("XERO_CALLS_AT_ONCE", "0")
    settings.cache_clear()
    forget_parts()
    rows = json.loads(run("calls", "--json").stdout)["rows"]
    assert [(row["used"], row["left"], row["limit"]) for row in rows] == [(None, None, None)] * 2


def test_without_redis_it_is_a_sentence(run: Run, organisation: Parts, server: fakeredis.FakeServer) -> None:
    """The budget lies there and nowhere else."""
    server.connected = False
    result = run("calls")
    assert (result.exit_code, result.stdout) == (Exit.UNREACHABLE, "")
    assert "because Redis does not answer" in result.stderr


@pytest.mark.parametrize("columns", [60, 80])
def test_no_word_of_the_history_is_broken(
    run: Run, organisation: Parts, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """A narrow terminal leaves out how long each took and how many calls, and not the ends of words."""
    a_job(organisation, NORTHBANK, "failed")
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = run("history").stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert any("24-017 by hand" in line and "failed" in line for line in lines)
    assert any("Procore" in line for line in lines) == (columns == 80)
