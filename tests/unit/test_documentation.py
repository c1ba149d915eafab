"""The documentation tells everything that an operator can set, or read as a reason."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from worker.holds import HoldCode
from worker.settings import Settings

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
HOLDS = (ROOT / "docs" / "holds.md").read_text(encoding="utf-8")
#: Turns of phrase that a reader met once and did not understand, with the plain ones that stand for them now.
ODD = {
    "ends red": "fails",
    "ended red": "failed",
    "lasts shows": "takes a while shows",
    "Start a Redis:": "a Redis server",
    "come from here": "this worker did not send",
    "came from here": "this worker sent",
    "its foot says": "it states",
    "judged anew": "judged again",
    "for who reads": "for people who read",
    "takes the same ways": "is sent in the same way",
    "who has not": "whoever lacks",
    "who waits gets": "calls are made in the order in which jobs ask for them",
}
#: Which test types what stands in a block of commands, by the page and how the block begins.
TYPED = {
    ("README.md", "make demo"): "tests/acceptance/test_demo.py",
    ("README.md", "make install"): "tests/acceptance/test_ten_minutes.py",
    ("README.md", "procore-xero init"): "tests/acceptance/test_ten_minutes.py",
    ("flower.md", "curl"): "tests/acceptance/test_flower_api.py",
    ("operations.md", "git clone"): "tests/acceptance/test_installations.py",
    ("operations.md", "cp /opt"): "tests/unit/test_systemd.py",  # as far as it goes where systemd does not run
    ("operations.md", "ACL SETUSER"): "tests/integration/test_redis_rights.py",
    ("procore.md", "python3 -c"): "tests/unit/test_documentation.py",
    ("setup.md", "celery"): "tests/unit/test_compose.py",
    ("webhooks.md", "procore-xero hooks"): "tests/unit/test_documented_commands.py",
}
#: Blocks that are no commands: a drawing, settings, a proxy's configuration.
NO_COMMANDS = ("Procore", "PROCORE_CLIENT_ID=", "FLOWER_AUTH_PROVIDER=", "hooks.example.com {")
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_of_commands_is_typed_by_a_test(page: Path) -> None:
    """What nobody types is wrong after the next change. All of the guide's that are marked `sh` its own test types."""
    unknown = []
    for language, text in re.findall(
        r"^ *```(\w*)\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        first = text.strip()
        if language in ("ini", "toml", "yaml") or first.startswith(NO_COMMANDS):
            continue
        if page.name == "operations.md" and language == "sh":
            continue
        proofs = [test for (where, begins), test in TYPED.items() if where == page.name and first.startswith(begins)]
        if not proofs or not (ROOT / proofs[0]).exists():
            unknown.append(first.splitlines()[0])
    assert unknown == []


def test_the_key_that_the_page_makes_is_one() -> None:
    """A key that cannot encrypt is noticed by the first login only."""
    page = (ROOT / "docs" / "procore.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^python3 -c .*$", page, re.MULTILINE)
    _, *words = shlex.split(line)
    key = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True).stdout.strip()
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"login")) == b"login"


def test_readme_is_short_enough_to_be_read() -> None:
    """What it does, two commands, ten minutes, and where to read on."""
    assert len(PAGES[0].read_text(encoding="utf-8").splitlines()) <= 120


def test_no_odd_phrase_comes_back() -> None:
    """Neither in a page nor in what the program says; decisions and the changelog tell of the past."""
    told = [page for page in PAGES if page.name != "decisions.md"]
    program = [file for part in ("worker", "tasks") for file in (ROOT / part).rglob("*.py")]
    found = [
        f"{file.relative_to(ROOT)}: {odd}"
        for file in (*told, *program)
        for odd in ODD
        if odd in file.read_text(encoding="utf-8")
    ]
    assert found == []
