"""`start` says what is missing before it starts anything, and commands find the broker that it keeps."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from worker.assembly import Parts
from worker.broker import own
from worker.broker.address import Address
from worker.cli import broker, init, start
from worker.cli.exits import Exit, RefusedError
from worker.errors import ConfigError
from worker.settings import Settings, settings

GIVEN = {
    "PROCORE_CLIENT_ID": "p",
    "PROCORE_CLIENT_SECRET": "p",
    "PROCORE_COMPANY_ID": "1",
    "XERO_CLIENT_ID": "x",
    "XERO_CLIENT_SECRET": "x",
}


@contextmanager
def _taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_what_is_missing_is_said_one_after_the_other(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings, mapping file, ledger, Flower's port: each sentence names what to do, and nothing is started."""

    def says(*options: str) -> str:
        settings.cache_clear()
        done = run("start", *options)
        assert done.exit_code == Exit.REFUSED
        return done.stderr

    assert "Not set: PROCORE_CLIENT_ID" in says()
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    assert "procore-xero init" in says()
    shutil.copy(init.TEMPLATE, tmp_path / "mapping.toml")
    assert "procore-xero migrate" in says()
    assert run("migrate").exit_code == Exit.DONE
    with _taken() as port:
        assert f"Another program has port {port}" in says("--port", str(port))
    assert not own.folder(tmp_path).exists()


def test_a_second_one_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """It would take the first one's broker away."""
    with (
        start._alone(tmp_path),
        pytest.raises(Exception, match="runs in this folder already"),
        start._alone(tmp_path),
    ):
        pass
    with start._alone(tmp_path):
        pass


@pytest.mark.usefixtures("ledger")
def test_a_second_one_is_told_of_the_first_and_not_of_its_port(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The first one has Flower's port, which is no other program's."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    shutil.copy(init.TEMPLATE, tmp_path / "mapping.toml")
    settings.cache_clear()
    with start._alone(tmp_path), _taken() as port:
        assert "runs in this folder already" in run("start", "--port", str(port)).stderr


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    """By the setting that names it."""
    with pytest.raises(RefusedError, match=r"missing/procore-xero\.lock cannot be made .* STATE_DIR"):
        start._alone(tmp_path / "missing").__enter__()


def test_every_command_finds_the_broker_that_start_keeps(tmp_path: Path) -> None:
    """Also while it is away: another Redis on the usual port is not taken for it. A name that was given goes before."""
    assert Settings(state_dir=tmp_path).redis == Address("127.0.0.1", 6379, 0)
    own.folder(tmp_path).mkdir()
    assert Settings(state_dir=tmp_path).redis == Address("", 0, 0, str(tmp_path / "broker" / "redis.sock"))
    assert Settings(state_dir=tmp_path, redis_url="redis://other").redis == Address("other", 6379, 0)


def test_its_processes_are_told_where_the_broker_is(ledger: Parts, tmp_path: Path) -> None:
    """Whatever stands in the folder when one of them is started again."""
    found = Settings(state_dir=tmp_path)
    assert Settings(redis_url=start._environment(found)["REDIS_URL"]).redis.socket == str(own.socket(tmp_path))
    assert "REDIS_URL" not in start._environment(Settings(redis_url="redis://other"))


def test_the_broker_listens_on_no_port_and_to_nobody_else(tmp_path: Path) -> None:
    """Whoever reaches the broker can start jobs."""
    command = broker.own_server(tmp_path)
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert (options["--port"], options["--unixsocketperm"], options["--appendonly"]) == ("0", "700", "yes")
    assert own.folder(tmp_path).stat().st_mode & 0o077 == 0
    assert not broker.own_answers(tmp_path)


def test_without_a_server_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot run is as good as none."""
    monkeypatch.setattr(broker, "_installed_server", lambda: "/bin/false")
    monkeypatch.setattr(broker, "_bundled_server", lambda: None)
    with pytest.raises(ConfigError, match="Install redis-server"):
        broker.own_server(tmp_path)


def test_a_path_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Name a shorter STATE_DIR"):
        broker.own_server(tmp_path / ("long" * 30))
