"""For how long what fills no request waits for that of other projects: a row for each rule."""

from __future__ import annotations

import pytest

from worker.ledger.handed_over import UnderWay
from worker.pipeline.settle.gathering import SHORTEST_S, wait_s

LONGEST_S = 600.0
#: Seconds since the pass began, what is under way, and the seconds to wait.
ROWS: dict[str, tuple[float, UnderWay, float]] = {
    "until the rest has begun, at the pace so far": (100.0, UnderWay(begun=20, to_begin=60), 300.0),
    "when all have begun, until those that run have read": (100.0, UnderWay(begun=80, to_begin=0), SHORTEST_S),
    "never longer than the longest": (900.0, UnderWay(begun=20, to_begin=60), LONGEST_S),
    "until the last one is back that has yet to bring its payments": (100.0, UnderWay(80, 0, back_in_s=240.0), 240.0),
    "nothing is known of a pass that begins now": (0.0, UnderWay(begun=0, to_begin=80), SHORTEST_S),
}


@pytest.mark.parametrize("rule", ROWS)
def test_each_rule(rule: str) -> None:
    """The pace of the pass tells, between a minute and the setting."""
    elapsed_s, others, expected = ROWS[rule]
    assert wait_s(LONGEST_S, elapsed_s, others) == expected


def test_a_setting_below_the_shortest_counts() -> None:
    """Who sets 20 seconds waits for 20."""
    assert wait_s(20.0, 0.0, UnderWay(begun=1, to_begin=9)) == 20.0
