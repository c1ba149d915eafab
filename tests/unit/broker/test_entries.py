"""What is a message of a queue and what is none: Celery's own are, anything that would end a worker is not."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Celery

from worker.broker.entries import fault, fault_of_taken

GONE = object()
NOT_OBJECTS: list[object] = [None, [], "x"]
NOT_TEXTS: list[object] = [GONE, None, 5, [], {}]


def _base64(body: object) -> str:
    return b64encode(json.dumps(body).encode()).decode()


def _sent(**options: Any) -> dict[str, Any]:
    """A message as Celery and kombu lay it into a queue."""
    with Celery("tests", broker="memory://") as app, app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.queue_delete("celery")
        app.send_task("sync_project", ("24-017",), connection=connection, **options)
        found = channel._get("celery")
    assert isinstance(found, dict)
    return found


def _changed(path: str, value: object) -> bytes:
    message = at = _sent()
    way: list[str]
    *way, last = path.split(".")
    for name in way:
        at = at[name]
    if value is GONE:
        del at[last]
    else:
        at[last] = value
    return json.dumps(message).encode()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"countdown": 60, "expires": 1800},
        {"expires": datetime.now(UTC) + timedelta(hours=1)},
        {"task_id": "a-task", "ignore_result": True, "time_limit": 60, "soft_time_limit": 30},
        {"kwargs": {"a": 1}, "headers": {"trace": "x"}, "priority": 3},
    ],
)
def test_what_celery_sends_is_a_message(options: dict[str, Any]) -> None:
    """However it is sent; and when a worker took it and was lost."""
    message = _sent(**options)
    assert fault(json.dumps(message).encode()) == ""
    assert fault_of_taken(json.dumps([message, "", "periodic"]).encode()) == ""


@pytest.mark.parametrize(
    "entry",
    [b"", b"hello", b"5", b"[]", b"null", b'"x"', b"{}", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a":' * 9_999],
)
def test_what_is_no_message(entry: bytes) -> None:
    """Whatever else somebody lays into the list."""
    assert fault(entry)
    assert fault_of_taken(entry)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *((path, GONE) for path in ("body", "headers", "properties", "content-type", "content-encoding")),
        *((path, value) for path in ("headers", "properties") for value in NOT_OBJECTS),
        *((f"headers.{name}", value) for name in ("id", "task") for value in NOT_TEXTS),
        ("headers.timelimit", "x"),
        ("headers.timelimit", ["a", "b"]),
        ("headers.timelimit", [1e308, None]),
        ("headers.timelimit", [-1, None]),
        ("headers.retries", "x"),
        ("headers.retries", 10**30),
        ("headers.eta", "soon"),
        ("headers.expires", []),
        ("headers.root_id", []),
        *((f"properties.{name}", GONE) for name in ("delivery_tag", "delivery_info", "body_encoding")),
        ("properties.delivery_tag", {}),
        ("properties.delivery_info", {"routing_key": "periodic"}),
        ("properties.body_encoding", "rot13"),
        *(("body", value) for value in (None, 5, "%%%", _base64({}), _base64([1]), _base64([{}, [], {}]))),
        ("body", b64encode(b"{").decode()),
        ("content-type", "application/x-python-serialize"),
        ("content-encoding", "klingon"),
    ],
)
def test_a_message_that_would_end_a_worker_is_none(path: str, value: object) -> None:
    """Each of these did; the sentence tells nothing of what stood in it but where it is wrong."""
    said = fault(_changed(path, value))
    assert said
    assert "24-017" not in said
