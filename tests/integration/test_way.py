"""Where the way of one new claim leads a reader: into which modules of the pipeline, and back into which."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from types import FrameType

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import a_claim, a_seed
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
#: What is asked of records that stand and of new ones (docs/decisions.md, 155).
AT_TWO_MOMENTS = {"settle.notices", "settle.same_number"}


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


def test_a_phase_that_was_left_is_not_entered_again(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes the whole batch, once; what is asked at two moments is named."""
    world, way = a_world(a_seed(claims=[a_claim(11)])), Way()

    def followed(work: Work, stage: Stage, rows: Iterable[Row], unseen: set[str] | None = None) -> datetime | None:
        if stage.name != "claims" or way.entered:
            return carry(work, stage, rows, unseen)
        sys.setprofile(way)
        try:
            return carry(work, stage, rows, unseen)
        finally:
            sys.setprofile(None)

    world.whole_pass()
    world.clock.advance(1800)
    world.enter("requisitions", a_claim(12))
    monkeypatch.setattr(one_stage, "carry", followed)
    world.whole_pass()
    again = {name for name, count in way.entered.items() if count > 1}
    assert len(way.entered) > 20
    assert {name for name in again if not within(PIPELINE + name, MET_EVERYWHERE)} == AT_TWO_MOMENTS
