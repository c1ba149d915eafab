"""What is gathered starts in time, and no more often than it may."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.hints import Noted
from worker.errors import ApiUnavailable
from worker.listen import intake as listening
from worker.listen.intake import Busy, Doing, Intake
from worker.listen.server import Rate
from worker.procore.message import Hint

WAIT_S = 20.0
AT = datetime(2026, 11, 2, tzinfo=UTC)


@dataclass
class Fake:
    """What is done with hints, and a clock that is turned."""

    seconds: float = 1_000.0
    noted: list[set[Hint]] = field(default_factory=list)
    started: list[dict[int, set[str]]] = field(default_factory=list)
    judged: list[set[int]] = field(default_factory=list)
    #: Projects whose job runs just now.
    running: set[int] = field(default_factory=set)
    is_away: bool = False

    def note(self, hints: Collection[Hint]) -> Noted:
        self._look()
        self.noted.append(set(hints))
        lists: dict[int, frozenset[str]] = {}
        for hint in hints:
            if hint.name != "projects" and hint.project_id:
                lists[hint.project_id] = lists.get(hint.project_id, frozenset()) | {hint.name}
        changed = frozenset(hint.project_id for hint in hints if hint.name == "projects" and hint.project_id)
        return Noted(AT, lists, changed)

    def start(self, lists: Mapping[int, Collection[str]], since: Mapping[int, datetime]) -> set[int]:
        self._look()
        self.started.append({id_: set(names) for id_, names in lists.items()})
        return self.running & set(lists)

    def judge(self, ids: Collection[int]) -> None:
        self._look()
        self.judged.append(set(ids))

    def _look(self) -> None:
        if self.is_away:
            raise ApiUnavailable("It is away.")

    def intake(self) -> Intake:
        return Intake(Doing(self.note, self.start, self.judge), WAIT_S, lambda: self.seconds)

    async def passes(self, intake: Intake, seconds: float) -> None:
        self.seconds += seconds
        await intake.start_due()


@pytest.fixture
def fake() -> Fake:
    return Fake()


def test_messages_are_gathered_from_the_first_one_on(fake: Fake) -> None:
    """Not from the last one: a project in which something always moves would wait for ever."""

    async def play() -> None:
        intake = fake.intake()
        for second in range(30):
            await intake.take(Hint("claims" if second % 2 else "invoices", 7))
            await fake.passes(intake, 1.0)
        assert fake.started == [{7: {"claims", "invoices"}}]

    asyncio.run(play())


def test_a_project_has_a_job_a_minute_at_most(fake: Fake) -> None:
    """However many messages come; another project does not wait for it."""

    async def play() -> None:
        intake = fake.intake()
        for second in range(300):
            await intake.take(Hint("claims", 7))
            if second == 100:
                await intake.take(Hint("payments", 8))
            await fake.passes(intake, 1.0)
        seven = [one for one in fake.started if 7 in one]
        assert len(seven) == 5
        assert {8: {"payments"}} in fake.started

    asyncio.run(play())


def test_a_running_job_is_followed_by_another_one(fake: Fake) -> None:
    """It is looked at every few seconds, and nothing that came is forgotten."""

    async def play() -> None:
        intake = fake.intake()
        fake.running = {7}
        await intake.take(Hint("claims", 7))
        await fake.passes(intake, WAIT_S)
        await intake.take(Hint("payments", 7))
        await fake.passes(intake, 5)
        fake.running = set()
        await fake.passes(intake, 5)
        await fake.passes(intake, 600)
        assert fake.started == [{7: {"claims"}}, {7: {"claims", "payments"}}, {7: {"claims", "payments"}}]

    asyncio.run(play())


def test_without_the_ledger_nothing_is_answered_for_and_nothing_is_lost(fake: Fake) -> None:
    """A message has to come again; what was gathered is tried again."""

    async def play() -> None:
        intake = fake.intake()
        await intake.take(Hint("claims", 7))
        await intake.take(Hint("projects", 9))
        fake.is_away = True
        with pytest.raises(Busy, match="It is away"):
            await intake.take(Hint("payments", 7))
        await fake.passes(intake, WAIT_S)
        assert (fake.started, fake.judged) == ([], [])
        fake.is_away = False
        await fake.passes(intake, 5)
        assert (fake.started, fake.judged) == ([{7: {"claims"}}], [{9}])

    asyncio.run(play())


def test_projects_are_judged_every_five_minutes_at_most(fake: Fake) -> None:
    """Each time is a reading of all of them."""

    async def play() -> None:
        intake = fake.intake()
        for second in range(1_000):
            await intake.take(Hint("projects", second % 3 + 1))
            await fake.passes(intake, 1.0)
        assert len(fake.judged) == 4
        assert all(ids == {1, 2, 3} for ids in fake.judged)

    asyncio.run(play())


def test_no_more_waits_to_be_noted_than_there_is_room_for(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """What says the same as one that waits needs none."""
    monkeypatch.setattr(listening, "MOST", 2)

    async def play() -> list[Any]:
        intake = fake.intake()
        hints = [Hint("claims", 1), Hint("claims", 2), Hint("claims", 3), Hint("claims", 1)]
        return await asyncio.gather(*map(intake.take, hints), return_exceptions=True)

    found = asyncio.run(play())
    assert [isinstance(one, Busy) for one in found] == [False, False, True, False]
    assert fake.noted == [{Hint("claims", 1), Hint("claims", 2)}]


def test_who_ends_starts_what_was_gathered(fake: Fake) -> None:
    """A restart loses nothing."""

    async def play() -> None:
        intake = fake.intake()
        await intake.take(Hint("claims", 7))
        await intake.close()
        assert fake.started == [{7: {"claims"}}]

    asyncio.run(play())


def test_a_rate_spares_for_a_burst() -> None:
    """So many at once, and so many a second for long."""
    now = [0.0]
    rate = Rate(rate=10.0, burst=20.0, seconds=lambda: now[0])
    assert [rate.takes() for _ in range(21)] == [True] * 20 + [False]
    now[0] += 1.0
    assert [rate.takes() for _ in range(11)] == [True] * 10 + [False]
    now[0] += 1_000.0
    assert sum(rate.takes() for _ in range(100)) == 20
