"""A worker with one job that kills its process each time: `celery -A tests.poison worker`, the job being POISON."""

from __future__ import annotations

import os

from tasks import project
from tests.breaking import kill_process
from worker.celery import app
from worker.pipeline.work import Work

__all__ = ["app"]
_all_stages = project.all_stages


def all_stages(work: Work) -> None:
    if work.project.job_number == os.environ["POISON"]:
        kill_process()
    _all_stages(work)


project.all_stages = all_stages
