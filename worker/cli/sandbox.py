"""`procore-xero sandbox`: serves a Procore and a Xero on this machine, until it is told to stop.

The sandbox is known here only by its public interface; it needs the packages of the extra `demo`.
"""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.exits import RefusedError
from worker.errors import ConfigError

if TYPE_CHECKING:
    from worker.sandbox import Sandbox, Served


def command(
    procore_port: Annotated[int, typer.Option(min=0, max=65535, help="Procore's port; 0: any free one.")] = 0,
    xero_port: Annotated[int, typer.Option(min=0, max=65535, help="Xero's port; 0: any free one.")] = 0,
    host: Annotated[str, typer.Option(help="Address to listen on. It asks for no login.")] = "127.0.0.1",
    seed: Annotated[Path | None, typer.Option(help="Start from this seed file instead of the demo's.")] = None,
    dump: Annotated[Path | None, typer.Option(help="Write the books into this file at the end.")] = None,
) -> None:
    """Serve a Procore and a Xero to try things with, until Ctrl-C."""
    if dump is not None and (dump.is_dir() or not dump.parent.is_dir()):
        raise RefusedError(f"The books cannot be written to {dump}: there is no such directory, or it is one itself.")
    sandbox = _read(seed)
    with _serve(sandbox, procore_port, xero_port, host) as served:
        asked_to_stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: asked_to_stop.set())
        typer.echo("\n".join(_greeting(served, sandbox.dump())))
        asked_to_stop.wait()
    if dump is not None:
        import msgspec

        from worker.http import exact_json

        dump.write_text(msgspec.json.format(exact_json.dumps(sandbox.dump()), indent=1) + "\n", encoding="utf-8")
        typer.echo(f"The books are in {dump}.")


@contextmanager
def its_errors_in_ours() -> Iterator[None]:
    """The sandbox knows none of our errors: a wrong seed is refused, a missing package is a sentence."""
    try:
        from worker.sandbox import SeedError
    except ImportError as error:
        raise ConfigError(
            f"The sandbox needs {error.name}, which is not installed here: in a checkout `make demo` brings it, and so "
            "does `pip install '.[demo]'`; in containers `docker compose --profile sandbox up`."
        ) from None
    try:
        yield
    except SeedError as error:
        raise RefusedError(str(error)) from None


def _read(seed: Path | None) -> Sandbox:
    with its_errors_in_ours():
        from worker.sandbox import Sandbox
        from worker.sandbox.seed import read_seed_file

        return Sandbox(read_seed_file(seed) if seed else None)


def _serve(sandbox: Sandbox, procore_port: int, xero_port: int, host: str) -> Served:
    try:
        return sandbox.serve(procore_port, xero_port, host)
    except OSError as error:
        ports = " or ".join(str(port) for port in (procore_port, xero_port) if port)
        why = os.strerror(error.errno) if error.errno else str(error)
        raise RefusedError(f"Port {ports} cannot be used ({why}). Choose another; 0 is any free one.") from None


def addresses(procore_url: str, xero_url: str) -> dict[str, str]:
    """The settings by which the worker finds both."""
    return {
        "PROCORE_API_URL": procore_url,
        "PROCORE_TOKEN_URL": f"{procore_url}/oauth/token",
        "PROCORE_AUTHORIZE_URL": f"{procore_url}/oauth/authorize",
        "XERO_API_URL": f"{xero_url}/api.xro/2.0",
        "XERO_TOKEN_URL": f"{xero_url}/connect/token",
        "XERO_AUTHORIZE_URL": f"{xero_url}/identity/connect/authorize",
    }


def page(procore_url: str) -> str:
    """Where a person plays both companies."""
    from worker.sandbox import ADDRESS

    return f"{procore_url}{ADDRESS}"


def environment(served: Served, books: Mapping[str, Any]) -> dict[str, str]:
    """The settings with which the worker finds these books and is let in."""
    procore, xero = books["procore"], books["xero"]
    return addresses(served.procore_url, served.xero_url) | {
        "PROCORE_CLIENT_ID": procore["credentials"]["client_id"],
        "PROCORE_CLIENT_SECRET": procore["credentials"]["client_secret"],
        "PROCORE_COMPANY_ID": str(next((company["id"] for company in procore["companies"]), 0)),
        "XERO_CLIENT_ID": xero["credentials"]["client_id"],
        "XERO_CLIENT_SECRET": xero["credentials"]["client_secret"],
    }


def _greeting(served: Served, books: Mapping[str, Any]) -> list[str]:
    return [
        f"Procore  {served.procore_url}",
        f"Xero     {served.xero_url}",
        f"Page     {page(served.procore_url)}  to approve a claim, enter a supplier, take Xero away",
        "",
        "For the worker, in its shell or in a file named .env:",
        *(f"export {name}={shlex.quote(value)}" for name, value in environment(served, books).items()),
        "",
        "Ctrl-C ends both.",
    ]
