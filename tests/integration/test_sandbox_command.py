"""`procore-xero sandbox` as a process: serves both APIs, ends when told to, and leaves the books behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.services import PATIENCE_S
from worker.sandbox import Sandbox
from worker.sandbox.seed import read_seed_file

COMMAND = [sys.executable, "-c", "from worker.cli import main; main()", "sandbox"]


@contextmanager
def sandbox(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The running command and the settings that it printed; killed when the test did not end it."""
    process = subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        yield process, dict(re.findall(r"^export (\w+)=(.*)$", said, flags=re.MULTILINE))
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_both_until_it_is_told_to_stop_and_dumps_the_books(tmp_path: Path, number: signal.Signals) -> None:
    """The printed settings are enough to log in; the dump is a seed again, with what happened meanwhile."""
    books = tmp_path / "books.json"
    with sandbox("--dump", str(books)) as (process, settings):
        for api in ("PROCORE", "XERO"):
            token = httpx.post(
                settings[f"{api}_TOKEN_URL"],
                data={
                    "grant_type": "client_credentials",
                    "client_id": settings[f"{api}_CLIENT_ID"],
                    "client_secret": settings[f"{api}_CLIENT_SECRET"],
                },
            )
            assert token.status_code == 200, token.text
        company = settings["PROCORE_COMPANY_ID"]
        vendor = f"{settings['PROCORE_API_URL']}/_sandbox/records/vendors/-/990001"
        assert httpx.put(vendor, json={"name": "Made Meanwhile", "company_id": int(company)}).is_success
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, errors) == (0, "")
    dumped = read_seed_file(books)
    assert any(row["id"] == 990001 for row in dumped["procore"]["vendors"])
    Sandbox(dumped)


def test_a_taken_port_is_one_sentence() -> None:
    """A port in use is a plain refusal with exit code 2, and no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "--procore-port", str(port)], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    assert done.returncode == 2
    assert done.stderr == f"Port {port} cannot be used ({os.strerror(98)}). Choose another; 0 is any free one.\n"
