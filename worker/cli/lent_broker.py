"""A broker for one command, where none runs and none was named: both systems can be looked at before `start`.

Only for commands that ask: the limits of the two APIs' calls are counted in a broker. What is to be done later must lie
in the one that the workers take it from, so commands that start jobs never come here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worker.errors import ConfigError

if TYPE_CHECKING:
    from worker.settings import Settings


@contextmanager
def lent() -> Iterator[Callable[[Settings], Any]]:
    """How to reach the broker: the installation's where it answers, else one that is gone with the block."""
    from worker.broker.client import connect
    from worker.cli import broker

    with ExitStack() as until_the_end:

        @cache
        def started() -> Any:
            return _started(until_the_end)

        def broker_at(settings: Settings) -> Any:
            if settings.names_broker or broker.answers(connect(settings)):
                return connect(settings)
            try:
                return started()
            except ConfigError:  # this machine has no server; the first call says that there is no broker
                return connect(settings)

        yield broker_at


def _started(until_the_end: ExitStack) -> Any:
    """A client of a server that runs until then. Raises ConfigError."""
    from worker.broker import own
    from worker.broker.client import connect
    from worker.cli import broker
    from worker.cli.processes import Processes
    from worker.settings import Settings

    folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="procore-xero-")))
    command = broker.own_server(folder)
    processes = until_the_end.enter_context(Processes(folder))
    processes.start("broker", command, os.environ)
    broker.wait_for_own(folder, processes.check)
    client = connect(Settings(redis_url=own.url(folder)))
    until_the_end.callback(client.close)
    return client
