"""The sandbox as a real HTTP server: what a client with a connection pool meets."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from worker.sandbox import Sandbox, Served


@pytest.fixture
def served() -> Iterator[Served]:
    with Sandbox().serve() as servers:
        yield servers


def test_connections_are_kept_alive(served: Served) -> None:
    """Several calls go over one connection."""
    with httpx.Client(base_url=served.xero_url) as http:
        streams = [http.get("/_sandbox/journal").extensions["network_stream"] for _ in range(3)]
        assert len({stream.get_extra_info("client_addr") for stream in streams}) == 1


@pytest.mark.parametrize("kind", ["cut", "lost_answer"])
def test_lost_connection_is_a_closed_socket(served: Served, kind: str) -> None:
    """Cut and lost answers look like a server that went away, and the next call works."""
    with httpx.Client(base_url=served.procore_url) as http:
        http.post("/_sandbox/faults", json={"kind": kind, "path": "token"})
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/oauth/token", json={})
        assert http.get("/_sandbox/journal").json()["entries"][0]["fault"] == kind


def test_both_apis_listen_on_their_own_free_port(served: Served) -> None:
    """Port 0 is any free port, and the two servers do not share one."""
    assert served.procore_url != served.xero_url
    for url in (served.procore_url, served.xero_url):
        assert httpx.get(f"{url}/_sandbox/dump").status_code == 200


def test_files_lie_on_other_origins(served: Served) -> None:
    """A file of a claim is downloaded over two more ports, which close with the others."""
    form = {"client_id": "sandbox-procore-client", "client_secret": "sandbox-procore-secret"}
    with httpx.Client(base_url=served.procore_url) as http:
        answer = http.post("/oauth/token", data={"grant_type": "client_credentials", **form}).json()
        token = {"Authorization": f"Bearer {answer['access_token']}"}
        query = {"project_id": "310417"}
        headers = {**token, "Procore-Company-Id": "8014"}
        claim = http.get("/rest/v1.1/requisitions/58801", params=query, headers=headers).json()
    (attachment,) = claim["attachments"]
    sent_on = httpx.get(attachment["url"], headers=token)
    address = sent_on.headers["Location"]
    assert len({httpx.URL(url).port for url in (served.procore_url, attachment["url"], address)}) == 3
    assert httpx.get(address).content.startswith(b"%PDF-")
    served.close()
    with pytest.raises(httpx.TransportError):
        httpx.get(address)


def test_closed_servers_free_their_ports() -> None:
    """After `close` nobody answers, not even on a kept-alive connection, and the port can be taken again."""
    sandbox = Sandbox()
    with httpx.Client() as http:
        with sandbox.serve() as first:
            port = int(first.xero_url.rsplit(":", 1)[1])
            http.get(f"{first.xero_url}/_sandbox/journal")
        with pytest.raises(httpx.TransportError):
            http.get(f"{first.xero_url}/_sandbox/journal")
    with sandbox.serve(xero_port=port) as second:
        assert second.xero_url == first.xero_url


def test_taken_port_is_an_error(served: Served) -> None:
    """A port in use is an OSError for the caller to word, and does not end the process."""
    with pytest.raises(OSError, match="in use"):
        Sandbox().serve(xero_port=int(served.xero_url.rsplit(":", 1)[1]))


def test_chunked_bodies_are_read(served: Served) -> None:
    """A body of unknown length arrives whole."""
    with httpx.Client(base_url=served.xero_url) as http:
        answer = http.post("/_sandbox/clock", content=iter([b'{"advance', b'_s": 1}']))
        assert answer.status_code == 200
