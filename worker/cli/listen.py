"""`procore-xero listen`: takes Procore's webhook messages, so that a job starts within a minute of a change."""

from __future__ import annotations

import os
from functools import partial

import typer

from worker.cli.exits import RefusedError
from worker.cli.opened import opened


def command() -> None:
    """Take Procore's webhook messages, until Ctrl-C: a project's job starts soon after something moved in it."""
    import asyncio

    from tornado.netutil import bind_sockets

    from tasks import hints
    from worker import logs
    from worker.listen.intake import Doing, Intake
    from worker.listen.server import Door, Rate, serve

    ours = opened()
    settings = ours.settings
    settings.require("listen_secret", "procore_company_id")
    logs.configure(settings.log_level, settings.log_format)
    ours.now()  # what a thread makes first, two could make at once
    ours.jobs  # noqa: B018 - the same
    doing = Doing(partial(hints.note, ours), partial(hints.start, ours), hints.ask_to_judge)
    door = Door(settings.listen_secret.get_secret_value(), settings.procore_company_id, Rate())
    host, port = settings.listen_host, settings.listen_port
    try:
        sockets = bind_sockets(port, host)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise RefusedError(f"{host}:{port} cannot be listened on ({why}). Change LISTEN_HOST or LISTEN_PORT.") from None
    typer.echo(f"Listening on http://{host}:{port}; Ctrl-C ends it.")

    async def run() -> None:
        await serve(door, Intake(doing, settings.listen_wait_s), sockets)

    asyncio.run(run())
