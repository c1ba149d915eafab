"""Worker, beat, Flower and listener as command lines of this very installation, as docker-compose.yml has them."""

from __future__ import annotations

import sys
from pathlib import Path

FLOWER_CONFIG = Path(__file__).parents[1] / "flower" / "flowerconfig.py"


def worker(jobs_at_once: int) -> list[str]:
    """Jobs that a person starts go before those of a pass."""
    return _celery("worker", "-Q", "manual,periodic", "-c", str(jobs_at_once), "--loglevel", "INFO")


def beat() -> list[str]:
    return _celery("beat")


def flower(port: int) -> list[str]:
    """For this machine alone."""
    return _celery("flower", f"--conf={FLOWER_CONFIG}", "--address=127.0.0.1", f"--port={port}")


def listen() -> list[str]:
    """Of Procore's messages; its address is a setting."""
    return [sys.executable, "-m", "worker.cli", "listen"]


def _celery(name: str, *options: str) -> list[str]:
    """Without Celery's banner, which is no line of a log."""
    return [sys.executable, "-m", "celery", "-A", "worker.celery", "--quiet", name, *options]
