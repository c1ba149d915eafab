"""A worker whose first pool process is killed as it starts, once: `celery -A tests.dying_child worker`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import signals

from tests.breaking import kill_process
from worker.celery import app

__all__ = ["app"]


@signals.worker_process_init.connect
def _die_once(**_: Any) -> None:
    died = Path(os.environ["DIED"])
    if not died.exists():
        died.touch()
        kill_process()
