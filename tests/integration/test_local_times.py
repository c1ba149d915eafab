"""Times for people are in the organisation's zone wherever they read them, and in UTC for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks import history, reporting
from tests.integration.conftest import MakeWorld
from tests.integration.flower_app import LOGIN, InProcess
from tests.integration.paid import DAY
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker import assembly
from worker.cli.app import app
from worker.doctor import reports
from worker.ledger.notices import Notices


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """A claim whose bill was taken out, and a pass that is long over; Xero says that the organisation is in Sydney."""
    world = a_synced_world(
        a_world, a_seed(claims=[a_claim(11), a_claim(12)]), MAPPING + '\n[documents]\ndeleted_in_procore = "void"\n'
    )
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    return world


def printed(*arguments: str) -> str:
    with capture_logs():
        return CliRunner().invoke(app, arguments).output


def alarm(world: World) -> str:
    """That no pass has finished, as the doctor shows it, and as it is told."""
    world.clock.advance(86400)
    reporting.look(world.parts, {})
    (raised,) = Notices(world.parts.engine, world.parts.now).alarms().values()
    (shown,) = (one.sentence for one in reports.check(world.parts) if one.about == "Alarms")
    assert len(re.findall("AE[DS]T", shown)) == 2
    return raised.sentence


@pytest.mark.parametrize(
    "told",
    [
        lambda _: printed("report", "--html", "-"),
        lambda _: printed("plan", "--html", "-"),
        lambda _: printed("retention", "--html", "-"),
        lambda _: printed("history"),
        lambda world: history.forget(world.parts),
        alarm,
    ],
    ids=["report", "plan", "retention", "history", "forgotten", "alarm"],
)
def test_people_read_the_organisations_time(world: World, told: Callable[[World], str]) -> None:
    """With the zone's short name, and never in UTC."""
    text = told(world)
    assert re.search(r"20\d\d-\d\d-\d\d (at )?\d\d:\d\d AE[DS]T|Began \(AE[DS]T\)", text)
    assert "UTC" not in text


def test_programs_read_utc(world: World, tmp_path: object) -> None:
    """Also of what a page for people says otherwise."""
    said = json.loads(printed("report", JOB_NUMBER, "--html", f"{tmp_path}/a.html", "--json"))
    (gone,) = said["rows"][0]["withdrawn"]
    for text in (gone["at"], said["summary"]["made_at"]):
        assert datetime.fromisoformat(text).utcoffset() == UTC.utcoffset(None)


def test_flowers_own_pages_tell_it_too(world: World, beside: Callable[[World], InProcess]) -> None:
    """A task's page with the zone's short name; the list gives the zone to Flower's script."""
    flower = beside(world)
    job = flower.a_failed_job()
    flower.hears(job.task_id, "task-failed")
    assert "1970-01-01 10:00:01.000000 AEST" in flower.page(job.task_id)
    tasks = flower.ask("GET", "/tasks", **LOGIN).body.decode()
    assert 'value="time-Australia/Sydney"' in tasks
