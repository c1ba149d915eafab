"""docs/operations.md, typed: every command in it, in its order, against an installation on the sandboxes.

A program called `docker` stands in for the engine where a command runs in a container; what starts and stops containers
is done by the test, as services of docker-compose.yml that run here.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import compose
from tests.acceptance.engine import Engine, as_json, require_programs
from tests.services import PATIENCE_S, eventually
from worker.assembly import Parts
from worker.cli.processes import Processes
from worker.settings import Settings

pytestmark = [pytest.mark.acceptance, pytest.mark.deep, pytest.mark.timeout(1800)]

ROOT = compose.ROOT
GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
#: What needs an engine, or another commit: what is in it is tested in test_compose.py, and at the image's own place.
ELSEWHERE = (
    "docker compose --profile sandbox up --build",
    "docker compose --profile sandbox down --volumes",
    "docker compose build",
    "git pull --ff-only",
)
#: What ends with 1 when it has something to say, as it has about the demo's data on purpose.
MAY_COMPLAIN = ("plan", "status", "problems", "doctor")
#: Runs a command where the engine would, in a container of this name.
DOCKER = """#!{python}
import json, os, re, sys
known = json.load(open({state!r}))
verb, *words = sys.argv[2:]
assert sys.argv[1] == "compose" and verb in ("exec", "run"), sys.argv
while words[0].startswith("-"):
    assert words.pop(0) in ("-T", "--rm"), sys.argv
service = known["services"][words[0]]
typed = [re.sub(known["pattern"], lambda one: known["instead"][one[0]], word) for word in words[1:]]
command = typed or service["command"]
os.chdir(service["directory"])
os.execvpe(command[0], command, service["environment"])
"""


def guide() -> dict[str, list[list[str]]]:
    """The commands of each section, block by block."""
    found: dict[str, list[list[str]]] = {}
    for section in GUIDE.split("\n## ")[1:]:
        title = section.partition("\n")[0]
        blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        found[title] = [block.splitlines() for block in blocks]
    return found


@dataclass
class Operator:
    """Somebody who types the guide, in a checkout of their own."""

    engine: Engine
    typed: list[list[str]] = field(default_factory=list)

    def types(self, section: str, number: int = 0) -> None:
        """One block of the guide, line by line; each line ends well."""
        block = guide()[section][number]
        self.typed.append(block)
        for line in block:
            self._type(line)

    def _type(self, line: str) -> None:
        words = shlex.split(line)
        if line in ELSEWHERE:
            return
        if words[:2] == ["docker", "compose"] and words[2] not in ("exec", "run"):
            self._engine(words[2], words[3:])
            return
        if words[:3] == ["docker", "compose", "run"]:
            assert self.engine.is_healthy("redis"), "run starts what it depends on"
        self.shell(line)

    def shell(self, line: str, cwd: Path | None = None, **env: str) -> str:
        """A line in a shell, whose `docker` is ours."""
        programs = self.engine.directory / "programs"
        state = programs / "state.json"
        if Path(self.engine.root, ".installations", "acme", "settings.env").exists():
            state.write_text(as_json(self.engine))
        path = f"{programs}:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", line],
            cwd=cwd or self.engine.root,
            env={"PATH": path, **env},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        may = (0, 1) if any(f"procore-xero {word}" in line for word in MAY_COMPLAIN) else (0,)
        assert done.returncode in may, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _engine(self, verb: str, words: list[str]) -> None:
        options = [word for word in words if word.startswith("-")]
        names = [word for word in words if not word.startswith("-") and "=" not in word]
        scaled = {name: int(number) for name, _, number in (w.partition("=") for w in words if "=" in w)}
        assert set(names) | set(scaled) <= set(self.engine.file["services"])
        if verb == "down":
            assert set(options) <= {"--volumes"}
            self._stop([name for name in reversed(list(self.engine.processes.pids())) if name != "sandbox"])
        elif verb == "stop":
            self._stop(names)
        else:
            assert verb in ("up", "start")
            assert set(options) <= {"-d", "--force-recreate", "--scale"}
            if "--force-recreate" in options:
                self._stop(names)
            self._up(
                names
                or [name for name, service in self.engine.file["services"].items() if not service.get("profiles")],
                scaled,
            )

    def _up(self, names: list[str], scaled: dict[str, int]) -> None:
        for name in sorted(set(names) - {"postgres"}, key=_order):
            if name not in self.engine.processes.pids():
                self.engine.start(name)
                if name == "redis":  # the others wait for it
                    self.engine.wait_until_healthy(name)
        for name, number in scaled.items():
            for extra in range(2, number + 1):
                self.engine.start(name, called=f"{name}-{extra}")
        if "worker" in names:
            self.engine.wait_until_healthy("worker")

    def _stop(self, names: list[str]) -> None:
        for name in names:
            self.engine.stop(name)


def _order(name: str) -> int:
    return ["redis", "migrate", "worker", "beat", "flower"].index(name)


@dataclass(frozen=True)
class Books:
    """What the test sees of the running installation: the job table, and the sandboxes' own books."""

    engine: Engine
    parts: Parts

    def dump(self, api: str) -> dict[str, Any]:
        port = self.engine.ports["8001" if api == "procore" else "8002"]
        found: dict[str, Any] = httpx.get(f"http://127.0.0.1:{port}/_sandbox/dump").json()
        return found

    def live_numbers(self) -> list[str]:
        bills = self.dump("xero")["invoices"]
        return sorted(row["InvoiceNumber"] for row in bills if row["Status"] not in ("VOIDED", "DELETED"))

    def finished(self, more_than: int = 0) -> int:
        """Waits until no job waits or runs, and returns the number of the newest one, which is a later one."""

        def ended() -> bool:
            jobs = self.parts.jobs.latest().values()
            newest = max((job.id for job in jobs), default=0)
            return newest > more_than and all(job.state in ("done", "held", "failed") for job in jobs)

        eventually(ended)
        return max(job.id for job in self.parts.jobs.latest().values())

    def enter_claim(self, number: str) -> None:
        """A copy of an approved claim is entered and approved in Procore, under another number."""
        claims = self.dump("procore")["requisitions"]
        project_id, claim = next((id_, row) for id_, rows in claims.items() for row in rows if _is_plain(row))
        address = f"http://127.0.0.1:{self.engine.ports['8001']}/_sandbox/records/requisitions/{project_id}/990001"
        copy = {name: value for name, value in claim.items() if name not in ("id", "updated_at")}
        httpx.put(address, json={**copy, "invoice_number": number}).raise_for_status()


def _is_plain(claim: dict[str, Any]) -> bool:
    return bool(claim["status"] == "approved" and float(claim["summary"]["current_payment_due"]) > 0)


@pytest.fixture
def operator(tmp_path: Path, postgres_url: str) -> Iterator[Operator]:
    require_programs("redis-server", "redis-cli", "pg_dump", "pg_restore", "psql")
    checkout, programs = tmp_path / "checkout", tmp_path / "programs"
    for folder in (checkout / "worker" / "cli", programs):
        folder.mkdir(parents=True)
    shutil.copytree(ROOT / ".installations" / "sandbox", checkout / ".installations" / "sandbox")
    shutil.copy(ROOT / "worker" / "cli" / "mapping_template.toml", checkout / "worker" / "cli")
    (programs / "docker").write_text(DOCKER.format(python=sys.executable, state=str(programs / "state.json")))
    (programs / "docker").chmod(0o755)
    with Processes(tmp_path / "logs", grace_s=1) as processes:
        yield Operator(Engine(tmp_path, processes, postgres_url, checkout, "acme"))
        processes.stop()


def _fill_in(operator: Operator) -> None:
    """What the guide leaves to the reader: README's settings, whose Procore and whose Xero, and which accounts."""
    sandbox, acme = (operator.engine.root / ".installations" / name for name in ("sandbox", "acme"))
    (template,) = re.findall(r"^```ini\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    wanted = {line.partition("=")[0] for line in template.splitlines()}
    filled = (sandbox / "settings.env").read_text()
    for name in ("procore_client_secret", "xero_client_secret", "flower_login"):
        filled += f"{name.upper()}={(sandbox / 'secrets' / name).read_text()}"
    assert wanted <= set(re.findall(r"^(\w+)=", filled, re.MULTILINE))
    (acme / ".env").write_text(filled)
    shutil.copy(ROOT / "worker" / "cli" / "demo_mapping.toml", acme / "mapping.toml")


def test_the_guide_can_be_typed_from_install_to_uninstall(operator: Operator) -> None:
    """Every command ends well, the books are right after each section, and an old backup sends nothing twice."""
    engine = operator.engine
    operator.types("Try it", 0)
    operator.types("Install", 0)
    operator.types("Install", 1)
    _fill_in(operator)
    operator.types("Install", 2)
    engine.start("sandbox")
    engine.wait_until_healthy("sandbox")
    with engine.database_user():
        parts = Parts(Settings(database_url=engine.database_url))
        _from_connect_to_uninstall(operator, Books(engine, parts))
        parts.engine.dispose()
        blocks = [block for listed in guide().values() for block in listed]
        assert [block for block in blocks if block not in operator.typed] == [], "not typed"


def _from_connect_to_uninstall(operator: Operator, books: Books) -> None:
    operator.types("Connect")
    before = books.live_numbers()
    operator.types("First sync")
    last = books.finished()
    sent = books.live_numbers()
    assert len(sent) > len(before)
    operator.types("Schedule")
    operator.types("Retry")
    last = books.finished(last)
    operator.types("Pause")
    operator.types("Upgrade")
    assert books.live_numbers() == sent
    last = books.finished(last)

    operator.types("Back up and restore", 0)
    books.enter_claim("LOST-1")
    operator.types("Retry")
    last = books.finished(last)
    assert books.live_numbers() == sorted([*sent, "LOST-1"])
    operator.types("Back up and restore", 1)
    operator.types("Retry")
    books.finished(0)
    assert books.live_numbers() == sorted([*sent, "LOST-1"])
    _on_sqlite(operator)

    old = operator.engine.password()
    operator.types("Rotate keys", 0)
    operator.types("Rotate keys", 1)
    assert operator.engine.password() != old
    old = operator.engine.secret("redis_password")
    operator.types("Rotate keys", 2)
    assert operator.engine.secret("redis_password") != old
    operator.types("Scale out")
    assert {"worker", "worker-2"} <= set(operator.engine.processes.pids())
    operator.types("Another Xero organisation")
    assert set(operator.engine.processes.pids()) == {"sandbox"}
    operator.types("Uninstall")
    assert not Path(operator.engine.root, ".installations", "acme").exists()
    assert Path(operator.engine.root, "acme-last.dump").stat().st_size > 0


def _on_sqlite(operator: Operator) -> None:
    """The same two blocks for an installation without containers."""
    folder = operator.engine.directory / "without-containers"
    folder.mkdir()
    operator.shell("procore-xero migrate", cwd=folder)
    for number in (2, 3):
        block = guide()["Back up and restore"][number]
        operator.typed.append(block)
        for line in block:
            operator.shell(line, cwd=folder)
    assert (folder / "procore-xero.db").read_bytes() == (folder / "ledger-backup.db").read_bytes()
