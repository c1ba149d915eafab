"""The night in which people's clocks are put back: what goes by their time of day, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from sqlalchemy import Engine

from worker.cli.history import _table
from worker.ledger.database import transaction
from worker.ledger.history import Run
from worker.ledger.rhythm import rhythm
from worker.ledger.tables import Job, Pass

SYDNEY = ZoneInfo("Australia/Sydney")
#: A Monday; the clocks were put back the morning before.
MONDAY = datetime(2026, 4, 6, tzinfo=SYDNEY)
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def ledger(engine: Engine) -> Engine:
    """On five Mondays one pass at eight o'clock there, before anybody works, and one at nine that sends three; of the
    last Monday only that at eight."""
    with transaction(engine) as session:
        for week in range(4, -1, -1):
            for hour, sent in ((8, 0), (9, 3))[: 1 if week == 0 else 2]:
                at = (MONDAY - week * timedelta(weeks=1)).replace(hour=hour).astimezone(UTC)
                session.add(this := Pass(started_at=at, finished_at=at, discovered_at=at))
                session.flush()
                job = {"state": "done", "trigger": "periodic", "queued_at": at, "pass_id": this.id}
                counts = {"claims": {"sent": sent}}
                session.add(Job(job_number=f"24-{this.id}", task_id=str(this.id), counts=counts, **job))
    return engine


def test_a_pass_is_held_against_those_at_the_same_time_of_day(ledger: Engine) -> None:
    """Else the first Mondays after that night would be alarmed about: an hour earlier everybody worked."""
    assert rhythm(ledger, 4, HALF_AN_HOUR, SYDNEY).weeks == [[0], [0], [0], [0]]
    assert rhythm(ledger, 4, HALF_AN_HOUR, UTC).weeks == [[3], [3], [3], [3]]


def test_history_tells_both_hours_that_are_called_alike_apart() -> None:
    """Half past two is twice in that night."""
    first = datetime(2026, 4, 4, 15, 30, tzinfo=UTC)
    both = [Run(first + timedelta(hours=hours), hours) for hours in (1, 0)]
    console = Console(width=100)
    with console.capture() as shown:
        console.print(_table(both, "", SYDNEY))
        console.print(_table(both[1:], "", SYDNEY))
    for said in ("2026-04-05 02:30 AEST", "2026-04-05 02:30 AEDT", "Began (AEDT)"):
        assert said in shown.get()
