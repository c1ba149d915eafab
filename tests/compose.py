"""docker-compose.yml as Compose reads it, without Compose: variables are put in, and `$$` is a dollar sign."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

ROOT = Path(__file__).parents[1]
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\})")


def read(**variables: str) -> dict[str, Any]:
    """The whole file, anchors resolved, with these variables in Compose's own environment."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = _put_in(yaml.safe_load(text), variables)
    return found


def _put_in(node: Any, variables: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _put_in(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [_put_in(value, variables) for value in node]
    if isinstance(node, str):
        return _VARIABLE.sub(lambda found: _value(found, variables), node)
    return node


def _value(found: re.Match[str], variables: dict[str, str]) -> str:
    if found["dollar"]:
        return "$"
    value = variables.get(found["name"]) or found["default"]
    assert value is not None, f"{found['name']} has no default: Compose would put in nothing, with a warning"
    return value


def words(service: dict[str, Any]) -> list[str]:
    """A service's command as its process gets it; none where the image brings its own."""
    return shlex.split(service.get("command", ""))


def environment(service: dict[str, Any], root: Path = ROOT) -> dict[str, str]:
    """What a service finds in its environment: its files, and before them what stands in docker-compose.yml."""
    found: dict[str, str] = {}
    for file in service.get("env_file", []):
        found |= {name: value or "" for name, value in dotenv_values(root / file).items()}
    return found | {name: str(value) for name, value in service.get("environment", {}).items()}


def probe(service: dict[str, Any]) -> list[str]:
    """A service's health check as a command line."""
    kind, *rest = service["healthcheck"]["test"]
    assert kind in ("CMD", "CMD-SHELL")
    return ["/bin/sh", "-c", *rest] if kind == "CMD-SHELL" else rest


def secrets(service: dict[str, Any], compose: dict[str, Any], root: Path = ROOT) -> dict[str, Path]:
    """The files that a service finds in /run/secrets, by name."""
    return {name: root / compose["secrets"][name]["file"] for name in service.get("secrets", [])}
