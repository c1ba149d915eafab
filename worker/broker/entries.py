"""What an entry of a queue looks like: Celery's message, protocol 2, in JSON, as kombu lays it into a list of Redis.

Only what a worker's main process relies on is looked at. What is in a job's arguments is for the job to say.
https://docs.celeryq.dev/en/stable/internals/protocol.html
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

_Seconds = Annotated[float, Meta(gt=0, le=1e9)]


class _Headers(Struct):
    task: str
    id: str
    timelimit: tuple[_Seconds | None, _Seconds | None]
    retries: Annotated[int, Meta(ge=0, le=1_000_000)]
    eta: datetime | None = None
    expires: datetime | None = None
    root_id: str | None = None
    parent_id: str | None = None
    group: str | None = None
    shadow: str | None = None


class _Delivery(Struct):
    exchange: str
    routing_key: str


class _Properties(Struct):
    delivery_tag: str
    delivery_info: _Delivery
    body_encoding: Literal["base64"]
    correlation_id: str | None = None
    reply_to: str | None = None


class _Entry(Struct, rename={"content_type": "content-type", "content_encoding": "content-encoding"}):
    body: str
    headers: _Headers
    properties: _Properties
    content_type: Literal["application/json"]
    content_encoding: Literal["utf-8"]


#: Arguments, named arguments, and what else is to be started with it.
_BODY = msgspec.json.Decoder(tuple[list[object], dict[str, object], dict[str, object] | None])
_ENTRY = msgspec.json.Decoder(_Entry)
#: An entry that was taken and not acknowledged, as it lies in the hash beside the queue: with exchange and queue.
_TAKEN = msgspec.json.Decoder(tuple[_Entry, str, str])


def fault(entry: bytes) -> str:
    """Why this is no message of a queue; blank when it is one. Nothing of its values stands in the sentence."""
    return _fault(lambda: _ENTRY.decode(entry))


def fault_of_taken(entry: bytes) -> str:
    """The same of an entry that a worker had taken."""
    return _fault(lambda: _TAKEN.decode(entry)[0])


def _fault(read: Callable[[], _Entry]) -> str:
    try:
        _BODY.decode(b64decode(read().body, validate=True))
    except binascii.Error:
        return "Its body is not in base64."
    except RecursionError:
        return "It is nested too deep."
    except (msgspec.MsgspecError, UnicodeError) as error:
        return f"{error}."
    return ""
