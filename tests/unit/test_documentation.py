"""The documentation tells everything that an operator can set, or read as a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worker.holds import HoldCode
from worker.settings import Settings

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
HOLDS = (ROOT / "docs" / "holds.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    """A setting that is not documented does not exist for an operator."""
    description = Settings.model_fields[name].description
    assert f"| `{name.upper()}` |" in SETTINGS
    assert description is not None
    assert description in SETTINGS


@pytest.mark.parametrize("code", HoldCode)
def test_every_hold_code_is_documented(code: HoldCode) -> None:
    """Whoever meets a code finds it, with its remedy."""
    assert f"| `{code.code}` " in HOLDS
    assert code.remedy in HOLDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    """Nobody is sent to a page that was renamed."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    """README is the way in."""
    readme = PAGES[0].read_text(encoding="utf-8")
    assert [page.name for page in PAGES[1:] if f"](docs/{page.name})" not in readme] == []
