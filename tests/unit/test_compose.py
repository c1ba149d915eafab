"""docker-compose.yml without Docker: what it starts exists, with those options, as the demo starts it.

That each service runs with its own environment, and that its health check tells the truth, is tested with real
processes in tests/acceptance/test_compose.py.
"""

from __future__ import annotations

import importlib.resources
import io
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import click
import flower.options  # noqa: F401 - defines Flower's options
import pytest
import typer.main
import yaml
from celery.bin.base import CLIContext
from celery.bin.celery import celery as celery_command
from dotenv import dotenv_values
from jsonschema.validators import validator_for
from tornado.options import options as flower_options

from tests import compose, image
from worker.celery import app as celery_app
from worker.cli.app import app as cli
from worker.cli.celery_programs import FLOWER_CONFIG
from worker.cli.processes import Processes
from worker.cli.system import System
from worker.sandbox.seed import read_seed
from worker.settings import Settings

ROOT = compose.ROOT
COMPOSE = compose.read()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
INSTALLATION = ROOT / ".installations" / "sandbox"
STAGES = image.stages()
#: By version and by digest: what runs tomorrow is what ran today, to the byte.
PINNED = re.compile(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+@sha256:[0-9a-f]{64}")


def _words(service: str) -> list[str]:
    return compose.words(SERVICES[service])


def _celery(service: str) -> list[str]:
    """The subcommand and its options; the app is ours."""
    program, *words = _words(service)
    assert [program, *words[:2]] == ["celery", "-A", "worker.celery"]
    return words[2:]


def _parsed(command: click.Command, words: list[str]) -> click.Context:
    """As the program itself would read its options; raises for one that it does not have."""
    obj = CLIContext(celery_app, no_color=True, workdir=".")
    return command.make_context(words[0], words[1:], obj=obj)


class _Started:
    """Stands where the demo's supervisor would be."""

    def __init__(self) -> None:
        self.commands: dict[str, Sequence[str]] = {}

    def start(self, name: str, command: Sequence[str], *_: object) -> None:
        self.commands[name] = command


def _demos_options(service: str) -> set[str]:
    started = _Started()
    system = System(cast(Processes, started), Path("/data"))
    system.worker(1)
    system.beat()
    system.flower()
    _, *words = started.commands[service]
    assert words[:5] == ["-m", "celery", "-A", "worker.celery", "--quiet"]  # a log needs no greeting
    return _options(words[5:]) - {"-c"}  # how many jobs at once: the settings say it where nobody else does


def _options(words: Sequence[str]) -> set[str]:
    return {word.split("=")[0] for word in words if word.startswith("-")}


@pytest.mark.parametrize("service", ["worker", "beat"])
def test_celerys_commands_take_these_options(service: str) -> None:
    """A misspelt option would be found by the first `docker compose up` only."""
    subcommand, *_ = words = _celery(service)
    assert _parsed(celery_command.commands[subcommand], words).args == []


def test_flower_takes_these_options() -> None:
    """Flower ignores an option that it does not know, so the test asks it what it knows."""
    subcommand, *words = _celery("flower")
    assert subcommand == "flower"
    assert {option.removeprefix("--") for option in _options(words)} <= set(flower_options.as_dict())


@pytest.mark.parametrize("service", ["migrate", "listen", "sandbox"])
def test_our_commands_take_these_options(service: str) -> None:
    """Our own command has every subcommand and option that is used."""
    program, *words = _words(service)
    assert program == "procore-xero"
    ours = cast(click.Group, typer.main.get_command(cli))
    assert _parsed(ours.commands[words[0]], words).args == []


@pytest.mark.parametrize("service", ["worker", "beat", "flower"])
def test_the_demo_starts_the_same_commands(service: str) -> None:
    """What works in the demo works in production: the same programs with the same options, whatever their values."""
    assert _options(_celery(service)) == _demos_options(service)


def test_the_worker_takes_from_every_queue_that_is_filled_manual_first() -> None:
    """A queue that nobody reads is a job that never runs; the order is the priority."""
    queues = _parsed(celery_command.commands["worker"], _celery("worker")).params["queues"]
    routed = [route["queue"] for route in celery_app.conf.task_routes.values()]
    assert list(queues) == ["manual", "periodic"]
    assert {celery_app.conf.task_default_queue, *routed} == set(queues)


def test_paths_in_the_image_are_paths_in_this_repository() -> None:
    """The image keeps the repository under /app."""
    (conf,) = (word for word in _words("flower") if word.startswith("--conf="))
    assert conf == f"--conf=/app/{FLOWER_CONFIG.relative_to(ROOT)}"
    assert (ROOT / SERVICES["worker"]["build"]["dockerfile"]).is_file()
    mapping_file = compose.environment(SERVICES["worker"])["MAPPING_FILE"]
    assert (INSTALLATION / mapping_file.removeprefix("/config/")).is_file()


def test_readmes_settings_become_those_of_an_installation(tmp_path: Path) -> None:
    """As the guide types it: what is secret a file of its name, the rest as it was, and nothing is left behind."""
    ours = tmp_path / ".installations" / "acme"
    (ours / "secrets").mkdir(parents=True)
    (written,) = re.findall(r"^```ini\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (ours / ".env").write_text(f"{written}XERO_SCOPES=a b\n", encoding="utf-8")
    guide = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (block,) = re.findall(r"^```sh\n(for name in .*?)^```", guide, re.MULTILINE | re.DOTALL)
    typed = "".join(line for line in block.splitlines(keepends=True) if not line.startswith("docker"))
    subprocess.run(["/bin/bash", "-euo", "pipefail", "-c", typed], cwd=tmp_path, check=True)
    found = {**dotenv_values(ours / "settings.env")}
    assert not found.keys() & {name.upper() for name in COMPOSE["secrets"]}
    found |= {file.name.upper(): file.read_text("utf-8").strip() for file in (ours / "secrets").iterdir()}
    assert found == {**dotenv_values(stream=io.StringIO(written)), "XERO_SCOPES": "a b"}
    assert not (ours / ".env").exists()


def test_every_setting_is_one_that_we_have() -> None:
    """A misspelt setting is silently the default, and so is a misspelt secret."""
    known = {name.upper() for name in Settings.model_fields}
    for service in OURS.values():
        assert set(compose.environment(service)) <= known
    assert {name.upper() for name in COMPOSE["secrets"]} <= known


def test_the_sandboxes_are_reached_with_their_own_credentials() -> None:
    """The installation `sandbox` fits the seed and the ports that the sandbox service is started with."""
    assert [name for name, service in SERVICES.items() if "sandbox" in service.get("profiles", [])] == ["sandbox"]
    seed = read_seed()
    ports = _parsed(cast(click.Group, typer.main.get_command(cli)).commands["sandbox"], _words("sandbox")[1:]).params
    procore, xero = (f"http://sandbox:{ports[f'{name}_port']}" for name in ("procore", "xero"))
    secrets = {name: path.read_text().strip() for name, path in compose.secrets(SERVICES["worker"], COMPOSE).items()}
    given = {**compose.environment(SERVICES["worker"]), **{name.upper(): value for name, value in secrets.items()}}
    assert {name: given[name] for name in sorted(given) if name.startswith(("PROCORE", "XERO"))} == {
        "PROCORE_CLIENT_ID": seed["procore"]["credentials"]["client_id"],
        "PROCORE_CLIENT_SECRET": seed["procore"]["credentials"]["client_secret"],
        "PROCORE_COMPANY_ID": str(seed["procore"]["companies"][0]["id"]),
        "PROCORE_API_URL": procore,
        "PROCORE_TOKEN_URL": f"{procore}/oauth/token",
        "XERO_CLIENT_ID": seed["xero"]["credentials"]["client_id"],
        "XERO_CLIENT_SECRET": seed["xero"]["credentials"]["client_secret"],
        "XERO_API_URL": f"{xero}/api.xro/2.0",
        "XERO_TOKEN_URL": f"{xero}/connect/token",
    }


def test_what_a_service_waits_for_is_there() -> None:
    """Names of services, volumes and secrets fit together, and nothing works on a ledger before it is migrated."""
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        named = {mount.split(":")[0] for mount in service.get("volumes", []) if not mount.startswith("./")}
        assert named <= set(COMPOSE["volumes"])
        assert all(path.is_file() for path in compose.secrets(service, COMPOSE).values())
        if name in ("worker", "beat", "flower", "listen"):
            assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
            assert service["depends_on"]["redis"] == {"condition": "service_healthy"}
            assert service["depends_on"]["sandbox"] == {"condition": "service_healthy", "required": False}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_a_stopping_worker_has_the_time_to_put_its_job_back() -> None:
    """Docker kills after the grace period; until then what is on its way, a token and its call, is over."""
    grace_s = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    longest_s = next(one.le for one in Settings.model_fields["http_timeout_s"].metadata if hasattr(one, "le"))
    assert 2 * longest_s < grace_s
    assert celery_app.conf.worker_soft_shutdown_timeout < grace_s


def test_the_file_is_what_the_specification_says() -> None:
    """Against the Compose specification's own schema, which refuses what it does not know."""
    schemas = importlib.resources.files("check_jsonschema.builtin_schemas")
    schema = json.loads((schemas / "vendor" / "compose-spec.json").read_text(encoding="utf-8"))
    validator = validator_for(schema)(schema)
    raw = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert [error.message for error in validator.iter_errors(raw)] == []
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    misspelt = {**COMPOSE, "services": {"redis": {**SERVICES["redis"], "helthcheck": {}}}}
    assert list(validator.iter_errors(misspelt))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_watched_restarted_and_kept_small(name: str) -> None:
    """Each has a health check unless it ends by itself, limits, a read-only root, and no rights beyond a user's."""
    service = SERVICES[name]
    assert ("healthcheck" in service) == (name != "migrate")
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert "container_name" not in service, "two containers of one name cannot be: --scale would fail"
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["tmpfs"][0] == "/tmp"  # noqa: S108 - a container's own
    if name not in OURS:
        assert PINNED.fullmatch(service["image"])
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"]), "root without rights could not even become another"


def test_only_what_is_meant_for_others_has_a_port_and_only_on_this_machine() -> None:
    """Broker and database are reached by the containers alone; what people look at, and what Procore sends to, is on
    loopback, behind a proxy."""
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(ports) == {"flower", "listen", "sandbox"}
    assert all(port.startswith("127.0.0.1:") for listed in ports.values() for port in listed)
    assert "ports" not in SERVICES["worker"], "--scale would find the port taken"


def test_broker_and_database_are_on_a_network_of_their_own() -> None:
    """It leads nowhere else; only what asks them is on it, and what they themselves run cannot reach anybody."""
    assert COMPOSE["networks"] == {"default": None, "data": {"internal": True}}
    on = {name: set(service.get("networks", ["default"])) for name, service in SERVICES.items()}
    assert {name for name, networks in on.items() if networks == {"data"}} == {"redis", "postgres", "migrate", "beat"}
    assert {name for name, networks in on.items() if networks == {"default", "data"}} == {"worker", "flower", "listen"}
    assert on["sandbox"] == {"default"}
    published = [name for name, service in SERVICES.items() if "ports" in service]
    assert all("default" in on[name] for name in published), "an internal network publishes no port"


def test_secrets_are_files_and_only_where_they_are_needed() -> None:
    """No secret stands in an environment or a command; beat has only Redis', and only Flower has its login."""
    secret = {name.upper() for name in COMPOSE["secrets"]}
    for service in SERVICES.values():
        assert not secret & set(compose.environment(service))
    assert SERVICES["beat"]["secrets"] == ["redis_password"]
    assert "secrets" not in SERVICES["sandbox"]
    assert set(SERVICES["listen"]["secrets"]) == {"database_password", "redis_password", "listen_secret"}
    asks_redis = {"redis", "worker", "beat", "flower", "listen"}
    assert {name for name, one in SERVICES.items() if "redis_password" in one.get("secrets", [])} == asks_redis
    assert [name for name, service in SERVICES.items() if "flower_login" in service.get("secrets", [])] == ["flower"]


def test_installations_do_not_meet() -> None:
    """The demo cannot see an installation's ledger: containers, networks and volumes go by the project's name."""
    other = compose.read(INSTALLATION="acme")
    assert (COMPOSE["name"], other["name"]) == ("procore-xero-sandbox", "procore-xero-acme")
    assert all(volume is None for volume in other["volumes"].values())
    assert "sandbox" not in json.dumps([other["services"]["worker"]["env_file"], other["secrets"]])


def test_the_images_are_built_on_a_pinned_base_and_run_as_nobody() -> None:
    """All stages stand on the same bytes; what builds stays out of what is shipped."""
    bases = {base for base, _ in STAGES.values() if base not in STAGES}
    assert len(bases) == 1
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+@sha256:[0-9a-f]{64}", bases.pop())
    for target in {service["build"]["target"] for service in OURS.values()}:
        base, lines = STAGES[target]
        assert STAGES[base][1].rstrip().endswith("USER 10001:10001")
        assert not re.search(r"\b(pip|apt-get|gcc)\b", STAGES[base][1] + lines)
        assert set(re.findall(r"--from=(\S+)", lines)) == {f"build-{target}"}


def test_nothing_of_the_demo_is_built_unless_its_profile_is_on() -> None:
    """One image for what runs in production, another for the sandbox, which only its profile starts."""
    targets = {name: (service["image"], service["build"]["target"]) for name, service in OURS.items()}
    assert {name for name, of in targets.items() if of == ("procore-xero-sandbox", "sandbox")} == {"sandbox"}
    assert {of for name, of in targets.items() if name != "sandbox"} == {("procore-xero", "app")}
    assert next(reversed(STAGES)) == "app", "what is built when nobody names a target"
    assert "requirements.lock" not in STAGES["build-app"][1]


@pytest.mark.parametrize("lock", ["worker/requirements.lock", "worker/sandbox/requirements.lock"])
def test_the_images_get_the_versions_that_were_tested(lock: str) -> None:
    """What they install is locked with hashes, and nothing in them is another version than in the tests."""
    tested, shipped = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))
        for file in ("requirements.lock", lock)
    )
    assert shipped <= tested
    assert not {name for name in shipped if name.startswith(("pytest", "mypy", "ruff"))}
    for needed in ("celery", "flower", "psycopg-binary"):
        assert any(name.startswith(f"{needed}==") for name in shipped)
    assert f"-r {lock}" in "".join(lines for _, lines in STAGES.values())
