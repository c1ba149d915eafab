"""A folder of files that a command writes whole or not at all; one that it wrote before is replaced, no other is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from worker.cli.exits import RefusedError


def refuse_unwritable(folder: Path, names: Collection[str]) -> None:
    """Before both systems are read, which may take minutes. `names` are the files that will be in it."""
    place = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise RefusedError(f"{folder} is a file. Name a folder.")
    if not place.parent.is_dir():
        raise RefusedError(f"There is no folder {place.parent}. Create it, or name another one.")
    try:
        others = sorted(one.name for one in folder.iterdir() if one.name not in names) if folder.exists() else []
        tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.").cleanup()
    except OSError as error:
        raise _cannot(folder, error) from None
    if others:
        raise RefusedError(f"The folder {folder} holds something else ({others[0]}). Name a new one, or an empty one.")


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Its files, in place of what was in it: whoever looks sees the old folder or the new one. Raises RefusedError."""
    place = folder.resolve()
    try:
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.") as beside:
            fresh, old = Path(beside, "new"), Path(beside, "old")
            fresh.mkdir()
            for name, text in files.items():
                (fresh / name).write_text(text, encoding="utf-8", newline="")
            if place.exists():
                shutil.copymode(place, fresh)
                place.rename(old)
            fresh.rename(place)
    except OSError as error:
        raise _cannot(folder, error) from None


def _cannot(folder: Path, error: OSError) -> RefusedError:
    return RefusedError(f"The folder {folder} cannot be written ({error.strerror}). Name another one.")
