"""The control interface's own Procore part: a test plays the person who edits records in Procore."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.procore.hooks import Hooks
from worker.sandbox.procore.state import State
from worker.sandbox.shell import json_object, json_response

_ADDRESS = "/_sandbox/records/<collection>/<project>/<int:row_id>"


def add_control(app: Flask, state: State, hooks: Hooks) -> None:
    """Adds PUT and DELETE of single records, of which hooks hear. `-` as project is for the company's own."""

    def tell(collection: str, event: str, project_id: int | None, row_id: int) -> None:
        project = state.rows("projects").get(row_id if collection == "projects" else project_id or 0, {})
        company = project.get("company") or {}
        company_id = company.get("id") or next(iter(state.rows("companies")), 0)
        hooks.tell(collection, event, company_id, project_id, row_id)

    @app.put(_ADDRESS)
    def put_record(collection: str, project: str, row_id: int) -> Response:
        try:
            fields, project_id = json_object(request.get_data()), _project_id(project)
            event = "update" if state.has(collection, project_id, row_id) else "create"
            row = state.put(collection, project_id, row_id, fields)
        except (KeyError, ValueError) as error:
            return json_response({"error": f"no such place, or not a record: {error}"}, 400)
        tell(collection, event, project_id, row_id)
        return json_response(row)

    @app.delete(_ADDRESS)
    def delete_record(collection: str, project: str, row_id: int) -> Response:
        try:
            state.delete(collection, _project_id(project), row_id)
        except (KeyError, ValueError) as error:
            return json_response({"error": f"no such record: {error}"}, 404)
        tell(collection, "delete", _project_id(project), row_id)
        return json_response({"deleted": row_id})


def _project_id(text: str) -> int | None:
    return None if text == "-" else int(text)
