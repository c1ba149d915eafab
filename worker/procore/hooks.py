"""Procore's webhooks API v2.0: hooks of the company and of its projects, and their triggers.

The only thing in Procore that is ever written, and nothing of it belongs to a project's records. A hook is ours by its
namespace alone: every other one is left as it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worker.errors import ContractBroken
from worker.http import exact_json
from worker.http.api import Api
from worker.procore.pages import pages

#: The format of messages that Procore asks new integrations to use; its list of resources is the longest one.
VERSION = "v4.0"
#: What to do where Procore refuses all of it; unless somebody sets this permission, it is None.
PERMIT = "In Procore give this app's service account the permission Webhooks API: Standard."
EVENTS = ("create", "update", "delete")
#: The name that an installation has unless somebody gives it another one.
_PLAIN = "procore-xero"


@dataclass(frozen=True, slots=True, order=True)
class Trigger:
    """A hook hears of this event of this resource."""

    resource: str
    event: str


@dataclass(frozen=True, slots=True)
class Hook:
    """One that is ours, as Procore shows it: of its Authorization header the last letters only."""

    id: str
    project_id: int | None
    url: str
    version: str
    is_active: bool
    shown: str

    def sends(self, url: str, secret: str) -> bool:
        """Whether it sends there, in our format and, as far as Procore shows it, with this secret."""
        tail = self.shown.lstrip("*")
        is_ours = len(tail) >= 4 and f"Bearer {secret}".endswith(tail)
        return self.is_active and is_ours and (self.url, self.version) == (url, VERSION)


def namespace(installation: str) -> str:
    """What the hooks of this installation are known by: Procore takes a–z, digits and dashes."""
    plain = installation.lower().replace(".", "-").replace("_", "-")
    return plain if plain == _PLAIN else f"{_PLAIN}-{plain}"


class Hooks:
    """Those of one namespace in one company. `project_id` None is the company's own scope, here and below.

    Writes raise OutcomeUnknown when one may have happened: looking again tells.
    """

    def __init__(self, api: Api, company_id: int, namespace: str) -> None:
        self._api = api
        self._company_id = company_id
        self.namespace = namespace

    def resources(self, project_id: int | None = None) -> dict[str, tuple[str, ...]]:
        """What there are messages about in this scope: the events of each resource."""
        rows = self._rows(project_id, "resources", {"payload_version": VERSION})
        offered = {str(row.get("name")): row.get("actions") for row in rows}
        return {name: tuple(map(_event, events)) for name, events in offered.items() if isinstance(events, list)}

    def ours(self, project_id: int | None = None) -> list[Hook]:
        """Our hooks of this scope, the oldest first; one is enough."""
        rows = self._rows(project_id, "hooks", {"namespace": self.namespace})
        return sorted(
            (_hook(row, project_id) for row in rows if row.get("namespace") == self.namespace),
            key=lambda hook: (len(hook.id), hook.id),
        )

    def make(self, project_id: int | None, url: str, secret: str) -> Hook:
        said = {"namespace": self.namespace, **_destination(url, secret)}
        return _hook(self._write("POST", self._path(project_id, "hooks"), said), project_id)

    def change(self, hook: Hook, url: str, secret: str) -> None:
        said = {"status": "active", **_destination(url, secret)}
        self._write("PATCH", self._path(hook.project_id, "hooks", hook.id), said)

    def delete(self, hook: Hook) -> None:
        """Its triggers go with it."""
        self._api.write("DELETE", self._path(hook.project_id, "hooks", hook.id), "", str(uuid.uuid4()))

    def triggers(self, hook: Hook) -> dict[Trigger, str]:
        """What it hears of, and the id of each."""
        rows = self._rows(hook.project_id, f"hooks/{hook.id}/triggers", {})
        return {
            Trigger(str(row.get("resource_name")), _event(row.get("event_type"))): str(row.get("id")) for row in rows
        }

    def add(self, hook: Hook, trigger: Trigger) -> None:
        said = {"resource_name": trigger.resource, "event_type": trigger.event}
        self._write("POST", self._path(hook.project_id, "hooks", hook.id, "triggers"), said)

    def drop(self, hook: Hook, trigger_id: str) -> None:
        path = self._path(hook.project_id, "hooks", hook.id, "triggers", trigger_id)
        self._api.write("DELETE", path, "", str(uuid.uuid4()))

    def undelivered(self, hook: Hook) -> int:
        """Messages that were not taken and are sent again; at most a page of them."""
        params = {"filter[status]": "retrying"}
        return len(next(pages(self._api, self._path(hook.project_id, "hooks", hook.id, "deliveries"), params), []))

    def _rows(self, project_id: int | None, what: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        found: Iterable[list[Any]] = pages(self._api, self._path(project_id, what), params)
        return (row for rows in found for row in rows if isinstance(row, dict))

    def _path(self, project_id: int | None, *parts: str) -> str:
        scope = "" if project_id is None else f"/projects/{project_id}"
        return f"/rest/v2.0/companies/{self._company_id}{scope}/webhooks/{'/'.join(parts)}"

    def _write(self, method: str, path: str, said: Mapping[str, Any]) -> dict[str, Any]:
        body = self._api.write(method, path, exact_json.dumps(said), str(uuid.uuid4())).body
        row = body.get("data") if isinstance(body, dict) else None
        if not isinstance(row, dict):
            raise ContractBroken(f"Procore's answer to {method} {path} shows nothing of what was made.")
        return row


def _destination(url: str, secret: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {secret}"}
    return {"payload_version": VERSION, "destination_url": url, "destination_headers": headers}


def _hook(row: Mapping[str, Any], project_id: int | None) -> Hook:
    headers = row.get("destination_headers")
    shown = headers.get("Authorization") if isinstance(headers, dict) else None
    return Hook(
        str(row.get("id")),
        project_id,
        str(row.get("destination_url")),
        str(row.get("payload_version")),
        row.get("status", "active") == "active",
        shown if isinstance(shown, str) else "",
    )


def _event(said: object) -> str:
    """Procore's pages write one event as create, CREATE and CREATED."""
    word = str(said).lower()
    return word.removesuffix("d") if word.removesuffix("d") in EVENTS else word
