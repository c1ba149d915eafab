"""The sandbox of one organisation of the measured run, as a process of its own: prints the worker's settings, serves
until its input ends."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from tests.benchmarks.sandbox_process import serve
from tests.simulation import firm
from tests.simulation.work import Size
from worker.sandbox import Limits, Sandbox


def main() -> None:
    asked: dict[str, Any] = json.loads(sys.argv[1])
    content = firm.seed(Size(**asked["size"]), asked["projects"])
    serve(Sandbox(content, limits=Limits(**asked["limits"])), content)


def argument(size: Size, projects: int, limits: dict[str, float]) -> str:
    """The command line that makes this process serve such a company."""
    return json.dumps({"size": asdict(size), "projects": projects, "limits": limits})


if __name__ == "__main__":
    main()
