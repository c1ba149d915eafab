"""No answer takes more memory than an API could mean, and no header commands who reads of it. It ends in our errors."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.wire import Wire
from worker.errors import ApiUnavailable, OutcomeUnknown, SyncError, TooMuchAtOnce
from worker.http.bounded import MOST_BYTES

MEGABYTE = 1_000_000
#: A terminal would change its title and its colour, and show the rest from right to left.
HOSTILE = "\x1b]0;title\x07\x1b[31m\u202eday".encode()


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
    with pytest.raises(TooMuchAtOnce, match="Xero answered /Invoices with more than 12 MB"):
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
    with pytest.raises(OutcomeUnknown, match="more than 12 MB"):
        answering(Stream(a_large_answer)).api().write("PUT", "/Invoices", "{}", "key")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            httpx.Response(429, headers=[(b"X-Rate-Limit-Problem", HOSTILE)]),
            "Xero says that the  ]0;title  [31mday limit is used up.",
        ),
        (
            httpx.Response(302, headers=[(b"Location", b"https://else" + HOSTILE + b".example/")]),
            "Xero answers 302 for /Invoices and sends us on to else%20%5D0;title%20%20%5B31mday.example.",
        ),
        (
            httpx.Response(200, headers=[(b"Content-Encoding", HOSTILE)], stream=Stream(a_large_answer)),
            "Xero gave no answer to GET /Invoices (the answer is packed as ']0;title  [31mday'",
        ),
    ],
    ids=["limit", "redirect", "packing"],
)
def test_no_header_commands_who_reads_of_it(answer: httpx.Response, said: str) -> None:
    """What a header puts into a sentence goes into the job table, logs and terminals: no control, no hidden mark."""
    with pytest.raises(SyncError) as error:
        Wire(lambda _: answer).api(longest_wait_s=0.0).get("/Invoices")
    assert str(error.value).startswith(said)
    assert str(error.value).isprintable()


def test_every_header_is_plain_where_it_comes_in() -> None:
    """Whoever reads one needs not think of it; names in any script stay."""
    headers = [(b"Link", HOSTILE), (b"Set-Cookie", b"a"), (b"Set-Cookie", b"b"), (b"X-Name", "Škoda 東京".encode())]
    found = Wire(lambda _: httpx.Response(200, headers=headers, content=b"{}")).api().get("/Invoices").headers
    assert (found["Link"], found["X-Name"]) == (" ]0;title  [31mday", "Škoda 東京")
    assert found.get_list("Set-Cookie") == ["a", "b"]
