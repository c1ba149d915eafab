"""A PgBouncer of a test's own before PostgreSQL, in transaction mode: each transaction may meet another session."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

from tests.services import PATIENCE_S, eventually, missing
from worker.cli.processes import free_port

_CONFIGURATION = """
[databases]
* = {server}

[pgbouncer]
pool_mode = transaction
default_pool_size = {sessions}
auth_type = any
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
"""


@contextmanager
def bouncing(database_url: str, sessions: int = 1) -> Iterator[str]:
    """The address of this database through PgBouncer, which has so many sessions of it for everybody."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        missing("PgBouncer (pgbouncer on the PATH)")
    server = make_url(database_url)
    named = {"host": server.host, "port": server.port, "user": server.username, "password": server.password}
    own_port = free_port()
    owner = "postgres" if os.getuid() == 0 else None  # it refuses to run as root
    with TemporaryDirectory() as directory:
        configuration = Path(directory, "pgbouncer.ini")
        known = " ".join(f"{name}='{value}'" for name, value in named.items() if value)
        configuration.write_text(_CONFIGURATION.format(server=known, sessions=sessions, own_port=own_port))
        if owner:
            shutil.chown(directory, owner)
            shutil.chown(configuration, owner)
        with Path(directory, "log").open("wb") as log:
            running = subprocess.Popen([program, str(configuration)], user=owner, cwd="/", stdout=log, stderr=log)
        try:
            url = server.set(host="127.0.0.1", port=own_port).render_as_string(hide_password=False)
            eventually(lambda: running.poll() is not None or _answers(url))
            assert running.poll() is None, Path(directory, "log").read_text()
            yield url
        finally:
            running.terminate()
            running.wait(PATIENCE_S)


def _answers(url: str) -> bool:
    engine = create_engine(url)
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()
