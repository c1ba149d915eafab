"""Strings without what no person has typed: control characters, invisible marks, halves of a character.

PostgreSQL takes no NUL and UTF-8 no half of a surrogate pair; a terminal obeys escape sequences; marks that turn the
direction of writing or show nothing make two names look like one. They are taken out of JSON where it is read, before
anything is compared or stored, so that the same answer gives the same text for ever. Letters of any script, emoji and
the joiners that both need stay. It knows nothing of fields: what may stand in one is mapping's to say.
"""

from __future__ import annotations

import re

_NOTHING = "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb"
_SPACE = "\x7f-\x9f\u2028\u2029"
_HALF = "\ud800-\udfff\ufffe\uffff"
_MARKS = re.compile(f"[{_NOTHING}{_SPACE}{_HALF}]")
_IS_NOTHING, _IS_SPACE = re.compile(f"[{_NOTHING}]"), re.compile(f"[{_SPACE}]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
#: Every escape of JSON, so that none is taken for the beginning of another; a whole surrogate pair is a character.
_ESCAPES = re.compile(
    r"(?:\\[^ubf])+|\\(?:u(?:"
    r"(?P<pair>d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})"
    r"|(?P<half>d[89a-f][0-9a-f]{2}|fff[ef])"
    r"|(?P<space>00(?:0[0-8bcef]|1[0-9a-f]|7f|[89][0-9a-f])|202[89])"
    r"|(?P<nothing>00ad|061c|200[bef]|202[a-e]|206[0-46-9]|feff|fff[9ab])"
    r")|(?P<short>(?-i:[bf]))|.)",
    re.IGNORECASE | re.DOTALL,
)
#: Without one of these no escape stands for what is taken out; most texts have none.
_TELLING, _TELLING_BYTES = re.compile(r"\\[ubf]"), re.compile(rb"\\[ubf]")
#: Bytes that are made plain at a time.
_PIECE, _LONGEST_PIECE = 262_144, 2_000_000
_REPLACEMENT = "\ufffd"


def plain(text: str) -> str:
    """Any text that somebody else sent, made plain."""
    return _MARKS.sub(_mark, _CONTROLS.sub(" ", text))


def plain_json(text: bytes) -> bytes:
    """The JSON text with its strings made plain. Outside of strings none of this is JSON anyway.

    Piece by piece, since one character may quadruple the memory of all that stands with it; each piece ends with a
    comma, which is in no escape. Raises ValueError for what is no UTF-8, or goes on for megabytes without one.
    """
    if text.isascii() and b"\x7f" not in text and not _TELLING_BYTES.search(text):
        return text
    made = bytearray()
    start = 0
    while start < len(text):
        end = text.find(b",", start + _PIECE) + 1 or len(text)
        if end - start > _LONGEST_PIECE:
            raise ValueError(f"more than {_LONGEST_PIECE // 1_000_000} MB without a comma")
        made += _plain_piece(text[start:end].decode()).encode()
        start = end
    return bytes(made)


def _plain_piece(text: str) -> str:
    if _TELLING.search(text):
        text = _ESCAPES.sub(_escaped, text)
    return text if text.isascii() and "\x7f" not in text else _MARKS.sub(_mark, text)


def _escaped(found: re.Match[str]) -> str:
    if found["half"]:
        return _REPLACEMENT
    if found["space"] or found["short"]:
        return " "
    return "" if found["nothing"] else found[0]


def _mark(found: re.Match[str]) -> str:
    return "" if _IS_NOTHING.match(found[0]) else " " if _IS_SPACE.match(found[0]) else _REPLACEMENT
