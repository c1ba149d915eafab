"""A process in which a job stands still ends, and says where; one that moves, or whose job has ended, does not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.compose import ROOT
from tests.services import PATIENCE_S


def _ended(code: str) -> tuple[int, str]:
    begin = "import time\nfrom worker import overrun\noverrun.LEASES = 1\n"
    ended = subprocess.run(
        [sys.executable, "-c", begin + code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    return ended.returncode, ended.stderr


def test_a_process_in_which_nothing_moves_ends_and_says_where() -> None:
    """Also in code that never comes back to Python."""
    code, said = _ended("def lookup(): overrun.holds(0.1); time.sleep(60)\noverrun.allow()\nlookup()")
    assert code == 1
    assert "in lookup" in said


@pytest.mark.parametrize(
    "code",
    [
        "overrun.holds(0.1)\ntime.sleep(0.3)",
        "overrun.allow()\noverrun.moves()\ntime.sleep(0.3)",
        "overrun.allow()\noverrun.holds(2)\nfor _ in range(3): time.sleep(0.8); overrun.moves()",
        "overrun.allow()\noverrun.holds(1)\noverrun.over()\noverrun.moves()\ntime.sleep(1.2)",
    ],
    ids=["not replaced", "no job", "moves", "job over"],
)
def test_others_go_on(code: str) -> None:
    """Threads of one process, what is no job, a job that moves, and one that has ended."""
    assert _ended(code) == (0, "")
