"""From an approval in Procore to the bill in Xero, with webhooks: the whole system as processes, as it is set up.

The sandbox sends its messages at once; how long Procore takes for that is not documented.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.acceptance.conftest import a_machine
from tests.acceptance.hooked import approve_claim, approve_direct_cost, listen, set_up, switch
from tests.acceptance.syncing import states
from tests.benchmarks.bounds import Figure
from tests.services import eventually
from worker.settings import Settings

#: Projects in which a direct cost is approved; the claim's is another one, since a project has one job a minute.
PROJECTS = (310421, 310503)


def approvals() -> list[float]:
    """Seconds until each bill was in Xero, of a claim and of direct costs, after a first sync."""
    with tempfile.TemporaryDirectory() as folder, a_machine(Path(folder) / "system") as machine:
        machine.start_worker()
        machine.discover()
        eventually(lambda: machine.job("25-003"))
        states(machine)
        switch(machine, webhooks_of_requisitions=True)
        set_up(machine, listen(machine, Settings.model_fields["listen_wait_s"].default))
        return [approve_claim(machine), *(approve_direct_cost(machine, project) for project in PROJECTS)]


def figures(seconds: Sequence[float]) -> Iterator[Figure]:
    on = f"{len(seconds)} approvals"
    yield Figure("approval to bill, median, s", statistics.median(seconds), on)
    yield Figure("approval to bill, longest, s", max(seconds), on)
