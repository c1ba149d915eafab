"""Strings that every database, terminal and page can hold, from whatever JSON may say."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.http import exact_json
from worker.plain_text import plain

HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

CASES = [
    ("Smith & Sons", "Smith & Sons"),
    ("Ozymandias\x00 Pty", "Ozymandias  Pty"),
    ("\x1b[31mred\x1b[0m", " [31mred [0m"),
    ("a\x9b31mb", "a 31mb"),
    ("two\nlines\tand a tab\r\n", "two\nlines\tand a tab\r\n"),
    ("a form\x0cfeed, a \bell", "a form feed, a  ell"),
    ("\u202eevil\u202c", "evil"),
    ("24-017\u200b", "24-017"),
    ("\ufeffname", "name"),
    ("half \ud83d of one", "half \ufffd of one"),
    ("\udc4d", "\ufffd"),
    ("\uffff", "\ufffd"),
    ("👍🏽 and 👩\u200d🚒", "👍🏽 and 👩\u200d🚒"),
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("Łódź 東京 Ñandú", "Łódź 東京 Ñandú"),
    ("a\\u0000b", "a\\u0000b"),
    ("\\", "\\"),
    ('"\\"', '"\\"'),
]


@pytest.mark.parametrize(("said", "text"), CASES)
def test_what_becomes_of_a_string(said: str, text: str) -> None:
    """What nobody typed goes; letters of any script, emoji, ends of lines and backslashes stay."""
    assert exact_json.loads(json.dumps(said)) == text
    assert exact_json.loads(json.dumps([said, {said: said}])) == [text, {text: text}]
    assert plain(said) == text


@pytest.mark.parametrize(("said", "text"), [case for case in CASES if case[0].isprintable()])
def test_unescaped_characters_too(said: str, text: str) -> None:
    """It makes no difference whether JSON escapes a character."""
    assert exact_json.loads(json.dumps(said, ensure_ascii=False).encode()) == text


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_string(said: str) -> None:
    """The text that comes out can be stored anywhere, stays as it is, and reading it again changes nothing."""
    text = exact_json.loads(json.dumps(said))
    assert not HIDDEN.search(text)
    assert text.encode().decode() == text
    assert exact_json.loads(json.dumps(text)) == text == plain(said)
