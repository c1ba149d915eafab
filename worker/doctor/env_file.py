"""Names in `.env` that are nearly those of settings: a mistyped one would silently leave the default in force."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dotenv import dotenv_values

from worker.doctor.finding import Finding, warn
from worker.nearest import nearest
from worker.settings import Settings

ABOUT = "Settings"
#: What is less alike belongs to another program; the file is often shared.
ALIKE = 0.8


def check(path: Path) -> Iterator[Finding]:
    """A warning for each of them; nothing of their values is said, which may be secrets."""
    known = {name.upper() for name in Settings.model_fields}
    for name in dotenv_values(path, interpolate=False) if path.is_file() else ():
        if name.upper() not in known and (near := nearest(name, known, ALIKE)):
            yield warn(ABOUT, f"{path.name} sets {name}, which is not a setting.", f"Did you mean {near}?")
