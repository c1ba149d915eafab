"""JSON as nobody should send it, for both readers: any JSON at all, and real answers in which something was changed."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.examples import examples
from worker.http import exact_json

#: About half a minute for each of the two readers when all are drawn.
fuzzed = settings(max_examples=examples(500), deadline=None, suppress_health_check=list(HealthCheck))

#: Values that somebody, somewhere, has sent in place of the right one; each as it stands in JSON.
ODD = [
    *("null", "true", "false", "0", "-1", "-0", "0.1", "1e400", "-1E+400", "1e-400", "1e99999999999999999999"),
    *("9" * 5000, "9" * 30, "-" + "9" * 20, "9223372036854775808", "0." + "0" * 300 + "1", "1E-400000"),
    *("[]", "{}", "[[]]", "[null]", '[{"id": 1}]', '{"id": {}}', "[" * 40 + "]" * 40),
    *(json.dumps(text) for text in ("", " ", "9.28%", "1e400", "NaN", "Infinity", " 1,000.00 ", "-12.5", ".5", "0x10")),
    *(json.dumps(text) for text in ("9" * 5000, "1_000", "١٢", "²", "true", "null", "2026-02-30", "0026-07-31")),
    *(json.dumps(text) for text in ("9999-12-31", "9999-12-31T23:59:59-12:00", "0001-01-01", "2026-07-31T25:00:00Z")),
    *(json.dumps(text) for text in ("/Date(9999999999999999999999)/", "/Date(-1+0000)/", "/Date(x)/", "/Date(")),
    *(
        json.dumps(text)
        for text in ("x" * 10_000, "=1+1", "@SUM(A1)", "<script>alert(1)</script>", "a\x00b", "\x1b[31m")
    ),
    *(
        json.dumps(text)
        for text in ("\u202egnp.exe", "\ud800", "👩\u200d🚒", "two\nlines", "[red]text[/red]", "{0}{name}", "%s")
    ),
]

#: And some that are right in one place or another, so that a row of anything may be a record.
_RIGHT = ["7", '"approved"', '"paid"', '"10.00"', '"2026-07-31"', '"invoice"', '"INV-11"', '"AUTHORISED"', '"Concrete"']
_LEAVES = st.one_of(
    st.integers(0, len(ODD) - 1).map(ODD.__getitem__),  # by number: drawing prints what it may draw
    st.sampled_from(_RIGHT),
    st.text(st.characters(codec=None), max_size=20).map(json.dumps),
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
)


def any_json(names: Sequence[str]) -> st.SearchStrategy[str]:
    """Any JSON text; most of the names in it are ones that a reader looks for, and most of it is a list of objects."""
    sought = st.sampled_from(list(names))
    name = st.one_of(sought, sought, sought, st.text(st.characters(codec=None), max_size=5)).map(json.dumps)

    def inside(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.builds(lambda key, value: f"{key}: {value}", name, inner)
        return st.one_of(
            st.lists(inner, max_size=4).map(lambda parts: f"[{', '.join(parts)}]"),
            st.lists(pair, max_size=8).map(lambda parts: f"{{{', '.join(parts)}}}"),
        )

    anything = st.recursive(_LEAVES, inside, max_leaves=20)
    row = st.dictionaries(sought.map(json.dumps), anything, min_size=2, max_size=12).map(
        lambda fields: f"{{{', '.join(f'{key}: {value}' for key, value in fields.items())}}}"
    )
    rows = st.lists(row, min_size=1, max_size=3).map(lambda found: f"[{', '.join(found)}]")
    return st.one_of(rows, rows, rows, anything)


@st.composite
def changed(draw: st.DrawFn, answers: Sequence[Any]) -> str:
    """One of these answers as JSON, in which up to three values are other ones, or gone, or twice there."""
    answer = copy.deepcopy(draw(st.sampled_from(list(answers))))
    odd: dict[str, str] = {}
    for number in range(draw(st.integers(1, 3))):
        places = list(_places(answer))
        if not places:
            break
        change, place = draw(st.sampled_from([_replace, _replace, _remove, _repeat])), draw(st.sampled_from(places))
        mark = f"odd value {number}"
        odd[mark] = draw(_LEAVES)
        change(*place, mark)
    text = exact_json.dumps(answer)
    for mark, value in odd.items():
        text = text.replace(json.dumps(mark), value)
    return text


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in it with each of its keys."""
    found: list[tuple[Any, Any]] = []
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        found.append((value, key))
        if isinstance(inner, dict | list):
            found += _places(inner)
    return found


def _replace(container: Any, key: Any, mark: str) -> None:
    container[key] = mark


def _remove(container: Any, key: Any, mark: str) -> None:
    del container[key]


def _repeat(container: Any, key: Any, mark: str) -> None:
    if isinstance(container, list):
        container.append(copy.deepcopy(container[key]))
    else:
        container[mark] = container[key]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of calls are not logged."""
    as_before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(**as_before)


def tried(action: Callable[[], Any], *allowed: type[Exception]) -> Any:
    """What it gives, or None where it ends in one of these errors; any other is the test's failure."""
    try:
        return action()
    except allowed:
        return None
