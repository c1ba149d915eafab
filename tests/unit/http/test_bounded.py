"""No answer takes more memory or time than an API could mean; what a call would come to is one of our errors."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.wire import Wire
from worker.errors import ApiUnavailable, ContractBroken, OutcomeUnknown
from worker.http.bounded import MOST_BYTES, bounded

MEGABYTE = 1_000_000


class Stream(httpx.SyncByteStream):
    """An answer that comes piece by piece, as one does from a network."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]]) -> None:
        self._pieces = pieces
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            self.taken += len(piece)
            yield piece


def a_large_answer() -> Iterator[bytes]:
    yield b'["'
    for _ in range(50):
        yield b"x" * MEGABYTE
    yield b'"]'


def in_pieces(content: bytes, size: int = 65_536) -> Callable[[], Iterator[bytes]]:
    return lambda: (content[start : start + size] for start in range(0, len(content), size))


def answering(stream: Stream, packed: str = "") -> Wire:
    headers = {"Content-Encoding": packed} if packed else {}
    return Wire(lambda _: httpx.Response(200, stream=stream, headers=headers))


def peak(action: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def refused(wire: Wire) -> None:
    with pytest.raises(ContractBroken, match="Xero answered /Invoices with more than 40 MB"):
        wire.api().get("/Invoices")


def test_an_answer_of_fifty_megabytes_is_refused_where_it_gets_too_large() -> None:
    """The rest is not read, and it is not asked for again."""
    stream = Stream(a_large_answer)
    wire = answering(stream)
    assert peak(lambda: refused(wire)) < 2 * MOST_BYTES
    assert stream.taken <= MOST_BYTES + MEGABYTE
    assert len(wire.requests) == 1


def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused() -> None:
    """A packed answer is unpacked piece by piece, and counted unpacked."""
    press = zlib.compressobj(9, wbits=31)
    bomb = b"".join(press.compress(bytes(MEGABYTE)) for _ in range(200)) + press.flush()
    assert len(bomb) < MEGABYTE
    wire = answering(Stream(lambda: iter([bomb])), "gzip")
    assert peak(lambda: refused(wire)) < 2 * MOST_BYTES


def test_a_packed_answer_is_read() -> None:
    """In pieces of any size."""
    packed = gzip.compress(b'{"Invoices": [1.50]}')
    for size in (1, 7, 10_000):
        assert (
            str(answering(Stream(in_pieces(packed, size)), "gzip").api().get("/Invoices").body["Invoices"][0]) == "1.50"
        )


@pytest.mark.parametrize(
    ("content", "packed"),
    [
        (gzip.compress(b"[1]")[:-9], "gzip"),
        (b"", "gzip"),
        (b"[1]", "gzip"),
        (b"[1]", "br"),
        (b"[1]", "zstd"),
        (gzip.compress(gzip.compress(b"[1]")), "gzip, gzip"),
    ],
    ids=["cut", "empty", "plain", "brotli", "zstandard", "twice"],
)
def test_an_answer_that_cannot_be_unpacked(content: bytes, packed: str) -> None:
    """It is no answer: a read is tried again, a write has an unknown outcome."""
    wire = answering(Stream(in_pieces(content)), packed)
    with pytest.raises(ApiUnavailable):
        wire.api().get("/Invoices")
    with pytest.raises(OutcomeUnknown):
        wire.api().write("PUT", "/Invoices", "{}", "key")


def test_a_write_whose_answer_is_too_large_may_have_happened() -> None:
    """The ledger finds out."""
    with pytest.raises(OutcomeUnknown, match="more than 40 MB"):
        answering(Stream(a_large_answer)).api().write("PUT", "/Invoices", "{}", "key")


def test_an_answer_that_drips_ends_in_time() -> None:
    """One byte a minute never reaches the read timeout; the answer as a whole has one, too."""
    now = iter(range(0, 10_000, 50))

    def drip() -> Iterator[bytes]:
        while True:
            yield b" "

    stream = Stream(drip)
    response = httpx.Response(200, stream=stream, request=httpx.Request("GET", "https://api.example/"))
    bounded(120.0, lambda: float(next(now)))(response)
    with pytest.raises(httpx.ReadTimeout, match="does not come to an end"):
        response.read()
    assert stream.taken == 3
