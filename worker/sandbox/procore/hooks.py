"""Hooks and their triggers (Procore's webhooks API v2.0), and what is sent to them when a record changes.

A hook belongs to the company or to one project; whether the company's may hear of what is inside its projects is not
documented, and a switch. The Authorization header of a hook is answered with its last five letters only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from worker.sandbox.procore.deliveries import Deliveries
from worker.sandbox.switches import InForce, ProcoreSwitches

#: By collection: what its records are called in messages, and the events that there are of them.
_ALL = ("create", "update", "delete")
OF_COMPANY = {"projects": ("Projects", _ALL[:2]), "vendors": ("Company Vendors", _ALL[:2])}
OF_PROJECT = {
    "contract_payments": ("Contract Payments", _ALL),
    "work_order_contracts": ("Work Order Contracts", _ALL),
    "purchase_order_contracts": ("Purchase Order Contracts", _ALL),
    "direct_costs": ("Direct Costs", _ALL),
    "project_vendors": ("Project Vendors", ("create", "delete")),  # updates ended on 2026-06-30
    "requisitions": ("Requisitions", _ALL),
}
#: There are many more than those that anybody here wants.
_OTHERS = (("RFIs", _ALL), ("Daily Logs", _ALL))
VERSIONS = ("v2.0", "v3.0", "v4.0")
_NAMESPACE = re.compile(r"[a-z0-9-]+")
#: Of a header that is shown again.
_SHOWN = 5


@dataclass
class Hook:
    id: int
    company_id: int
    project_id: int | None
    namespace: str
    url: str
    version: str
    headers: dict[str, str]
    status: str = "active"
    #: Resource and event of each, by its id.
    triggers: dict[int, tuple[str, str]] = field(default_factory=dict)
    deliveries: Deliveries = field(default_factory=Deliveries)


class Hooks:
    """All of one Procore's. `now` is the sandbox's clock. Methods raise ValueError for what Procore would refuse."""

    def __init__(self, switches: InForce[ProcoreSwitches], now: Callable[[], datetime]) -> None:
        self._switches = switches
        self._now = now
        self._last_id = 0
        self.all: dict[int, Hook] = {}

    def resources(self, project_id: int | None) -> dict[str, tuple[str, ...]]:
        """What a hook of this scope may hear of."""
        now = self._switches.now
        inside = dict([*OF_PROJECT.values(), *_OTHERS])
        if not now.webhooks_of_requisitions:
            del inside["Requisitions"]
        if project_id is not None:
            return inside
        return dict(OF_COMPANY.values()) | (inside if now.company_webhooks_of_projects else {})

    def add(self, company_id: int, project_id: int | None, said: dict[str, Any]) -> Hook:
        namespace = said.get("namespace")
        if not isinstance(namespace, str) or not _NAMESPACE.fullmatch(namespace):
            raise ValueError("namespace must be of a-z, 0-9 and -")
        hook = Hook(self._next_id(), company_id, project_id, namespace, "", "", {})
        self.change(hook, {"destination_url": None, "payload_version": None, **said})
        self.all[hook.id] = hook
        return hook

    def change(self, hook: Hook, said: dict[str, Any]) -> None:
        url = said.get("destination_url", hook.url)
        version = said.get("payload_version", hook.version)
        headers = said.get("destination_headers", hook.headers) or {}
        if not isinstance(url, str) or not _is_https(url):
            raise ValueError("destination_url must be an https address")
        if version not in VERSIONS:
            raise ValueError(f"payload_version must be one of {', '.join(VERSIONS)}")
        if not isinstance(headers, dict) or set(headers) - {"Authorization"}:
            raise ValueError("destination_headers must be an object with Authorization")
        status = said.get("status", hook.status)
        if status not in ("active", "disabled"):
            raise ValueError("status must be active or disabled")
        hook.url, hook.version, hook.headers, hook.status = url, version, headers, status

    def add_trigger(self, hook: Hook, said: dict[str, Any]) -> int:
        resource, event = said.get("resource_name"), said.get("event_type")
        if not isinstance(resource, str) or event not in self.resources(hook.project_id).get(resource, ()):
            raise ValueError("resource_name or event_type is not offered here")
        if (resource, event) in hook.triggers.values():
            raise ValueError("resource_name has already been taken")
        trigger_id = self._next_id()
        hook.triggers[trigger_id] = (resource, event)
        return trigger_id

    def tell(self, collection: str, event: str, company_id: int, project_id: int | None, record_id: int) -> None:
        """Something happened to a record: every hook that asked for it hears of it."""
        resource, _ = (OF_COMPANY | OF_PROJECT).get(collection, ("", ()))
        for hook in self._heard(resource, event, company_id, project_id):
            payload = self._payload(hook.version, resource, event, company_id, project_id, record_id)
            for _ in range(2 if self._switches.now.webhooks_twice else 1):
                hook.deliveries.add(hook.url, hook.headers, payload)

    def _heard(self, resource: str, event: str, company_id: int, project_id: int | None) -> Iterator[Hook]:
        for hook in list(self.all.values()):
            mine = hook.company_id == company_id and hook.project_id in (None, project_id)
            if mine and hook.status == "active" and (resource, event) in hook.triggers.values():
                yield hook

    def _payload(
        self, version: str, resource: str, event: str, company_id: int, project_id: int | None, record_id: int
    ) -> dict[str, Any]:
        at, event_id = self._now().isoformat().replace("+00:00", "Z"), self._next_id()
        if version == "v4.0":
            return {
                "id": f"{event_id:026}",
                "timestamp": at,
                "reason": event,
                "company_id": str(company_id),
                "project_id": None if project_id is None else str(project_id),
                "user_id": "1",
                "resource_type": resource,
                "resource_id": str(record_id),
            }
        payload = {
            "id": event_id,
            "ulid": f"{event_id:026}",
            "timestamp": at,
            "metadata": {"source_user_id": 1, "source_application_id": None},
            "user_id": 1,
            "company_id": company_id,
            "project_id": project_id,
            "api_version": version,
            "event_type": event,
            "resource_name": resource,
            "resource_id": record_id,
        }
        return payload if version == "v2.0" else payload | {"related_resources": []}

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


def shown(hook: Hook) -> dict[str, Any]:
    """As a hook is answered: ids are texts, and the secret is cut."""
    return {
        "id": str(hook.id),
        "status": hook.status,
        "payload_version": hook.version,
        "namespace": hook.namespace,
        "destination_headers": {name: f"*****{value[-_SHOWN:]}" for name, value in hook.headers.items()},
        "destination_url": hook.url,
        "trigger_count": len(hook.triggers),
        "company_id": None if hook.project_id else str(hook.company_id),
        "project_id": str(hook.project_id) if hook.project_id else None,
        "hook_type": "classic",
    }


def _is_https(url: str) -> bool:
    """Procore sends to https alone; this machine's own addresses have no certificate."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme, parts.hostname) == ("http", "127.0.0.1"))
