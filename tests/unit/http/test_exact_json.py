"""JSON whose numbers are never floats."""

from __future__ import annotations

import json
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.http import exact_json


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_decimal_comes_back(amount: Decimal) -> None:
    """Every digit of an amount survives the way out and the way in."""
    assert exact_json.loads(exact_json.dumps({"Amount": amount}))["Amount"] == amount


@pytest.mark.parametrize("text", ["0.1", "10812.60", "1e2", "123456789012345678.99"])
def test_numbers_with_a_fraction_are_decimals(text: str) -> None:
    """A number is read as it is written."""
    number = exact_json.loads(f"[{text}]")[0]
    assert isinstance(number, Decimal)
    assert number == Decimal(text)


def test_whole_numbers_stay_whole() -> None:
    """Ids are integers of any size."""
    assert exact_json.loads("598134325841112") == 598134325841112


def test_the_same_value_gives_the_same_bytes() -> None:
    """A request that is sent again is the same to the last byte: keys in order, no spaces, cents as written."""
    assert exact_json.dumps({"b": Decimal("10.00"), "a": ["é", "null"]}) == '{"b":10.00,"a":["é","null"]}'


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "[1, NaN]", "", "<html>", "{", '"\\ud800'])
def test_what_is_not_json_is_refused(text: str) -> None:
    """NaN and its kin are not numbers, and half an answer is none."""
    with pytest.raises(ValueError):
        exact_json.loads(text)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_nothing_that_is_not_a_number_goes_out(amount: float | Decimal) -> None:
    """A NaN in a body would be stored by nobody knows whom as nobody knows what."""
    with pytest.raises(ValueError):
        exact_json.dumps({"Amount": amount})


def test_words_for_what_is_no_number_are_words() -> None:
    """A supplier may be called Infinity."""
    assert exact_json.dumps(["Infinity NaN null", Decimal("1.50"), None]) == '["Infinity NaN null",1.50,null]'


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "[" * 61 + "]" * 61, '[{"a":' * 31 + "1" + "}]" * 31]
)
def test_deep_nesting_is_refused(text: str) -> None:
    """Nothing behind the parser has to think of its own depth."""
    with pytest.raises(ValueError, match="more than 60 deep"):
        exact_json.loads(text)


def test_the_depth_that_is_allowed() -> None:
    """Sixty is far beyond both APIs."""
    assert exact_json.loads("[" * 60 + "]" * 60)


@pytest.mark.parametrize(
    "text",
    [
        "[" + "0," * 100_000 + "0]",
        "[" + "{}," * 100_000 + "0]",
        "[" + '{"a":0},' * 50_000 + "0]",
        "{" + ",".join(f'"{number}":0' for number in range(50_000)) + "}",
        "[" + ",".join(['"' + "x" * 300_000 + '"'] * 9) + ',"👍"]',
        "{" + ",".join(f'"\\":{number}":0' for number in range(30_000)) + "}",
        "[" * 100_000,
    ],
    ids=["numbers", "objects", "names", "one object", "a wide text", "to be read with care", "depth"],
)
def test_what_would_fill_the_memory_is_refused_before_it_does(text: str) -> None:
    """Memory is a matter of values and of the widest character, not of bytes."""
    tracemalloc.start()
    try:
        with pytest.raises(exact_json.TooMuch):
            exact_json.loads(text.encode(), 10_000_000)
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", ["[0,0]", '{"a":{"b":[]}}', '["👍"]', '{"a\\":":1}'])
def test_a_small_text_may_be_anything(text: str) -> None:
    """What is bounded is what it would take."""
    assert exact_json.loads(text, 5_000) == json.loads(text)


def test_a_text_in_which_nothing_ends_is_refused() -> None:
    """Of what is not plain, one character may quadruple all that goes with it."""
    with pytest.raises(ValueError, match="without a comma"):
        exact_json.loads('["' + "é" * 1_500_000 + '"]')


def test_what_is_made_plain_in_pieces_is_what_is_made_plain_at_once() -> None:
    """Wherever a piece ends: in no escape, in no character."""
    odd, plain = "\u202e\U0001f44d,\\\x00, \U0001f44d\u200b", "\U0001f44d,\\ , \U0001f44d"
    fillers = ["x" * (number % 7) for number in range(40_000)]
    for ensure_ascii in (True, False):
        text = json.dumps([f"{filler}{odd}" for filler in fillers], ensure_ascii=ensure_ascii)
        assert exact_json.loads(text) == [f"{filler}{plain}" for filler in fillers]


@pytest.mark.parametrize("text", ["9" * 5000, "-" + "9" * 5000, "1e400", "1E-400000", "0." + "1" * 5000])
def test_numbers_of_any_length_keep_every_digit(text: str) -> None:
    """Whoever reads them judges them; the parser neither fails nor rounds."""
    assert exact_json.loads(f"[{text}]") == [Decimal(text)]


def test_an_exponent_beyond_counting_stays_text() -> None:
    """It costs its own record, not the answer."""
    assert exact_json.loads("[1e99999999999999999999, 1]") == ["1e99999999999999999999", 1]


@pytest.mark.parametrize(
    "text",
    [
        '{"amount": 1, "amount": 2}',
        '{"amount" : 1, "amount"\n\t:2}',
        '{"amount" :1, "amount":2, "a name that ends in \\":":3}',
        '[{"amount":1,"amount":2}, "a text with \\": in it"]',
        '{"lines":[{"amount":{"of":1},"amount":{"of":2}}]}',
    ],
)
def test_one_name_with_two_values_is_refused(text: str) -> None:
    """Which of two amounts is meant is not guessed, however it is written."""
    with pytest.raises(ValueError, match="'amount' twice"):
        exact_json.loads(text)


def test_one_name_with_one_value_twice_says_it_once() -> None:
    """It leaves nothing to guess."""
    assert exact_json.loads('{"amount": 1, "amount": 1}') == {"amount": 1}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["24-017: claim", 'quoted" : "', "", "é"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", 'b" :', '":', "c d"]), inner),
)


@given(_VALUES, st.sampled_from([None, 1]), st.sampled_from([":", " : ", "\n:"]))
def test_it_makes_no_difference_how_json_is_spaced(value: object, indent: int | None, colon: str) -> None:
    """The fast reader and the careful one say the same."""
    assert exact_json.loads(json.dumps(value, indent=indent, separators=(",", colon))) == value


def test_a_byte_order_mark_is_no_part_of_an_answer() -> None:
    """Some servers put one in front of UTF-8; another encoding is refused."""
    assert exact_json.loads(b"\xef\xbb\xbf[1]") == [1]
    for encoding in ("utf-16", "utf-32"):
        with pytest.raises(ValueError):
            exact_json.loads("[1]".encode(encoding))


def test_bytes_that_are_not_utf8_are_refused() -> None:
    """A garbled answer is an error of the answer, not of the program."""
    with pytest.raises(ValueError):
        exact_json.loads(b'"\xff"')
