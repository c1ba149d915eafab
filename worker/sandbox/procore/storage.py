"""Where the files behind `attachments` lie: Procore's storage, and the pre-signed address that it redirects to.

The storage wants the API's token; the pre-signed address belongs to somebody else, works for a minute, and refuses
whatever identifies us, so that a client which passes its token on is caught. Neither is a call of the API: no limit
counts them. A file comes from the seed: as `text`, as `base64`, or as a PDF of `size` bytes; without any it is gone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from flask import Flask, current_app, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from worker.sandbox.clock import Clock
from worker.sandbox.procore import refusals
from worker.sandbox.procore.state import Row, State
from worker.sandbox.server import MORE_ORIGINS

LIFE_S = 60
_STORAGE, _PRESIGNED = "/storage/", "/presigned/"
_FILE = "<any(requisitions, direct_costs):collection>/<int:project_id>/<int:row_id>/<int:attachment_id>"
#: What a request to the pre-signed address must not carry.
_OURS = ("Authorization", "Procore-Company-Id")
_SMALLEST_PDF = b"%PDF-1.4\n%%EOF\n"


def wants_token_only(path: str) -> bool:
    """Whether this address asks for the token, but is no call of the API."""
    return path.startswith(_STORAGE)


def wants_nothing(path: str) -> bool:
    """Whether this address lets in whoever has it."""
    return path.startswith(_PRESIGNED)


def linked(view: Callable[[Row], Any], collection: str, project_id: int, *fields: str) -> Callable[[Row], Any]:
    """`view` with each attachment as `fields` and its address in the storage; one that the seed gives is kept."""

    def shown(row: Row) -> Any:
        answer = view(row)
        if not isinstance(answer, dict) or not isinstance(answer.get("attachments"), list):
            return answer
        at = f"{_origin(0)}{_STORAGE}{collection}/{project_id}/{row['id']}"
        linked_rows = [{"url": f"{at}/{one['id']}", **one} for one in answer["attachments"]]
        return {**answer, "attachments": [{key: one[key] for key in fields if key in one} for one in linked_rows]}

    return shown


def add_storage(app: Flask, state: State, clock: Clock) -> None:
    """Adds both addresses."""
    secret = secrets.token_bytes(32)

    def signature(path: str, expires: str) -> str:
        return hmac.new(secret, f"{path}\n{expires}".encode(), hashlib.sha256).hexdigest()

    @app.get(f"{_STORAGE}{_FILE}", endpoint="storage")
    def send_on(collection: str, project_id: int, row_id: int, attachment_id: int) -> Response:
        if _attachment(state, collection, project_id, row_id, attachment_id) is None:
            return refusals.of_status(404)
        path = f"{_PRESIGNED}{collection}/{project_id}/{row_id}/{attachment_id}"
        expires = str(int(clock.timestamp()) + LIFE_S)
        query = urlencode({"Expires": expires, "Signature": signature(path, expires)})
        return redirect(f"{_origin(1)}{path}?{query}", 302)

    @app.get(f"{_PRESIGNED}{_FILE}", endpoint="presigned")
    def give(collection: str, project_id: int, row_id: int, attachment_id: int) -> Response:
        expires = request.args.get("Expires", "")
        refused = _refused(clock, expires, signature(request.path, expires))
        if refused is not None:
            return refused
        attachment = _attachment(state, collection, project_id, row_id, attachment_id)
        content = None if attachment is None else _content(attachment)
        if attachment is None or content is None:
            return _xml(404, "NoSuchKey", "The specified key does not exist.")
        return Response(content, content_type=attachment.get("content_type") or "binary/octet-stream")


def _refused(clock: Clock, expires: str, signature: str) -> Response | None:
    """Why nothing is given to this request, in the storage provider's own XML."""
    for name in _OURS:
        if name in request.headers:
            return _xml(400, "InvalidArgument", f"Only one auth mechanism allowed; {name} must not be sent here")
    if not hmac.compare_digest(signature, request.args.get("Signature", "")):
        return _xml(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
    if clock.timestamp() >= int(expires):
        until = datetime.fromtimestamp(int(expires), UTC)
        return _xml(403, "AccessDenied", f"Request has expired at {until:%Y-%m-%dT%H:%M:%SZ}")
    return None


def _origin(number: int) -> str:
    """The storage (0) and what lies behind it (1): other ports while we are served, other host names in-process."""
    here = urlsplit(request.host_url)
    ports = current_app.config.get(MORE_ORIGINS)
    if ports:
        return f"{here.scheme}://{here.hostname}:{ports[number]}"
    return f"{here.scheme}://{(f'storage.{here.hostname}', 'presigned.invalid')[number]}"


def _attachment(state: State, collection: str, project_id: int, row_id: int, attachment_id: int) -> Row | None:
    row = state.project_rows(collection, project_id).get(row_id) or {}
    found: list[Row] = [one for one in row.get("attachments") or [] if one["id"] == attachment_id]
    return found[0] if found and not row.get("deleted_at") else None


def _content(attachment: Row) -> bytes | None:
    if attachment.get("text") is not None:
        return str(attachment["text"]).encode()
    if attachment.get("base64") is not None:
        return base64.b64decode(attachment["base64"], validate=True)
    size = attachment.get("size")
    return None if size is None else _SMALLEST_PDF.ljust(size, b"\n")[:size]


def _xml(status: int, code: str, message: str) -> Response:
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{error}', status=status, content_type="application/xml")
