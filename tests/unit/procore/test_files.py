"""Downloads: our token goes to Procore and to nobody else, and no address is told to anybody."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from itertools import pairwise

import httpx
import pytest
from structlog.testing import capture_logs

from worker import stopping
from worker.errors import ApiUnavailable, MissingReference, WorkerStopped
from worker.mapping.rules import Attachments
from worker.procore.files import MOST_HOPS, Files

API = "https://api.procore.com"
STORAGE = "https://storage.procore.com/v4/1"
SIGNED = "https://bucket.example/1?Signature=secret"
PDF = b"%PDF-1.4\n"


class Token(httpx.Auth):
    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers["Authorization"] = "Bearer token"
        yield request


class Storage:
    """Answers by address, and remembers what it was asked."""

    def __init__(self, answers: dict[str, httpx.Response | Exception], api: str = API) -> None:
        self._answers = answers
        self.requests: list[httpx.Request] = []
        transport = httpx.MockTransport(self._answer)
        self.files = Files(api, auth=Token(), company_id=42, timeout_s=5.0, transport=transport)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers[str(request.url)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def identified(self) -> list[str]:
        """The hosts that were told who asks."""
        return [one.url.host for one in self.requests if {"authorization", "procore-company-id"} & one.headers.keys()]


def to(url: str) -> httpx.Response:
    return httpx.Response(302, headers={"Location": url, "Set-Cookie": "session=secret; Domain=example"})


def given(content: bytes = PDF) -> httpx.Response:
    return httpx.Response(200, content=content)


@pytest.mark.parametrize(
    ("first", "then", "identified"),
    [
        (STORAGE, [SIGNED], ["storage.procore.com"]),
        (STORAGE, [], ["storage.procore.com"]),
        (f"{API}/1", [], ["api.procore.com"]),
        (STORAGE, ["https://storage.procore.com/v5/1"], ["storage.procore.com", "storage.procore.com"]),
        (STORAGE, ["https://files.procore.com/1"], ["storage.procore.com"]),
        (STORAGE, ["https://storage.procore.com:8443/1"], ["storage.procore.com"]),
        (SIGNED, [], []),
        ("https://procore.com.evil.example/1", [], []),
        ("https://evilprocore.com/1", [], []),
        (SIGNED, [STORAGE], []),
    ],
)
def test_only_procore_learns_who_asks(first: str, then: list[str], identified: list[str]) -> None:
    """Token and company go to the first address, where it is Procore's own, and to no other origin after it."""
    way = [first, *then]
    sent_on: dict[str, httpx.Response | Exception] = {here: to(there) for here, there in pairwise(way)}
    storage = Storage({**sent_on, way[-1]: given()})
    assert storage.files.fetch(first, 100) == PDF
    assert storage.identified() == identified
    assert not any("cookie" in one.headers for one in storage.requests)


@pytest.mark.parametrize(
    ("api", "url", "is_ours"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9001/1", True),
        ("http://127.0.0.1:9000", "http://9.0.0.1/1", False),
        ("http://procore.sandbox", "http://storage.procore.sandbox/1", True),
        ("http://procore.sandbox", "http://other.sandbox/1", False),
    ],
)
def test_a_sandbox_is_told_apart_as_well(api: str, url: str, is_ours: bool) -> None:
    """Its hosts are numbers or short names, of which nothing may be cut off."""
    storage = Storage({url: given()}, api)
    storage.files.fetch(url, 100)
    assert bool(storage.identified()) is is_ours


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({STORAGE: httpx.Response(404)}, "answers 404"),
        ({STORAGE: httpx.Response(403, text=SIGNED)}, "answers 403"),
        ({STORAGE: httpx.Response(302)}, "answers 302"),
        ({STORAGE: httpx.Response(204)}, "answers 204"),
        ({STORAGE: to(STORAGE)}, "again and again"),
        ({STORAGE: to("http://bucket.example/1?Signature=secret")}, "not encrypted"),
        ({STORAGE: to("ftp://bucket.example/secret")}, "not encrypted"),
    ],
)
def test_a_refusal_is_the_files_own(answers: dict[str, httpx.Response | Exception], why: str) -> None:
    """It is held with what the storage answered, without the address and without the answer's text."""
    storage = Storage(answers)
    with pytest.raises(MissingReference, match=why) as refused:
        storage.files.fetch(STORAGE, 100)
    assert "secret" not in str(refused.value)
    assert len(storage.requests) <= MOST_HOPS


def test_an_address_that_is_none_is_refused() -> None:
    """It is this file's trouble."""
    with pytest.raises(MissingReference, match="cannot be read"):
        Storage({}).files.fetch("https://storage.procore.com:secret/1", 100)


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(503, text=SIGNED),
        httpx.Response(429),
        httpx.ConnectError(f"cannot reach {SIGNED}"),
        httpx.ReadTimeout("slow"),
    ],
)
def test_what_passes_is_told_from_what_does_not(trouble: httpx.Response | Exception) -> None:
    """A storage that is down or busy makes a file wait."""
    with pytest.raises(ApiUnavailable) as error:
        Storage({STORAGE: trouble}).files.fetch(STORAGE, 100)
    assert "secret" not in str(error.value)


def test_no_more_is_read_than_may_be_sent() -> None:
    """One byte more says that the file is larger; the rest stays where it is."""
    read: list[int] = []

    def parts() -> Iterator[bytes]:
        for number in range(1000):
            read.append(number)
            yield b"x" * 10

    storage = Storage({STORAGE: httpx.Response(200, content=parts())})
    assert len(storage.files.fetch(STORAGE, 25)) == 26
    assert len(read) < 10


def test_a_small_file_that_unpacks_to_a_huge_one_is_cut_off() -> None:
    """Bytes are counted unpacked, and unpacked piece by piece: 200 MB of nothing are 200 kB on the wire."""
    press = zlib.compressobj(9, wbits=31)
    bomb = b"".join(press.compress(bytes(1_000_000)) for _ in range(200)) + press.flush()
    storage = Storage({STORAGE: httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=iter([bomb]))})
    tracemalloc.start()
    try:
        assert len(storage.files.fetch(STORAGE, 1_000_000)) == 1_000_001
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_a_packed_file_is_unpacked() -> None:
    """A storage may keep it packed."""
    packed = httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=iter([gzip.compress(PDF)]))
    assert Storage({STORAGE: packed}).files.fetch(STORAGE, 100) == PDF


@pytest.mark.parametrize("packing", ["br", "zstd", "deflate"])
def test_a_file_that_cannot_be_unpacked_is_refused(packing: str) -> None:
    """It will not be another one tomorrow, so it does not wait."""
    packed = httpx.Response(200, headers={"Content-Encoding": packing}, content=iter([PDF]))
    with pytest.raises(MissingReference, match="cannot be unpacked"):
        Storage({STORAGE: packed}).files.fetch(STORAGE, 100)


def test_the_largest_file_that_may_be_sent_is_read_whole() -> None:
    """What bounds any answer leaves room for it."""
    most = Attachments(most_megabytes=10).most_bytes
    content = PDF + bytes(most - len(PDF))
    storage = Storage({STORAGE: httpx.Response(200, content=iter([content[: most // 2], content[most // 2 :]]))})
    assert storage.files.fetch(STORAGE, most) == content


def test_a_stopped_worker_goes_no_further_hop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may take a minute; the job goes on elsewhere."""
    stopped = iter([None, WorkerStopped()])

    def check() -> None:
        if (stop := next(stopped)) is not None:
            raise stop

    monkeypatch.setattr(stopping, "check", check)
    storage = Storage({STORAGE: to(SIGNED), SIGNED: given()})
    with pytest.raises(WorkerStopped):
        storage.files.fetch(STORAGE, 100)
    assert [one.url.host for one in storage.requests] == ["storage.procore.com"]


def test_no_address_stands_in_the_log() -> None:
    """Whoever has it has the file."""
    with capture_logs() as lines:
        Storage({STORAGE: to(SIGNED), SIGNED: given()}).files.fetch(STORAGE, 100)
    assert [line["host"] for line in lines] == ["storage.procore.com", "bucket.example"]
    assert "secret" not in str(lines)
