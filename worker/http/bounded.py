"""No answer is larger than one that an API could mean, and none has a header that a terminal or a log would obey.

Installed as a hook of the HTTP client, so that it holds for every answer: that of a token address, of a file's storage
and of a webhook, too. The body is unpacked here, piece by piece, because a small packed answer may be a large one. It
judges no content.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import httpx

from worker.plain_text import plain

#: Bytes of one answer, unpacked: of files ten million may go on to Xero, a page of a hundred claims of fifty lines has
#: six million.
MOST_BYTES = 12_000_000
#: Bytes that are unpacked at a time.
_PIECE = 262_144


class AnswerTooLarge(httpx.RequestError):
    """The other side sent more than an answer has."""


def bounded(response: httpx.Response) -> None:
    """The hook: the answer's headers are plain from here on, and its body is read within these bounds."""
    response.headers = httpx.Headers([(name, plain(value)) for name, value in response.headers.multi_items()], "utf-8")
    packed = response.headers.pop("Content-Encoding", "identity").strip().lower()
    if isinstance(response.stream, httpx.SyncByteStream):
        response.stream = _Bounded(response.stream, response.request, packed)


class _Bounded(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, request: httpx.Request, packed: str) -> None:
        self._stream = stream
        self._request = request
        self._packed = packed

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for piece in _unpacked(self._stream, self._packed):
            size += len(piece)
            if size > MOST_BYTES:
                raise AnswerTooLarge(f"more than {MOST_BYTES // 1_000_000} MB", request=self._request)
            yield piece

    def close(self) -> None:
        self._stream.close()


def _unpacked(pieces: Iterable[bytes], packed: str) -> Iterator[bytes]:
    if packed == "identity":
        yield from pieces
        return
    if packed != "gzip":
        raise httpx.DecodingError(f"the answer is packed as {packed[:40]!r}, which was not asked for")
    gzip = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for piece in pieces:
            while piece:
                yield gzip.decompress(piece, _PIECE)
                piece = gzip.unconsumed_tail
    except zlib.error as error:
        raise httpx.DecodingError(f"the answer cannot be unpacked: {error}") from error
    if not gzip.eof:
        raise httpx.DecodingError("the answer ends in the middle")
