"""A worker whose first job stands still for ever: `celery -A tests.hanging worker`. The file HANGS is made by then."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from tasks import project
from worker.celery import app
from worker.pipeline.work import Work

__all__ = ["app"]
_all_stages = project.all_stages


def all_stages(work: Work) -> None:
    try:
        Path(os.environ["HANGS"]).touch(exist_ok=False)
    except FileExistsError:
        _all_stages(work)
    else:
        threading.Event().wait()


project.all_stages = all_stages
