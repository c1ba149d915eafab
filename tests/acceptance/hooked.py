"""A machine whose Procore says what moved: `listen` as a process, and its hooks set up by the command."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Any

import httpx
import simplejson

from tests.acceptance.conftest import Machine
from tests.services import eventually
from worker.cli.processes import free_port

SECRET = "madeupsecretof48lettersanddigits0123456789abcdef"
#: Of the demo: a claim under review, and the number of its bill.
CLAIM = (310417, 58819, "BGE-2260")


def listen(machine: Machine, wait_s: float = 0.5) -> str:
    """Start `listen`, gathering messages for so long; returns its address."""
    port = free_port()
    machine.system.env |= {"LISTEN_SECRET": SECRET, "LISTEN_PORT": str(port), "LISTEN_WAIT_S": str(wait_s)}
    command = [sys.executable, "-m", "worker.cli", "listen"]
    machine.system.processes.start("listen", command, machine.system.env, machine.system.directory)
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: _is_well(url))
    return f"{url}/procore"


def set_up(machine: Machine, url: str) -> str:
    return machine.says("hooks", "set-up", url)


def approve_claim(machine: Machine) -> float:
    """Approve it in Procore, and wait for its bill; returns the seconds that it took."""
    project_id, claim_id, number = CLAIM
    return _until_bill(machine, "requisitions", project_id, claim_id, {"status": "approved"}, number)


def approve_direct_cost(machine: Machine, project_id: int) -> float:
    """The same with one that is entered as approved, as much like the project's first one as can be."""
    first = machine.sandbox.dump()["procore"]["direct_costs"][str(project_id)][0]
    new = first["id"] + 5_000
    own = {
        "invoice_number": f"NEW-{new}",
        "line_items": [{**line, "id": line["id"] + 5_000} for line in first["line_items"]],
    }
    kept = {name: value for name, value in first.items() if name not in ("id", "updated_at", "attachments")}
    return _until_bill(machine, "direct_costs", project_id, new, kept | own, f"NEW-{new}")


def _until_bill(
    machine: Machine, collection: str, project_id: int, record_id: int, fields: dict[str, Any], number: str
) -> float:
    began = time.monotonic()
    address = f"{machine.served.procore_url}/_sandbox/records/{collection}/{project_id}/{record_id}"
    headers = {"Content-Type": "application/json"}
    httpx.put(address, content=simplejson.dumps(fields, use_decimal=True), headers=headers).raise_for_status()
    eventually(lambda: number in bills(machine))
    return time.monotonic() - began


def bills(machine: Machine) -> set[str]:
    """The numbers of all bills in Xero."""
    dump = httpx.get(f"{machine.served.xero_url}/_sandbox/dump").json()  # the sandbox is at work meanwhile
    return {str(row.get("InvoiceNumber")) for row in dump["invoices"]}


def switch(machine: Machine, **switches: object) -> None:
    httpx.post(f"{machine.served.procore_url}/_sandbox/switches", json=switches).raise_for_status()


def _is_well(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthcheck").status_code == 204
    return False
