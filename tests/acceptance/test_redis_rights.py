"""Worker, beat, Flower and commands with no more rights in Redis than the guide gives."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.conftest import Machine
from tests.acceptance.syncing import ENDS, states
from tests.integration.test_redis_rights import rights
from worker.broker.client import connect

pytestmark = [pytest.mark.acceptance, pytest.mark.deep]


def test_a_whole_installation_gets_on_with_them(machine: Machine) -> None:
    """A pass that beat sent, a worker that is killed and the next one, Flower, doctor: Redis refused nothing."""
    with connect(machine.parts.settings) as client:
        client.execute_command(*rights("s3cret"))
        machine.system.env["REDIS_URL"] = f"redis://sync:s3cret@127.0.0.1:{machine.parts.settings.redis.port}/0"
        machine.system.flower()
        machine.system.beat()
        machine.start_worker()
        assert states(machine) == ENDS
        assert "takes messages and results" in " ".join(machine.says("doctor").split())
        machine.run("-m", "celery", "-A", "worker.celery", "inspect", "ping")
        log: Any = client.acl_log()
        assert log == []
