"""docker-compose.yml without Docker: what it starts exists, with those options, as the demo starts it."""

from __future__ import annotations

import shlex
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
from tornado.options import options as flower_options

from worker.celery import app as celery_app
from worker.cli.app import app as cli
from worker.cli.processes import Processes
from worker.cli.system import FLOWER_CONFIG, System
from worker.sandbox.seed import read_seed
from worker.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SANDBOX_ENV = dotenv_values(ROOT / ".env.sandbox")
OURS = {name: service for name, service in SERVICES.items() if name != "redis"}


def _words(service: str) -> list[str]:
    return shlex.split(SERVICES[service]["command"])


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
    assert words[:4] == ["-m", "celery", "-A", "worker.celery"]
    return _options(words[4:]) - {"-c"}  # how many jobs at once: the settings say it where nobody else does


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


@pytest.mark.parametrize("service", ["migrate", "sandbox"])
def test_our_commands_take_these_options(service: str) -> None:
    """Our own command has every subcommand and option that is used."""
    program, *words = _words(service)
    assert program == "procore-xero"
    ours = cast(click.Group, typer.main.get_command(cli))
    assert _parsed(ours.commands[words[0]], words).args == []


@pytest.mark.parametrize("service", ["worker", "beat", "flower"])
def test_the_demo_starts_the_same_commands(service: str) -> None:
    """What works in the demo works in production: the same programs with the same options, whatever their values."""
    only_kept_elsewhere = {"--db"}  # the demo's files go with its directory
    assert _options(_celery(service)) - only_kept_elsewhere == _demos_options(service)


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
    assert (ROOT / str(SANDBOX_ENV["MAPPING_FILE"]).removeprefix("/app/")).is_file()


def test_every_setting_is_one_that_we_have() -> None:
    """A misspelt setting is silently the default."""
    known = {name.upper() for name in Settings.model_fields}
    for service in OURS.values():
        assert set(service["environment"]) <= known
    assert set(SANDBOX_ENV) <= known
    fields = {name.lower(): value for name, value in SANDBOX_ENV.items()}
    Settings(**cast(dict[str, Any], fields))


def test_the_sandboxes_are_reached_with_their_own_credentials() -> None:
    """`.env.sandbox` fits the seed and the ports that the sandbox service is started with."""
    assert [name for name, service in SERVICES.items() if service.get("profiles")] == ["sandbox"]
    seed = read_seed()
    ports = _parsed(cast(click.Group, typer.main.get_command(cli)).commands["sandbox"], _words("sandbox")[1:]).params
    procore, xero = (f"http://sandbox:{ports[f'{name}_port']}" for name in ("procore", "xero"))
    assert {name: SANDBOX_ENV[name] for name in SANDBOX_ENV if name.startswith(("PROCORE", "XERO"))} == {
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
    """Names of services and volumes fit together, and nothing works on a ledger before it is migrated."""
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        assert {mount.split(":")[0] for mount in service["volumes"]} <= set(COMPOSE["volumes"])
        if name in ("worker", "beat", "flower"):
            assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
            assert service["depends_on"]["redis"] == {"condition": "service_healthy"}
    assert "healthcheck" in SERVICES["redis"]


def test_a_stopping_worker_has_the_time_to_put_its_job_back() -> None:
    """Docker kills after the grace period; until then the request that is on its way has ended or timed out."""
    grace_s = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert Settings().http_timeout_s < grace_s
    assert celery_app.conf.worker_soft_shutdown_timeout < grace_s
