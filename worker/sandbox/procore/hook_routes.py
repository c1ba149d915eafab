"""The addresses of hooks, their triggers, deliveries and resources: the only ones of Procore that are written to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.procore import refusals
from worker.sandbox.procore.hooks import Hook, Hooks, shown
from worker.sandbox.procore.sight import Sight, header_company
from worker.sandbox.procore.state import State
from worker.sandbox.shell import json_object, json_response
from worker.sandbox.switches import InForce, ProcoreSwitches

_SCOPES = ("", "/projects/<int:project_id>")


def add_hook_routes(app: Flask, state: State, switches: InForce[ProcoreSwitches], hooks: Hooks) -> None:
    """For the company and for each project, the same."""
    routes = _HookRoutes(Sight(state, switches), switches, hooks)
    for scope in _SCOPES:
        base = f"/rest/v2.0/companies/<int:company_id>{scope}/webhooks"
        one = f"{base}/hooks/<int:hook_id>"
        addresses: dict[tuple[str, str], Callable[..., Response]] = {
            ("GET", f"{base}/resources"): routes.resources,
            ("GET", f"{base}/hooks"): routes.hooks,
            ("POST", f"{base}/hooks"): routes.add,
            ("GET", one): routes.hook,
            ("PATCH", one): routes.change,
            ("DELETE", one): routes.delete,
            ("GET", f"{one}/triggers"): routes.triggers,
            ("POST", f"{one}/triggers"): routes.add_trigger,
            ("DELETE", f"{one}/triggers/<int:trigger_id>"): routes.delete_trigger,
            ("GET", f"{one}/deliveries"): routes.deliveries,
        }
        for (method, address), handler in addresses.items():
            app.add_url_rule(address, endpoint=f"{method} {address}", view_func=handler, methods=[method])


class _HookRoutes:
    def __init__(self, sight: Sight, switches: InForce[ProcoreSwitches], hooks: Hooks) -> None:
        self._sight = sight
        self._switches = switches
        self._hooks = hooks

    def resources(self, company_id: int, project_id: int | None = None) -> Response:
        self._enter(company_id, project_id)
        version = request.args.get("payload_version")
        if not version:
            raise refusals.blank("payload_version")
        offered = self._hooks.resources(project_id)
        return _page(
            {"category": "Any", "tool": name, "name": name, "payload_version": version, "actions": list(actions)}
            for name, actions in offered.items()
        )

    def hooks(self, company_id: int, project_id: int | None = None) -> Response:
        self._enter(company_id, project_id)
        namespace = request.args.get("namespace")
        if not namespace and project_id is None:
            raise refusals.blank("namespace")
        mine = [hook for hook in self._hooks.all.values() if self._is_of(hook, company_id, project_id)]
        return _page(shown(hook) for hook in mine if namespace in (None, hook.namespace))

    def add(self, company_id: int, project_id: int | None = None) -> Response:
        self._enter(company_id, project_id)
        hook = self._done(lambda said: self._hooks.add(company_id, project_id, said))
        return json_response({"data": shown(hook)}, 201)

    def hook(self, company_id: int, hook_id: int, project_id: int | None = None) -> Response:
        return json_response({"data": shown(self._found(company_id, project_id, hook_id))})

    def change(self, company_id: int, hook_id: int, project_id: int | None = None) -> Response:
        hook = self._found(company_id, project_id, hook_id)
        self._done(lambda said: self._hooks.change(hook, said))
        return json_response({"data": shown(hook)})

    def delete(self, company_id: int, hook_id: int, project_id: int | None = None) -> Response:
        del self._hooks.all[self._found(company_id, project_id, hook_id).id]
        return Response(status=204)

    def triggers(self, company_id: int, hook_id: int, project_id: int | None = None) -> Response:
        hook = self._found(company_id, project_id, hook_id)
        return _page(_trigger(hook, trigger_id) for trigger_id in hook.triggers)

    def add_trigger(self, company_id: int, hook_id: int, project_id: int | None = None) -> Response:
        hook = self._found(company_id, project_id, hook_id)
        trigger_id = self._done(lambda said: self._hooks.add_trigger(hook, said))
        return json_response({"data": _trigger(hook, trigger_id)}, 201)

    def delete_trigger(self, company_id: int, hook_id: int, trigger_id: int, project_id: int | None = None) -> Response:
        hook = self._found(company_id, project_id, hook_id)
        if hook.triggers.pop(trigger_id, None) is None:
            raise refusals.record_unknown()
        return Response(status=204)

    def deliveries(self, company_id: int, hook_id: int, project_id: int | None = None) -> Response:
        hook = self._found(company_id, project_id, hook_id)
        wanted = request.args.get("filter[status]")
        return _page(
            {"id": str(one.id), "status": one.status, "payload": one.payload, "delivery_attempts": one.attempts}
            for one in reversed(hook.deliveries.all)
            if wanted in (None, one.status)
        )

    def _enter(self, company_id: int, project_id: int | None) -> None:
        if company_id != header_company():
            raise refusals.not_connected()
        if project_id is not None:
            self._sight.project(project_id)
        if not self._switches.now.webhooks_permitted:
            raise refusals.tool_off()

    def _is_of(self, hook: Hook, company_id: int, project_id: int | None) -> bool:
        return (hook.company_id, hook.project_id) == (company_id, project_id)

    def _found(self, company_id: int, project_id: int | None, hook_id: int) -> Hook:
        self._enter(company_id, project_id)
        hook = self._hooks.all.get(hook_id)
        if hook is None or not self._is_of(hook, company_id, project_id):
            raise refusals.record_unknown()
        return hook

    def _done(self, do: Callable[[dict[str, Any]], Any]) -> Any:
        try:
            return do(json_object(request.get_data()))
        except ValueError as error:
            raise refusals.bad_parameter("hook", str(error)) from None


def _trigger(hook: Hook, trigger_id: int) -> dict[str, Any]:
    resource, event = hook.triggers[trigger_id]
    of = {"webhook_hook_id": str(hook.id), "company_id": None, "project_id": None}
    return {"id": str(trigger_id), "resource_name": resource, "event_type": event, **of}


def _page(rows: Iterable[dict[str, Any]]) -> Response:
    """One page; these lists are documented with page and per_page, and with nothing in their headers."""
    found = list(rows)
    page, size = request.args.get("page", 1, type=int), request.args.get("per_page", 100, type=int)
    return json_response({"data": found[(page - 1) * size : page * size]})
