"""The sandbox of one run, as a process of its own: prints the worker's settings, serves until its input ends.

It makes the seed itself, so that whoever measures stays small, and sets no limits: the benchmark counts calls.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from tests.benchmarks.generate import Size, seed
from tests.benchmarks.many import seed_of_many
from tests.benchmarks.xml_door import XmlDoor
from worker.cli.sandbox import environment
from worker.sandbox import Limits, Sandbox

NO_LIMITS = Limits(
    xero_per_minute=0,
    xero_concurrent=0,
    xero_per_day=0,
    xero_app_per_minute=0,
    procore_per_hour=0,
    procore_spike=0,
)


def main() -> None:
    *numbers, projects = map(int, sys.argv[1:])
    size = Size(*numbers)
    content = seed(size) if projects == 1 else seed_of_many(projects, size)
    both = Sandbox(content, limits=NO_LIMITS)
    both.xero.wsgi_app = XmlDoor(both.xero.wsgi_app)  # type: ignore[method-assign]
    serve(both, content)


def serve(both: Sandbox, content: Mapping[str, Any]) -> None:
    """Print the settings that reach it, and serve until our input ends."""
    with both.serve() as served:
        print(json.dumps(environment(served, content)), flush=True)
        sys.stdin.read()


def arguments(size: Size, projects: int = 1) -> list[str]:
    """The command line that makes this process serve so many projects of this size."""
    return [*(str(getattr(size, field.name)) for field in fields(Size)), str(projects)]


if __name__ == "__main__":
    main()
