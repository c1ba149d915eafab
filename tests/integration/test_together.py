"""Two jobs at the same time that share vendors and cost codes: one contact and one option for both."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import PROJECT_ID, a_claim, a_project, a_seed, a_vendor
from tests.integration.wire import Crash, crash
from tests.integration.world import World
from tests.services import PATIENCE_S
from worker.errors import ProjectBusy

OTHER = 311


def two_projects() -> dict[str, Any]:
    """Two projects with the same three vendors and the same cost code, and a claim each."""
    seed = a_seed(
        projects=(a_project(), a_project(OTHER, "24-018")),
        vendors=[a_vendor(n) for n in (1, 2, 3)],
        claims=[a_claim(11)],
    )
    for lists in seed["procore"].values():
        if isinstance(lists, dict) and str(PROJECT_ID) in lists:
            lists[str(OTHER)] = [dict(row) if isinstance(row, dict) else row for row in lists[str(PROJECT_ID)]]
    seed["procore"]["requisitions"][str(OTHER)] = [a_claim(12, vendor_id=2)]
    return seed


def both(world: World, path: str) -> None:
    """Both jobs run in threads of their own, and meet when each is about to read this list from Procore."""
    barrier = threading.Barrier(2, timeout=PATIENCE_S)

    def meet(_: httpx.Request) -> None:
        barrier.wait()

    failures: list[BaseException] = []

    def run(number: str) -> None:
        parts = world.more_parts()
        deadline = time.monotonic() + PATIENCE_S
        try:
            while time.monotonic() < deadline:
                with suppress(ProjectBusy):
                    world.run(number, parts)
                    return
            raise AssertionError(f"{number} did not come to an end")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in ("24-017", "24-018")]
    for thread in threads:
        world.wire.before("GET", path, meet)
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE_S)
        assert not thread.is_alive()
    assert failures == []


@pytest.mark.parametrize("landed", [True, False])
def test_what_a_killed_job_left_of_shared_documents_is_finished_by_another(a_world: MakeWorld, landed: bool) -> None:
    """The other project does not wait for the dead one's lease to be handed on: contacts once, and its own bill."""
    world = a_world(two_projects())
    world.discover()
    (world.wire.after if landed else world.wire.before)("PUT", "/Contacts", crash)
    with pytest.raises(Crash):
        world.run("24-017")
    world.clock.advance(world.settings.lease_s + 1)
    world.run_through("24-018")
    assert len(world.documents("contacts")) == 3
    assert len(world.documents("invoices")) == 1
    world.bury()
    world.run_through("24-017")
    assert len(world.documents("contacts")) == 3
    assert len(world.documents("invoices")) == 2
    assert world.holds() == {}


@pytest.mark.parametrize("path", ["/vendors$", "/cost_codes$", "/requisitions$"])
def test_what_two_jobs_share_is_made_once(any_world: MakeWorld, path: str) -> None:
    """Whatever the two race for: three contacts, one option for the code, a bill each, nothing held."""
    world = any_world(two_projects())
    world.discover()
    both(world, path)
    books = world.books()
    assert [number for _, number in books["contacts"]] == ["procore-1", "procore-2", "procore-3"]
    assert books["options"].count("03-300 Concrete") == 1
    assert len(books["bills"]) == 2
    assert world.holds() == {}
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []
