"""The control interface's own Procore part: a test plays the person who edits records in Procore."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.procore.state import State
from worker.sandbox.shell import json_object, json_response

_ADDRESS = "/_sandbox/records/<collection>/<project>/<int:row_id>"


def add_control(app: Flask, state: State) -> None:
    """Adds PUT and DELETE of single records. `-` as project is for the company's own collections."""

    @app.put(_ADDRESS)
    def put_record(collection: str, project: str, row_id: int) -> Response:
        try:
            fields = json_object(request.get_data())
            return json_response(state.put(collection, _project_id(project), row_id, fields))
        except (KeyError, ValueError) as error:
            return json_response({"error": f"no such place, or not a record: {error}"}, 400)

    @app.delete(_ADDRESS)
    def delete_record(collection: str, project: str, row_id: int) -> Response:
        try:
            state.delete(collection, _project_id(project), row_id)
        except (KeyError, ValueError) as error:
            return json_response({"error": f"no such record: {error}"}, 404)
        return json_response({"deleted": row_id})


def _project_id(text: str) -> int | None:
    return None if text == "-" else int(text)
