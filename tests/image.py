"""worker/Dockerfile as far as tests need it: its stages, and what the worker's image is without."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.compose import ROOT

DOCKERFILE = (ROOT / "worker" / "Dockerfile").read_text(encoding="utf-8")
#: What both images get of the checkout.
COPIED = ("pyproject.toml", "README.md", "LICENSE", "beat_schedule.py", "worker", "tasks")


def copied(to: Path) -> Path:
    """A new folder with that of the checkout, which building may write into."""
    to.mkdir()
    for name in COPIED:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, to / name)
    return to


def stages() -> dict[str, tuple[str, str]]:
    """By name: what each stands on, and its lines."""
    found = re.findall(r"^FROM (\S+) AS (\S+)\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.MULTILINE | re.DOTALL)
    return {name: (base, lines) for base, name, lines in found}


def left_out() -> list[str]:
    """Files and folders of the demo, which are taken out before the worker's image is made."""
    removed = re.search(r"^RUN rm -r (.*?) *(?:\\\n *)?&&", stages()["build-app"][1], re.MULTILINE | re.DOTALL)
    assert removed is not None
    return removed[1].replace("\\\n", " ").split()
