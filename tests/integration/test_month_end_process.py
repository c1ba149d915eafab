"""`procore-xero month-end` as it is typed: a process of its own, against both sandboxes over HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.test_sandbox_command import sandbox
from tests.services import PATIENCE_S
from worker.cli.month_end import PAGE, RETENTION
from worker.month_end.tables import NAMES

PROGRAM = [sys.executable, "-c", "from worker.cli import main; main()"]
#: So that no broker is needed to share the calls that are left.
WITHOUT_BUDGET = (
    *("XERO_CALLS_PER_MINUTE", "XERO_CALLS_PER_DAY", "XERO_CALLS_AT_ONCE", "XERO_APP_CALLS_PER_MINUTE"),
    "PROCORE_CALLS_AT_ONCE",
)
DEMO_MAPPING = Path(__file__).parents[2] / "worker" / "cli" / "demo_mapping.toml"


@pytest.mark.deep  # the sandbox holds a process to both APIs' limits, which are waited for
def test_it_makes_the_folder_and_ends_well(tmp_path: Path) -> None:
    """With the demo's companies; nothing is said on standard error, and nothing else is left."""
    with sandbox() as (_, printed):
        env = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
            "MAPPING_FILE": str(DEMO_MAPPING),
            **dict.fromkeys(WITHOUT_BUDGET, "0"),
            **printed,
        }

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*PROGRAM, *arguments],
                cwd=tmp_path,
                env=env,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )

        assert run("migrate").returncode == 0
        done = run("month-end", "2025-10", "--out", "october")
    assert (done.returncode, done.stderr) == (0, "")
    assert "October 2025 as of 2025-10-31" in " ".join(done.stdout.split())
    assert {one.name for one in (tmp_path / "october").iterdir()} == {PAGE, RETENTION, *NAMES}
    assert "Redgum &amp; Rowe Constructions Pty Ltd" in (tmp_path / "october" / PAGE).read_text(encoding="utf-8")
