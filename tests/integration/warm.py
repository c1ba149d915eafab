"""Imported by the process that jobs are forked from, and by nothing else: a whole job, so that all is loaded once."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.integration.seeds import JOB_NUMBER, everything
from tests.integration.world import World
from worker import logs

logs.configure("WARNING")
with tempfile.TemporaryDirectory() as directory:
    world = World(everything(), f"sqlite:///{directory}/ledger.db", Path(directory))
    world.run(JOB_NUMBER)
    world.close()
