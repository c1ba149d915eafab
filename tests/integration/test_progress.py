"""A job that runs can be watched: its row says how far it is, at no extra cost."""

from __future__ import annotations

from typing import Any

import httpx

from tests.integration.conftest import MakeWorld


def test_the_row_of_a_running_job_names_its_stage_and_counts(a_world: MakeWorld) -> None:
    """When the first payment goes to Xero, the row says so, with everything that went before it."""
    world = a_world()
    world.discover()
    seen: list[dict[str, Any]] = []

    def look(_: httpx.Request) -> None:
        seen.append(world.parts.jobs.latest()["24-017"].counts)

    world.wire.before("PUT", "/Payments$", look)
    report = world.run("24-017")
    assert list(seen[0]) == ["projects", "vendors", "cost_codes", "claims", "payments"]
    assert seen[0]["claims"] == report.counts["claims"]
    assert "sent" not in seen[0]["payments"]
