"""README tells everything that an operator can set, type, or read as a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.holds import HoldCode
from worker.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_in_the_readme(name: str) -> None:
    """A setting that is not documented does not exist for an operator."""
    description = Settings.model_fields[name].description
    assert f"| `{name.upper()}` |" in README
    assert description is not None
    assert description in README


@pytest.mark.parametrize("code", HoldCode)
def test_every_hold_code_stands_in_the_readme(code: HoldCode) -> None:
    """Whoever meets a code finds it, with its remedy, in the README."""
    assert f"| `{code.code}` " in README
    assert code.remedy in README
