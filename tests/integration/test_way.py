"""Where the way of a claim leads a reader: into which modules of the pipeline, and back into which."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from types import FrameType

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import a_claim, a_seed
from tests.integration.synced import a_synced_world
from tests.unit.test_directions import PURE, within
from worker.pipeline import one_stage
from worker.pipeline.carry import carry
from worker.pipeline.work import Row, Stage, Work

PIPELINE = "worker.pipeline."
#: Words in which each phase is told, and what the job holds: following the way does not lead into them.
MET_EVERYWHERE = (
    *PURE,
    *(f"{PIPELINE}{name}" for name in ("work", "so_far", "verdicts", "heartbeat", "instrument", "read.lists")),
    *(f"{PIPELINE}look.{name}" for name in ("settings", "shelf")),
)
STANDS, NEW = 11, 12
#: Of a batch that has both: notices are told of what stands at once, and of what is new when it is there (164).
AT_TWO_MOMENTS = {"settle.notices"}


class Way:
    """How often each module of the pipeline was entered from another one that it had not called itself."""

    def __init__(self) -> None:
        self.entered: Counter[str] = Counter()
        self._inside: list[str] = []

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            name = str(frame.f_globals.get("__name__"))
            is_resumed = frame.f_lasti > 0 and frame.f_code.co_flags & 0x20  # a generator goes on
            if name.startswith(PIPELINE) and name not in self._inside and not is_resumed:
                self.entered[name.removeprefix(PIPELINE)] += 1
            self._inside.append(name)
        elif event == "return" and self._inside:
            self._inside.pop()


@pytest.mark.parametrize(
    ("ids", "expected"), [([NEW], set()), ([STANDS], set()), ([STANDS, NEW], AT_TWO_MOMENTS)], ids=str
)
def test_a_phase_that_was_left_is_not_entered_again(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, ids: list[int], expected: set[str]
) -> None:
    """On the way of one record none is; of several each takes the whole batch, and what has two moments is named."""
    world, way = a_synced_world(a_world, a_seed(claims=[a_claim(STANDS)])), Way()

    def followed(work: Work, stage: Stage, rows: Iterable[Row], unseen: set[str] | None = None) -> datetime | None:
        if stage.name != "claims" or way.entered:
            return carry(work, stage, rows, unseen)
        rows = [row for row in rows if row.procore_id in map(str, ids)]
        sys.setprofile(way)
        try:
            return carry(work, stage, rows, unseen)
        finally:
            sys.setprofile(None)

    world.clock.advance(1800)
    world.enter("requisitions", a_claim(NEW))
    monkeypatch.setattr(one_stage, "carry", followed)
    world.whole_pass()
    again = {name for name, count in way.entered.items() if count > 1}
    assert len(way.entered) > (20 if NEW in ids else 8)
    assert {name for name in again if not within(PIPELINE + name, MET_EVERYWHERE)} == expected
