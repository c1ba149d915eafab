"""`procore-xero connect` as a command against served sandboxes, and real processes that share the login it stores."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from tests.integration.forked import Program, command, program
from tests.integration.group import ROUTES, SOUTH, with_south
from tests.integration.seeds import a_claim, a_seed
from tests.ledgers import make_tables
from tests.services import PATIENCE_S, eventually
from worker.assembly import parts
from worker.cli.callback import PATH
from worker.cli.processes import free_port
from worker.cli.sandbox import environment
from worker.clock import MACHINE
from worker.errors import LoginLapsed, SyncError
from worker.ledger.database import open_engine
from worker.ledger.projects import Organisations
from worker.sandbox import Sandbox, Served

#: What another page may send a browser here with.
FOREIGN = [{"state": "of another attempt", "code": "stolen"}, {"code": "stolen"}, {"error": "access_denied"}, {}]


def caller(system: str) -> None:
    """One process of the worker: it says that it is there, waits to be told, and makes one call."""
    ours = parts()
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        print(ours.xero.organisation()["Name"] if system == "xero" else next(ours.procore.companies()))
    except SyncError as error:
        sys.exit(str(error))


class Installation:
    """A directory with a ledger, its settings, and both sandboxes behind real sockets."""

    def __init__(self, directory: Path, served: Served, sandbox: Sandbox) -> None:
        self.directory = directory
        self.served = served
        self.ledger = directory / "ledger.db"
        self.env = {
            "PATH": os.environ["PATH"],
            "COLUMNS": "80",
            "DATABASE_URL": f"sqlite:///{self.ledger}",
            "TOKEN_KEY": Fernet.generate_key().decode(),
            "CONNECT_PORT": str(free_port()),
            "XERO_GRANT": "authorization_code",
            "PROCORE_GRANT": "authorization_code",
            **environment(served, sandbox.dump()),
            **dict.fromkeys(("XERO_CALLS_PER_MINUTE", "XERO_CALLS_PER_DAY", "XERO_CALLS_AT_ONCE"), "0"),
            **dict.fromkeys(("XERO_APP_CALLS_PER_MINUTE", "PROCORE_CALLS_AT_ONCE"), "0"),
        }
        engine = open_engine(self.env["DATABASE_URL"])
        make_tables(engine)
        engine.dispose()

    def start(self, run: Callable[..., None], *words: str) -> AbstractContextManager[Program]:
        return program(run, *words, env=self.env, directory=self.directory)

    def connect(
        self, system: str, answer: Mapping[str, str] | None = None, foreign: Sequence[Mapping[str, str]] = ()
    ) -> tuple[int, str]:
        """Run the command and be its browser; `answer` comes back instead of what the system says.

        Before it, another page sends the browser here with each of `foreign`.
        """
        with self.start(command, "connect", system, "--no-browser") as running:
            said = ""
            for line in running.said:
                said += line
                if line.startswith("http"):
                    for one in foreign:
                        assert httpx.get(self.redirect_address, params=one).status_code == 400
                    self._browse(line.strip(), answer)
                    break
            code, rest = running.ends()
        return code, said + rest

    @property
    def redirect_address(self) -> str:
        return f"http://localhost:{self.env['CONNECT_PORT']}{PATH}"

    def _browse(self, url: str, answer: Mapping[str, str] | None) -> None:
        back = httpx.get(url).headers["location"]
        if answer is not None:
            state = dict(httpx.URL(back).params)["state"]
            back = str(httpx.URL(back.partition("?")[0]).copy_merge_params({"state": state, **answer}))
        assert httpx.get(self.redirect_address.replace(PATH, "/favicon.ico")).status_code == 404
        page = httpx.get(back)
        assert (page.status_code, "You may close this window" in page.text) == (200, True)

    def call(self, system: str = "xero") -> tuple[int, str]:
        """One process makes one call."""
        with self.caller(system) as running:
            running.type("go")
            return running.ends()

    @contextmanager
    def caller(self, system: str = "xero") -> Iterator[Program]:
        with self.start(caller, system) as running:
            assert running.said.readline() == "ready\n", running.ends()
            yield running

    def grows_old(self) -> None:
        """Two hours pass for the tokens that are stored; nothing of what the systems think of them changes."""
        then = datetime.now(UTC) - timedelta(hours=2)
        with sqlite3.connect(self.ledger) as connection:
            connection.execute("UPDATE tokens SET refreshed_at = ?, expires_at = ?", (str(then)[:26], str(then)[:26]))

    def row(self, system: str = "xero") -> dict[str, Any]:
        with sqlite3.connect(self.ledger) as connection:
            connection.row_factory = sqlite3.Row
            return dict(connection.execute("SELECT * FROM tokens WHERE system = ?", (system,)).fetchone() or {})

    def url(self, system: str) -> str:
        return self.served.xero_url if system == "xero" else self.served.procore_url

    def renewals(self, system: str = "xero") -> int:
        """Calls to the token address; the first one was for the code."""
        entries = httpx.get(f"{self.url(system)}/_sandbox/journal").json()["entries"]
        return len([entry for entry in entries if entry["path"].endswith("/token")]) - 1

    def slow_token_address(self, system: str, seconds: float) -> None:
        fault = {"kind": "slow", "path": "/token$", "seconds": seconds}
        httpx.post(f"{self.url(system)}/_sandbox/faults", json=fault).raise_for_status()

    def forget_faults(self, system: str) -> None:
        """What is slow goes on."""
        httpx.delete(f"{self.url(system)}/_sandbox/faults").raise_for_status()

    def is_asked_for_a_token(self, system: str) -> bool:
        """Whether the slow one has taken the call."""
        return not httpx.get(f"{self.url(system)}/_sandbox/faults").json()["faults"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    sandbox = Sandbox(a_seed(claims=[a_claim(11)]))
    with sandbox.serve() as served:
        yield Installation(tmp_path, served, sandbox)


@pytest.mark.parametrize(("system", "reached"), [("xero", "organisation "), ("procore", "company ")])
def test_a_person_connects_once_and_processes_use_it(here: Installation, system: str, reached: str) -> None:
    """From the printed address to another process's first call, at 80 columns; and no secret is printed or stored.

    An answer to another attempt, by which somebody would log us in as themselves, neither counts nor ends the wait.
    """
    code, said = here.connect(system, foreign=FOREIGN)
    assert code == 0, said
    assert f"{system.capitalize()} is connected: {reached}" in said
    assert max(len(line) for line in said.splitlines() if not line.startswith("http")) <= 80
    assert here.call(system)[0] == 0
    stored = b"".join(path.read_bytes() for path in here.directory.glob("ledger.db*")).decode("latin-1")
    assert "sandbox-" in stored
    for secret in ("sandbox-xero-secret", "sandbox-procore-secret", here.env["TOKEN_KEY"]):
        assert secret not in said + stored
    assert here.row(system)["access_token"].startswith("gAAAA")
    assert here.renewals(system) == 0


def test_connecting_ends_the_parking_of_a_lapsed_login(here: Installation) -> None:
    """At once: the next pass starts the jobs again."""
    here.connect("xero")
    engine = open_engine(here.env["DATABASE_URL"])
    organisations, tenant_id = Organisations(engine, MACHINE.now), here.row()["tenant_id"]
    organisations.park(tenant_id, 86_400, str(LoginLapsed("Xero")))
    here.connect("xero")
    assert organisations.parked(tenant_id) is None
    engine.dispose()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"error": "access_denied"}, "Run the command again, and allow it there."),
        ({"error": "invalid_scope"}, "Tick the scopes"),
        ({"code": "made-up"}, "refuses the code"),
        ({}, "came back without a code"),
    ],
)
def test_what_comes_back_wrong_stores_nothing(here: Installation, answer: Mapping[str, str], says: str) -> None:
    """One sentence, an exit code, and the ledger as it was."""
    code, said = here.connect("xero", answer)
    assert (code, here.row()) == (4, {})
    assert says in " ".join(said.split())
    assert "Traceback" not in said


def test_which_organisation_is_never_guessed(here: Installation) -> None:
    """A login that reaches several asks for XERO_TENANT_ID by name; once set, the stored login does."""
    others = [
        {"tenantId": "7e57a000-0000-4000-8000-00000000000b", "tenantName": "Rowe Holdings"},
        {"tenantId": "p-1", "tenantName": "Adviser", "tenantType": "PRACTICE"},
    ]
    httpx.post(f"{here.served.xero_url}/_sandbox/connections", json=others).raise_for_status()
    code, said = here.connect("xero")
    said = " ".join(said.split())
    assert code == 2
    assert "7e57a000-0000-4000-8000-00000000000b (Rowe Holdings)" in said
    assert "Adviser" not in said
    assert "Set XERO_TENANT_ID" in said
    code, said = here.call()
    assert code != 0
    assert "XERO_TENANT_ID" in said
    own = httpx.get(f"{here.served.xero_url}/_sandbox/dump").json()["tenant_id"]
    here.env["XERO_TENANT_ID"] = own
    assert here.call()[0] == 0


def test_a_login_is_for_all_organisations_that_the_mapping_file_names(tmp_path: Path) -> None:
    """Connected is said when each of them is reached; before that, which one is missing and what to do."""
    sandbox = Sandbox(with_south(a_seed()))
    with sandbox.serve() as served:
        here = Installation(tmp_path, served, sandbox)
        stranger = "7e57a000-0000-4000-8000-00000000000c"
        (tmp_path / "mapping.toml").write_text(ROUTES.replace(SOUTH, stranger))
        code, said = here.connect("xero")
        said = " ".join(said.split())
        assert code == 2
        assert f"but not South ({stranger}) of the mapping file. Run the command again" in said
        (tmp_path / "mapping.toml").write_text(ROUTES)
        code, said = here.connect("xero")
    assert code == 0, said
    assert "Xero is connected: organisations Northern Pty Ltd, Southern Pty Ltd." in " ".join(said.split())


def test_an_app_that_logs_in_as_itself_is_not_connected(here: Installation) -> None:
    """The command says which setting makes it needed."""
    here.env["XERO_GRANT"] = "client_credentials"
    with here.start(command, "connect", "xero") as running:
        code, said = running.ends()
    assert (code, "XERO_GRANT=authorization_code" in said) == (2, True)


def test_a_port_that_is_taken_is_one_sentence(here: Installation) -> None:
    """With the setting that names another one."""
    taken = ("127.0.0.1", int(here.env["CONNECT_PORT"]))
    with socket.create_server(taken), here.start(command, "connect", "xero") as running:
        code, said = running.ends()
    assert (code, "CONNECT_PORT" in said) == (2, True)


def test_two_processes_renew_once(here: Installation) -> None:
    """Whoever comes first asks; the other one waits for what it is given."""
    here.connect("xero")
    here.grows_old()
    here.slow_token_address("xero", 1.0)
    with here.caller() as first, here.caller() as second:
        for running in (first, second):
            running.type("go")
        ended = [running.ends() for running in (first, second)]
    assert [code for code, _ in ended] == [0, 0], ended
    assert here.renewals() == 1
    assert here.row()["version"] == 2


@pytest.mark.parametrize(("system", "code"), [("xero", 0), pytest.param("procore", 1, marks=pytest.mark.deep)])
def test_a_process_killed_while_it_renews(here: Installation, system: str, code: int) -> None:
    """Its answer is lost with it. At Xero the next one renews with the same refresh token, at Procore a person must."""
    here.connect(system)
    here.grows_old()
    here.slow_token_address(system, PATIENCE_S)
    with here.caller(system) as killed:
        killed.type("go")
        eventually(lambda: here.is_asked_for_a_token(system))
        killed.kill()
        here.forget_faults(system)
        eventually(lambda: here.renewals(system) == 1)
    ended, said = here.call(system)
    assert (ended, here.renewals(system)) == (code, 2), said
    assert ("Procore's login has lapsed; run `procore-xero connect procore`." in said) == (system == "procore")
    if system == "procore":
        assert here.connect("procore")[0] == 0
        assert here.call("procore")[0] == 0


def test_the_redirect_address_is_the_one_that_is_documented(here: Installation) -> None:
    """docs/setup.md tells which one to register; Xero allows localhost, and not 127.0.0.1."""
    with here.start(command, "connect", "xero", "--no-browser") as running:
        url = next(line for line in running.said if line.startswith("http"))
    asked = httpx.URL(url.strip()).params
    assert asked["redirect_uri"] == f"http://localhost:{here.env['CONNECT_PORT']}{PATH}"
    assert re.fullmatch(r"[\w-]{43}", asked["state"])
    assert re.fullmatch(r"[\w-]{43}", asked["code_challenge"])
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"].split()[0] == "offline_access"
