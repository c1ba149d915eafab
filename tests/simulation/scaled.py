"""A worker whose windows are shorter, as the sandbox's are: `celery -A tests.simulation.scaled worker`.

MINUTE_S and DAY_S in the environment say how long Xero's minute and day last.
"""

from __future__ import annotations

import os

from worker.celery import app
from worker.xero import limits

__all__ = ["app"]
limits.MINUTE_S, limits.DAY_S = float(os.environ["MINUTE_S"]), float(os.environ["DAY_S"])
