"""What runs needs nothing that only development brings: each installation is looked at as if it were alone.

A package may import another one that it does not require, and here, where everything is installed, nobody would notice.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import image
from tests.services import PATIENCE_S
from tests.unit.test_directions import imports, sources

ROOT = Path(__file__).parents[2]
OURS = "procore-xero"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
#: What each image gets (worker/Dockerfile), and which extra is in it.
LOCKS = {"worker/requirements.lock": (), "worker/sandbox/requirements.lock": ("demo",)}
#: Parts of ours that need an extra, and run only where it is installed; they import it at their beginning.
WITH_EXTRAS = {"worker/sandbox": "demo", "worker/cli/demo_run": "demo", "worker/cli/fakebroker": "demo"}
#: And those that look for it when they run, and do without.
OPTIONAL = {"worker/cli/broker": "demo", "worker/tracing": "tracing"}


def _name(text: str) -> str:
    return str(canonicalize_name(text))


def _brought(required: list[str], seen: set[tuple[str, frozenset[str]]]) -> Iterator[str]:
    """The distributions that pip installs for these requirements, on this machine."""
    for text in required:
        wanted = Requirement(text)
        step = (_name(wanted.name), frozenset(wanted.extras))
        if step in seen or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        seen.add(step)
        yield step[0]
        try:
            needs = distribution(wanted.name).requires or []
        except PackageNotFoundError:  # for another system
            continue
        here = [need for need in needs if _applies(Requirement(need), wanted.extras)]
        yield from _brought([need.split(";")[0] for need in here], seen)


def _applies(need: Requirement, extras: set[str]) -> bool:
    return need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras))


@cache
def brought_by(*extras: str) -> set[str]:
    """What `pip install .` brings, or `pip install .[extra]`."""
    required = [*PROJECT["dependencies"], *(one for extra in extras for one in PROJECT["optional-dependencies"][extra])]
    return set(_brought(required, set()))


def locked(lock: str) -> set[str]:
    """What the image has."""
    return {_name(found) for found in re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text("utf-8"), re.MULTILINE)}


@cache
def _owners() -> dict[str, set[str]]:
    """By what is imported: the distributions that it may come from."""
    return {top: {_name(owner) for owner in owners} for top, owners in packages_distributions().items()}


def undeclared(files: Mapping[str, str]) -> list[str]:
    """Imports of what no dependency brings to the part that makes them."""
    found = []
    for file, text in files.items():
        extras = [extra for part, extra in (WITH_EXTRAS | OPTIONAL).items() if file.startswith(part)]
        allowed = brought_by(*extras)
        for one in imports(file, text):
            tops = _owners().get(one.top, set())
            if tops - {OURS} and not tops & allowed:
                found.append(f"{file}:{one.line} imports {one.name}")
    return found


def test_every_import_is_of_a_declared_dependency() -> None:
    """Or of what a declared one requires; the sandbox and tracing have their own extras."""
    assert undeclared(sources()) == []


def test_an_import_of_what_only_development_brings_is_found() -> None:
    """The check itself is checked, function by function."""
    text = "def f() -> None:\n    import yaml\n    from opentelemetry import trace\n    import httpx"
    assert undeclared({"worker/x.py": text}) == [
        "worker/x.py:2 imports yaml",
        "worker/x.py:3 imports opentelemetry.trace",
    ]


@pytest.mark.parametrize(("lock", "extras"), LOCKS.items())
def test_an_image_has_what_is_declared(lock: str, extras: tuple[str, ...]) -> None:
    """Its lock file was made anew after a dependency came."""
    assert brought_by(*extras) - locked(lock) == set()


def test_the_workers_image_has_no_package_of_the_demo() -> None:
    """Only what runs, and what installs it."""
    assert locked("worker/requirements.lock") & (brought_by("demo") - brought_by()) == set()


#: `test_every_import_is_of_a_declared_dependency` holds the same of the first, without loading anything.
@pytest.mark.parametrize(
    "installation", [pytest.param("pip install .", marks=pytest.mark.deep), "worker/requirements.lock"]
)
def test_what_runs_finds_all_its_imports(installation: str) -> None:
    """Worker, beat, Flower and commands load, with whatever they load by name, where nothing else is installed.

    The image lacks the demo's own files, too.
    """
    is_image = installation in LOCKS
    there = {OURS, *(locked(installation) if is_image else brought_by())}
    hidden = [top for top, owners in _owners().items() if not owners & there]
    left_out = image.left_out() if is_image else [*WITH_EXTRAS]
    modules = [path.removesuffix(".py").replace("/", ".") for path in left_out]
    command = [sys.executable, "-m", "tests.bare", json.dumps([*hidden, *modules]), json.dumps(modules)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr


def test_the_workers_image_has_no_file_of_the_demo() -> None:
    """Every part that needs the extra is taken out of it, with what only the demo uses; each is there to be taken."""
    out = image.left_out()
    assert all((ROOT / path).exists() for path in out)
    assert [part for part in WITH_EXTRAS if not any(path.startswith(part) for path in out)] == []
    assert {path.name for path in (ROOT / "worker" / "cli").glob("demo_*")} <= {Path(path).name for path in out}
