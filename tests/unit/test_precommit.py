"""What git runs before a commit is what `make check` runs, from this machine alone."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_a_commit_runs_make_check_and_downloads_nothing() -> None:
    """One hook, of this repository, with the tools of .venv: nobody has a second set of rules to keep alike."""
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    (hook,) = repository["hooks"]
    assert (repository["repo"], hook["language"]) == ("local", "system")
    assert hook["entry"] == "make check"
    assert hook["always_run"] is True
    assert hook["pass_filenames"] is False
    assert re.search(r"^check:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
