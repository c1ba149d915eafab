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


def in_file(file: str) -> dict[str, bool]:
    """The tests in a file, and whether `make test` runs it: neither it nor its file is marked as deep."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    marks = [ast.unparse(node.value) for node in tree.body if isinstance(node, ast.Assign) and _is_mark(node)]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        node.name: not any("mark.deep" in text for text in [*marks, *map(_named, node.decorator_list)])
        for node in functions
    }


def _is_mark(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)


def _named(decorator: ast.expr) -> str:
    """A mark of some rows of a table only is not the test's."""
    return ast.unparse(decorator) if isinstance(decorator, ast.Attribute) else ""


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_exists(name: str) -> None:
    """A proof that was renamed or deleted proves nothing."""
    file, _, function = name.partition("::")
    assert function in in_file(file)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.split("**")[0])
def test_every_promise_names_a_proof_that_everybody_runs(promise: str) -> None:
    """What nothing tries to break is a hope, and so is what only `make test-deep` tries, which few run."""
    proofs = [name.split("::") for name in re.findall(r"`(tests/[^`]+)`", promise)]
    assert any(in_file(file)[function] for file, function in proofs)


def test_every_decision_that_is_named_exists() -> None:
    """Numbers in brackets are those of docs/decisions.md."""
    decisions = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    for number in re.findall(r"\((\d+)\)", TEXT):
        assert f"\n## {number}. " in decisions
