"""What a pass is given to plan by: of lists that are not due only that they are there."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from tests.ledgers import all_lists
from worker.ledger.lists import Listed, Lists, lists_to_plan
from worker.pipeline.read.rhythm import CAPS, WHOLE

NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)
HOUR, NAMES = timedelta(hours=1), (*CAPS, *WHOLE)


@pytest.fixture
def ledger(engine: Engine) -> Engine:
    """Three projects of five lists, which come due an hour after each other; the third was read under other rules."""
    for project in (1, 2, 3):
        for place, name in enumerate(NAMES):
            rules = "old" if project == 3 else "now"
            row = Listed(project, name, NOW - HOUR, None, NOW + place * HOUR, None, rules, place)
            Lists(engine, project).note(row, NOW - HOUR)
    return engine


def test_what_is_due_is_told_whole_and_the_others_are_counted(ledger: Engine) -> None:
    """Nothing is lost: what is not among them is counted by its name."""
    found = lists_to_plan(ledger, {1: "now", 2: "now", 4: "now"}, NOW + HOUR, NOW - HOUR)
    ours = [one for one in all_lists(ledger) if one.project_id in (1, 2)]
    assert {(one.project_id, one.name) for one in found.due} == {(1, NAMES[0]), (2, NAMES[0])}
    assert all(one in ours for one in found.due)
    assert Counter(one.name for one in found.due) + Counter(found.others) == Counter(one.name for one in ours)
    assert (set(found.project_ids), found.calls) == ({1, 2}, 2 * (1 + 1 + 2 + 3 + 4))


def test_all_lists_of_a_project_whose_rules_changed_are_due(ledger: Engine) -> None:
    """Whenever they would have been read."""
    found = lists_to_plan(ledger, {1: "now", 3: "now"}, NOW + HOUR, NOW - HOUR)
    assert Counter(one.project_id for one in found.due) == {1: 1, 3: 5}
