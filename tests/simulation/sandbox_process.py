"""The sandbox of one organisation of the measured run, as a process of its own: prints the worker's settings, serves
until its input ends."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from tests.simulation import firm
from tests.simulation.work import Size
from worker.sandbox import Limits, Sandbox


def main() -> None:
    asked: dict[str, Any] = json.loads(sys.argv[1])
    content = firm.seed(Size(**asked["size"]), asked["projects"])
    with Sandbox(content, limits=Limits(**asked["limits"])).serve() as served:
        procore, xero = content["procore"], content["xero"]
        settings = {
            "PROCORE_API_URL": served.procore_url,
            "PROCORE_TOKEN_URL": f"{served.procore_url}/oauth/token",
            "PROCORE_CLIENT_ID": procore["credentials"]["client_id"],
            "PROCORE_CLIENT_SECRET": procore["credentials"]["client_secret"],
            "PROCORE_COMPANY_ID": str(procore["companies"][0]["id"]),
            "XERO_API_URL": f"{served.xero_url}/api.xro/2.0",
            "XERO_TOKEN_URL": f"{served.xero_url}/connect/token",
            "XERO_CLIENT_ID": xero["credentials"]["client_id"],
            "XERO_CLIENT_SECRET": xero["credentials"]["client_secret"],
        }
        print(json.dumps(settings), flush=True)
        sys.stdin.read()


def argument(size: Size, projects: int, limits: dict[str, float]) -> str:
    """The command line that makes this process serve such a company."""
    return json.dumps({"size": asdict(size), "projects": projects, "limits": limits})


if __name__ == "__main__":
    main()
