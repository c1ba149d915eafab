"""What the commands meet outside: a broker that takes messages, and a Procore that shows projects."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

from tests.unit.cli.story import OWNER
from worker.assembly import Parts
from worker.ledger.tables import Job
from worker.procore.records import Project
from worker.settings import Settings


class Broker:
    """Takes messages instead of a broker; with `ends` set, a worker is at the other end."""

    def __init__(self, ledger: Parts) -> None:
        self.ledger = ledger
        self.taken: list[Job] = []
        self.ends: tuple[str, str] | None = None

    def publish(self, jobs: Iterable[Job], settings: Settings) -> None:
        for job in jobs:
            self.taken.append(job)
            if self.ends:
                self.ledger.jobs.claim(job.task_id, OWNER)
                self.ledger.jobs.end(job.id, OWNER, *self.ends, {"claims": {"sent": 3}})


class FakeProcore:
    """Procore's projects; asking for them is no call that anybody counts."""

    api = SimpleNamespace(where="Procore", calls=0)

    def __init__(self, *projects: Project) -> None:
        self._projects = projects

    def projects(self, with_region: bool = False) -> list[Project]:
        return list(self._projects)
