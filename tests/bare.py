"""Loads everything that runs, with packages and modules hidden: as where they are not installed.

`python -m tests.bare HIDDEN LEFT_OUT`, two JSON lists: of what is not there, and of our own modules that need it. What
Celery finds by name only when it runs is loaded, too.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Sequence

#: They run instead of being imported: a command, alembic's and Flower's own files.
_NOT_MODULES = ("worker.cli.__main__", "worker.ledger.migrations.env", "worker.flower.flowerconfig")


class Bare:
    """Asked before all other finders: says of what is hidden that there is none."""

    def __init__(self, hidden: Sequence[str]) -> None:
        self._hidden = hidden

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if _is_in(name, self._hidden):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _is_in(name: str, modules: Sequence[str]) -> bool:
    return f"{name}.".startswith(tuple(f"{one}." for one in modules))


def load_ours(left_out: Sequence[str]) -> None:
    """Every module of worker and tasks, but these and what is in them."""
    for package in ("worker", "tasks"):
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not _is_in(found.name, (*_NOT_MODULES, *left_out)):
                importlib.import_module(found.name)


def load_celery() -> None:
    """The broker's transport, the results' store, the pool, parts of a worker, beat's scheduler and the commands."""
    from celery.bin.celery import celery
    from celery.concurrency import get_implementation
    from celery.utils.imports import symbol_by_name

    from worker.celery import app

    with app.connection_for_write() as connection:
        assert connection.transport.driver_type == "redis"
    assert app.backend.as_uri().startswith("redis://")
    get_implementation("prefork")
    for name in (app.conf.beat_scheduler, *app.steps["worker"], *app.Worker.Blueprint.default_steps):
        symbol_by_name(name)
    assert {"worker", "beat", "flower", "inspect"} <= set(celery.commands)


def load_databases() -> None:
    from worker.ledger.database import open_engine

    for url in ("sqlite://", "postgresql://user@host/name"):
        open_engine(url)


def main() -> None:
    hidden, left_out = map(json.loads, sys.argv[1:])
    for name in [name for name in sys.modules if _is_in(name, hidden)]:
        del sys.modules[name]
    sys.meta_path.insert(0, Bare(hidden))
    load_ours(left_out)
    load_celery()
    load_databases()
    importlib.import_module("flower.app")


if __name__ == "__main__":
    main()
