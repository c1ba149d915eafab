"""docs/reliability.md names tests that there are, and no promise stands without one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", TEXT)))
PROMISES = TEXT.split("## What is not promised")[0].split("\n**")[1:]


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_exists(name: str) -> None:
    """A proof that was renamed or deleted proves nothing."""
    file, _, function = name.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.split("**")[0])
def test_every_promise_names_its_proof(promise: str) -> None:
    """What nothing tries to break is a hope."""
    assert "`tests/" in promise


def test_every_decision_that_is_named_exists() -> None:
    """Numbers in brackets are those of docs/decisions.md."""
    decisions = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    for number in re.findall(r"\((\d+)\)", TEXT):
        assert f"\n## {number}. " in decisions
