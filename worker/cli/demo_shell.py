"""How another terminal talks to the running demo: a file that its shell reads."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

#: The file, in the demo's own folder, where no .env of a real system lies.
NAME = "env"


def write(directory: Path, settings: Mapping[str, object]) -> None:
    """The demo's settings as a shell takes them, and this installation's programs before others of the same name."""
    programs = f"export PATH={shlex.quote(str(Path(sys.executable).parent))}{os.pathsep}$PATH"
    lines = [f"export {name.upper()}={shlex.quote(str(value))}" for name, value in settings.items()]
    (directory / NAME).write_text("\n".join([programs, *lines, ""]), encoding="utf-8")


def enter(directory: Path) -> str:
    """What is typed there first."""
    return f"cd {shlex.quote(str(directory))} && . ./{NAME}"
