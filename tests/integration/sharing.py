"""The same random faults where most passes bring each project something new, which goes in one request of both."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.integration.firm import Settings
from tests.integration.machine import Troubled
from worker.sandbox.switches import SeveralOptions


class Sharing(Troubled):
    """Workers of several projects whose documents ride along with each other; what strikes one job alone is left to
    `Troubled`, so that passes are drawn more often."""

    job_in_trouble = job_killed_on_the_wire = job_with_another = None  # type: ignore[assignment]
    no_answer = clock_is_set = approve = rename = None  # type: ignore[assignment]

    @initialize(
        settings=st.builds(Settings, deleted=st.sampled_from(("hold", "void"))),
        synced=st.just(True),
        twin=st.sampled_from((False, False, True)),
        one_machine=st.booleans(),
        lists=st.just(0),
        several=st.just("nothing"),
    )
    def begin(
        self, settings: Settings, synced: bool, twin: bool, one_machine: bool, lists: int, several: SeveralOptions
    ) -> None:
        """Bills are approved as they come, and payments are with tax, so that both may be shared."""
        super().begin(settings, synced, twin, one_machine, lists, several)
