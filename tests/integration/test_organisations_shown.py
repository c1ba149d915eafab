"""What people are shown of several organisations: each by itself, under its name."""

from __future__ import annotations

import json

import fakeredis
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from tasks.audit import audit_books
from tasks.reporting import look
from tests.integration.conftest import MakeWorld
from tests.integration.group import NORTHERN, SOUTHERN, a_group, two_companies
from tests.integration.world import World
from worker.cli import calls, export
from worker.ledger.calls import calls_by_day
from worker.ledger.notices import Notices
from worker.ledger.tables import NoticeRow
from worker.local_time import zone
from worker.metrics import Watched
from worker.reports.books import books


class Kept:
    """A channel that keeps what is sent."""

    def __init__(self) -> None:
        self.notices: list[NoticeRow] = []

    def send(self, notice: NoticeRow) -> str:
        self.notices.append(notice)
        return ""


@pytest.fixture
def group(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """Both allow ten calls a day, of which North has made nine."""
    world = a_group(a_world)
    world.parts.settings = world.settings.model_copy(update={"xero_calls_per_day": 10})
    world.parts._of_organisations.clear()
    monkeypatch.setitem(world.parts.__dict__, "broker", fakeredis.FakeRedis())
    monkeypatch.setattr("worker.assembly.parts", lambda: world.parts)
    for _ in range(9):
        with world.parts.at("North").xero_budget.call() as answered:
            answered({}, 0.0)
    return world


def test_each_organisation_has_its_own_calls(group: World, capsys: pytest.CaptureFixture[str]) -> None:
    """On the terminal and for Prometheus."""
    calls.command()
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    days = [row[-3:] for row in rows if row[:3] == ["in", "a", "day"]]
    assert ([row for row in rows if row in (["North"], ["South"])], days) == (
        [["North"], ["South"]],
        [["9", "1", "10"], ["0", "10", "10"]],
    )
    registry = CollectorRegistry()
    registry.register(Watched(group.parts))
    said = generate_latest(registry).decode()
    assert 'procore_xero_calls_used{organisation="North",window="day"} 9.0' in said
    assert 'procore_xero_calls_used{organisation="South",window="day"} 0.0' in said


def test_the_alarm_about_calls_names_the_organisation(group: World) -> None:
    """One of them is near its limit, and nobody is told that the other is."""
    kept = Kept()
    look(group.parts, {"kept": kept})
    (notice,) = kept.notices
    assert notice.subject == "Procore to Xero: ALARM: 90% of the day's calls to Xero are used"
    assert notice.text.splitlines()[0] == "North"
    assert [name.split()[0] for name in Notices(group.parts.engine, group.parts.now).alarms()] == ["calls"]


def test_an_export_says_of_each_record_where_it_went(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One pass writes to both, and a spreadsheet is to tell them apart."""
    world = a_group(a_world)
    world.whole_pass()
    monkeypatch.setattr("worker.assembly.parts", lambda: world.parts)
    capsys.readouterr()
    export.command(as_json=True)
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["rows"]
    assert {(row["job_number"], row["organisation"]) for row in rows} == {(NORTHERN, "North"), (SOUTHERN, "South")}


def test_each_is_told_its_own_time(a_world: MakeWorld) -> None:
    """What is said of both at once is in UTC where their zones differ."""
    seed = two_companies()
    seed["xero"]["more_organisations"][0]["organisation"]["Timezone"] = "NEWZEALANDSTANDARDTIME"
    world = a_group(a_world, seed)
    world.whole_pass()
    said = [zone(parts).tzname(world.clock.now()) for parts in (*world.parts.each(), world.parts)]
    assert said == ["AEDT", "NZDT", "UTC"]


def test_the_report_is_about_both(a_world: MakeWorld) -> None:
    """Its head names both, and each project its own; calls of both count together, as their limits do."""
    world = a_group(a_world)
    world.whole_pass()
    made = len([one for one in world.journal(0) if one["path"].startswith("/api.xro")])
    page = books(world.parts, audit_books(world.parts).results)
    assert page.organisation == "North, South"
    assert [project.name.rpartition(" (")[2] for project in page.projects] == ["North)", "South)"]
    assert page.calls_a_day == 2 * world.settings.xero_calls_per_day
    (of_today,) = calls_by_day(world.parts.engine, world.parts.passes.all()[0].started_at).values()
    assert of_today["xero"] == made
