"""The server that takes Procore's messages, on a thread and a port of its own, and who posts as Procore does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from tornado.netutil import bind_sockets

from tasks import hints
from tests.integration.seeds import PROJECT_ID
from tests.integration.world import World
from tests.services import PATIENCE_S
from worker.listen.intake import Doing, Intake
from worker.listen.server import Door, Rate, server
from worker.procore.message import Hint

SECRET = "made-up-secret-of-48-letters-and-digits-all-in-a-row".replace("-", "")


class Counted(Intake):
    """Says how many messages it has taken."""

    taken = 0

    async def take(self, hint: Hint) -> None:
        await super().take(hint)
        self.taken += 1


@dataclass
class Listened:
    """A listener as Procore meets it, and as its clock goes on."""

    url: str
    company_id: int
    loop: asyncio.AbstractEventLoop
    intake: Counted
    judged: list[set[int]]

    def message(
        self, resource: str = "Direct Costs", project_id: int | None = PROJECT_ID, **more: Any
    ) -> dict[str, Any]:
        """As v4.0 has it: every id is a text."""
        ids = {"company_id": str(self.company_id), "project_id": None if project_id is None else str(project_id)}
        return {"id": "01JMYXMZRBVKK0PC6XS8SA4QRE", "reason": "update", "resource_type": resource, **ids, **more}

    def post(self, message: object, secret: str = SECRET, **more: Any) -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        body: dict[str, Any] = {"content": message} if isinstance(message, bytes) else {"json": message}
        return httpx.post(self.url, headers=headers, **body, **more).status_code

    def start_due(self) -> None:
        """What the server does every second."""
        self.run(self.intake.start_due())

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_S)


@contextmanager
def listening(
    world: World,
    doing: Doing | None = None,
    rate: Rate | None = None,
    wait_s: float = 0.0,
    seconds: Callable[[], float] = time.monotonic,
) -> Iterator[Listened]:
    """On this world's ledger, with nothing but a broker's end missing."""
    judged: list[set[int]] = []
    if doing is None:
        doing = Doing(
            partial(hints.note, world.parts), partial(hints.start, world.parts), lambda ids: judged.append(set(ids))
        )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    company_id = world.settings.procore_company_id
    intake = Counted(doing, wait_s, seconds)
    (found,) = bind_sockets(0, "127.0.0.1")

    async def begin() -> Any:
        ours = server(Door(SECRET, company_id, rate or Rate()), intake)
        ours.add_sockets([found])
        return ours

    ours = asyncio.run_coroutine_threadsafe(begin(), loop).result(PATIENCE_S)
    url = f"http://127.0.0.1:{found.getsockname()[1]}/procore"

    async def end() -> None:
        ours.stop()
        await intake.close()
        await ours.close_all_connections()

    try:
        yield Listened(url, company_id, loop, intake, judged)
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(PATIENCE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
