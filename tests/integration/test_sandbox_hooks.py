"""The sandbox sends its messages as Procore does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.listening import Quiet, serving
from tests.services import eventually
from worker.sandbox import Sandbox

PROJECT = 310417


@dataclass
class Heard:
    """What came, with the header that it showed; the first answers are these, the others 204."""

    answers: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    shown: set[str | None] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def url(heard: Heard) -> Iterator[str]:
    class Handler(Quiet):
        def do_POST(self) -> None:  # noqa: N802 - the library's name
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with heard.lock:
                heard.bodies.append(body)
                heard.shown.add(self.headers["Authorization"])
                status = heard.answers.pop(0) if heard.answers else 204
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Handler) as address:
        yield address


@pytest.fixture
def procore() -> Iterator[httpx.Client]:
    sandbox = Sandbox()
    books = sandbox.dump()["procore"]
    transport = httpx.WSGITransport(app=sandbox.procore)
    with httpx.Client(base_url="http://procore.sandbox", transport=transport) as client:
        said = client.post("/oauth/token", data={"grant_type": "client_credentials", **books["credentials"]}).json()
        company = books["companies"][0]["id"]
        client.headers.update({"Authorization": f"Bearer {said['access_token']}", "Procore-Company-Id": str(company)})
        yield client


def hooked(procore: httpx.Client, url: str, version: str = "v4.0") -> str:
    """A hook of the project; returns its address."""
    base = f"/rest/v2.0/companies/{procore.headers['Procore-Company-Id']}/projects/{PROJECT}/webhooks/hooks"
    headers = {"Authorization": "Bearer the-secret-of-a-hook"}
    said = {"namespace": "ours", "payload_version": version, "destination_url": url, "destination_headers": headers}
    made = procore.post(base, json=said)
    assert made.status_code == 201
    address = f"{base}/{made.json()['data']['id']}"
    for event in ("create", "update"):
        said = {"resource_name": "Direct Costs", "event_type": event}
        assert procore.post(f"{address}/triggers", json=said).status_code == 201
    return address


def edited(procore: httpx.Client, collection: str, id_: int) -> None:
    address = f"/_sandbox/records/{collection}/{PROJECT}/{id_}"
    assert procore.put(address, json={"description": "edited"}).status_code == 200


def test_each_event_that_was_asked_for_is_sent_with_the_header(procore: httpx.Client, url: str, heard: Heard) -> None:
    """An update and a creation, and nothing of other tools."""
    address = hooked(procore, url)
    edited(procore, "direct_costs", 9301)
    edited(procore, "requisitions", 58801)
    edited(procore, "direct_costs", 99_301)
    eventually(lambda: len(heard.bodies) == 2)
    said = [(one["reason"], one["resource_type"], one["resource_id"], one["project_id"]) for one in heard.bodies]
    assert said == [("update", "Direct Costs", "9301", str(PROJECT)), ("create", "Direct Costs", "99301", str(PROJECT))]
    assert heard.shown == {"Bearer the-secret-of-a-hook"}
    assert procore.get(address).json()["data"]["destination_headers"] == {"Authorization": "*****-hook"}


def test_older_formats_have_numbers_for_ids(procore: httpx.Client, url: str, heard: Heard) -> None:
    hooked(procore, url, "v2.0")
    edited(procore, "direct_costs", 9301)
    eventually(lambda: heard.bodies)
    assert (heard.bodies[0]["resource_name"], heard.bodies[0]["resource_id"]) == ("Direct Costs", 9301)


def test_what_is_not_taken_is_sent_again_and_the_others_wait_for_it(
    procore: httpx.Client, url: str, heard: Heard
) -> None:
    """In order, a second later."""
    heard.answers = [503]
    address = hooked(procore, url)
    for id_ in (9301, 9302):
        edited(procore, "direct_costs", id_)
    eventually(lambda: len(heard.bodies) == 3)
    assert [body["resource_id"] for body in heard.bodies] == ["9301", "9301", "9302"]
    eventually(lambda: {one["status"] for one in procore.get(f"{address}/deliveries").json()["data"]} == {"delivered"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"namespace": "Ours"}, "namespace"),
        ({"namespace": None}, "namespace"),
        ({"destination_url": "http://hooks.example.com"}, "https"),
        ({"payload_version": "v9"}, "payload_version"),
        ({"destination_headers": {"X-Secret": "s"}}, "Authorization"),
    ],
)
def test_what_procore_would_refuse_is_refused(procore: httpx.Client, change: dict[str, Any], words: str) -> None:
    """Each rule of its guide."""
    base = f"/rest/v2.0/companies/{procore.headers['Procore-Company-Id']}/webhooks/hooks"
    said = {"namespace": "ours", "payload_version": "v4.0", "destination_url": "https://hooks.example.com"}
    answer = procore.post(base, json=said | change)
    assert answer.status_code == 400
    assert words in answer.text
