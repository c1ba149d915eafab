"""`procore-xero start`: worker, beat, Flower and where needed a broker, kept up together, for a small installation.

For one machine. Where containers or systemd keep the processes up, each of them is started by its own command instead.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.exits import RefusedError
from worker.cli.screen import complain

if TYPE_CHECKING:
    from worker.cli.supervisor import Supervisor
    from worker.settings import Settings

#: Seconds that a process has to end by itself: as long as a worker in a container has.
GRACE_S = 180.0
#: What these say is the log. What a broker and Flower say is for whoever mends them, and goes into files.
ALOUD = ("worker", "beat", "listen")
#: Seconds that a broker has to go when its starter was killed.
BROKER_S = 20.0
LOOK_EVERY_S = 0.5


def command(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Flower's port on 127.0.0.1.")] = 5555,
) -> None:
    """Run worker, beat and Flower together until Ctrl-C; with a broker of their own unless REDIS_URL names one."""
    from worker import logs
    from worker.cli import celery_programs
    from worker.cli.processes import Processes
    from worker.cli.supervisor import Supervisor
    from worker.settings import settings

    found = settings()
    _look_first(found)
    logs.configure(found.log_level, found.log_format)
    with _alone(found.state_dir), _asked_to_end(), Processes(found.state_dir, GRACE_S, ALOUD) as processes:
        _require_free(port)
        supervisor = Supervisor(processes, _environment(found))
        if not found.names_broker:
            _start_broker(supervisor, found.state_dir)
        supervisor.start("worker", celery_programs.worker(found.worker_processes))
        supervisor.start("flower", celery_programs.flower(port))
        supervisor.start("beat", celery_programs.beat())
        if found.listen_secret.get_secret_value():
            supervisor.start("listen", celery_programs.listen())
        typer.echo("Starting. Ctrl-C ends all processes.")
        for name in supervisor.children:
            if name not in ALOUD:
                typer.echo(f"What {name} says is in {(found.state_dir / name).absolute()}.log.")
        is_up = False
        try:
            while True:
                supervisor.look()
                if not is_up and (is_up := _answers(port)):
                    typer.echo(f"Flower is on http://127.0.0.1:{port}.")
                time.sleep(LOOK_EVERY_S)
        except KeyboardInterrupt:
            complain("Ending all processes in order. Ctrl-C once more ends them at once.")
            raise


def _look_first(found: Settings) -> None:
    """What no process could work without, in a sentence and before any is started. Raises ConfigError."""
    from worker.ledger.database import open_engine, require_migrated
    from worker.mapping import file as mapping_file

    found.require("procore_client_id", "procore_client_secret", "procore_company_id")
    found.require("xero_client_id", "xero_client_secret")
    mapping_file.load(found.mapping_file)
    engine = open_engine(found.database_url, found.database_password.get_secret_value())
    try:
        require_migrated(engine)
    finally:
        engine.dispose()


def _require_free(port: int) -> None:
    """Asked once no other `start` has this folder, which is what most often has the port. Raises RefusedError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise RefusedError(f"Another program has port {port}. Name another one for Flower with --port.") from None


def _answers(port: int) -> bool:
    """Whether a browser that goes there now finds Flower."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _environment(found: Settings) -> dict[str, str]:
    """The children are told where the broker is: while it is away they must not take another one for it."""
    from worker.broker import own

    return {**os.environ, **({} if found.names_broker else {"REDIS_URL": own.url(found.state_dir)})}


@contextmanager
def _alone(state_dir: Path) -> Iterator[None]:
    """One `start` in a folder: a second one would take the first one's broker. Raises RefusedError."""
    path = (state_dir / "procore-xero.lock").absolute()
    try:
        opened = path.open("a", encoding="ascii")
    except OSError as error:
        raise RefusedError(f"{path} cannot be made ({error.strerror}). STATE_DIR names the folder.") from None
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RefusedError(f"procore-xero start runs in this folder already ({path}).") from None
        yield


@contextmanager
def _asked_to_end() -> Iterator[None]:
    """To be asked to end is no fault: Ctrl-C, SIGTERM and SIGHUP let the processes end in good order."""
    with suppress(KeyboardInterrupt):
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        yield


def _start_broker(supervisor: Supervisor, state_dir: Path) -> None:
    """It answers when this returns."""
    from worker.cli import broker

    command = broker.own_server(state_dir)
    deadline = time.monotonic() + BROKER_S
    while broker.own_answers(state_dir):  # it ends by itself, a moment after its starter
        if time.monotonic() > deadline:
            raise RefusedError("The broker of a start that was killed still runs here. End it first.")
        time.sleep(LOOK_EVERY_S)
    supervisor.start("broker", command)
    broker.wait_for_own(state_dir, supervisor.look)
