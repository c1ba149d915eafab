"""Every way to start Flower, as a process: without a login none of them lets anybody in from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import compose
from tests.services import PATIENCE_S
from worker.cli.celery_programs import FLOWER_CONFIG

pytestmark = pytest.mark.acceptance

CELERY = ["-m", "celery", "-A", "worker.celery", "flower"]
CONFIGURED = f"--conf={FLOWER_CONFIG}"
#: What docker-compose.yml starts, with its configuration file where it lies here.
IN_CONTAINERS = [
    word.replace("/app/", f"{compose.ROOT}/") for word in compose.words(compose.read()["services"]["flower"])
]
OTHERS_REACH_IT = "others can reach it at 0.0.0.0. Set FLOWER_LOGIN to user:password"


def _ends(directory: Path, command: list[str], **variables: str) -> str:
    """What it says; Flower that listens would not end."""
    environment = {"PATH": os.environ["PATH"], "REDIS_URL": "redis://127.0.0.1:1/0", **variables}
    words = [sys.executable, *command]
    ended = subprocess.run(
        words, env=environment, cwd=directory, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ended.returncode == 1, ended.stderr
    return ended.stderr


@pytest.mark.parametrize(
    ("command", "variables", "said"),
    [
        ([*CELERY, CONFIGURED, "--address=0.0.0.0"], {}, OTHERS_REACH_IT),
        pytest.param(
            *([*CELERY, CONFIGURED], {"FLOWER_ADDRESS": "0.0.0.0"}, OTHERS_REACH_IT),  # noqa: S104 - what is refused
            marks=pytest.mark.deep,
        ),
        pytest.param(
            *([*CELERY, "--address=0.0.0.0"], {"FLOWER_LOGIN": "operator:secret"}, CONFIGURED), marks=pytest.mark.deep
        ),
        pytest.param(["-m", "flower", *CELERY[2:]], {}, CONFIGURED, marks=pytest.mark.deep),
        (["-m", *IN_CONTAINERS], {"FLOWER_LOGIN": ""}, OTHERS_REACH_IT),
    ],
)
def test_no_way_to_start_flower_opens_it(
    tmp_path: Path, command: list[str], variables: dict[str, str], said: str
) -> None:
    """It ends with a sentence before it listens: what its configuration file says can be undone by other options."""
    stderr = _ends(tmp_path, command, **variables)
    assert stderr.strip().splitlines()[-1].startswith("Flower is not started. ")
    assert said in stderr
