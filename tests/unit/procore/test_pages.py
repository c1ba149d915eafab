"""Paging as Procore does it, and lists that go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from tests.wire import Wire, answer, in_turn
from worker.errors import ContractBroken, ListTooLarge, TooMuchAtOnce
from worker.http import exact_json
from worker.procore import pages as paging
from worker.procore.pages import pages

Row = dict[str, int]
NEXT = {"Link": '<https://api.example/list?page=1>; rel="first", <https://api.example/list?page=2>; rel="next"'}
LAST = {"Link": '<https://api.example/list?page=1>; rel="first"'}


def rows(first: int, count: int) -> list[Row]:
    return [{"id": number} for number in range(first, first + count)]


def read(wire: Wire, per_page: int = 2) -> list[Row]:
    return [row for page in pages(wire.api(where="Procore"), "/list", {"view": "extended"}, per_page) for row in page]


def test_links_are_followed() -> None:
    """While an answer names a next page there is one, also after a page that is not full."""
    wire = Wire(in_turn(answer(rows(1, 1), headers=NEXT), answer(rows(2, 2), headers=LAST)))
    assert read(wire) == rows(1, 3)
    assert [dict(request.url.params) for request in wire.requests] == [
        {"view": "extended", "page": "1", "per_page": "2"},
        {"view": "extended", "page": "2", "per_page": "2"},
    ]


def test_without_links_a_short_page_is_the_last() -> None:
    """Some lists send no Link header: full pages go on, a short one ends."""
    wire = Wire(in_turn(answer(rows(1, 2)), answer(rows(3, 1))))
    assert read(wire) == rows(1, 3)


def test_without_links_an_empty_page_is_the_last() -> None:
    """A list that fills its pages exactly ends with an empty one."""
    wire = Wire(in_turn(answer(rows(1, 2)), answer([])))
    assert read(wire) == rows(1, 2)


@pytest.mark.parametrize("per_page", ["1", "x", "", "0", "9" * 5000])
def test_a_server_that_gives_smaller_pages_than_asked(per_page: str) -> None:
    """A list that caps its pages says so in Per-Page; a page of that size is a full one, and no row is lost."""
    wire = Wire(in_turn(answer(rows(1, 1), headers={"Per-Page": per_page}), answer([])))
    assert read(wire, per_page=2) == rows(1, 1)
    assert len(wire.requests) == (2 if per_page == "1" else 1)


def test_a_link_that_points_at_its_own_page_is_not_followed_in_a_circle() -> None:
    """Pages are counted here; a Link only says whether there is one more."""
    itself = {"Link": '<https://api.example/list?page=1>; rel="next"'}
    wire = Wire(in_turn(answer(rows(1, 2), headers=itself), answer(rows(3, 2), headers=LAST)))
    assert read(wire) == rows(1, 4)


def test_one_page_is_read_at_a_time() -> None:
    """Memory does not grow with the number of pages: the next page is asked for when the last is used up."""
    wire = Wire(in_turn(answer(rows(1, 2)), answer(rows(3, 2)), answer([])))
    reading = pages(wire.api(), "/list", {}, 2)
    next(reading)
    assert len(wire.requests) == 1


def never_ending(request: httpx.Request) -> httpx.Response:
    return answer(rows(int(request.url.params["page"]) * 10, 2))


@pytest.mark.parametrize(
    ("answering", "words"),
    [
        (
            in_turn(answer(rows(1, 2), headers=NEXT), answer(rows(1, 2), headers=LAST), answer(rows(1, 1))),
            "page 2 of /list",
        ),
        (lambda _: answer(rows(1, 2), headers=NEXT), "page 2 of /list with an earlier page again"),
        (in_turn(answer(rows(1, 2)), answer(rows(3, 2)), answer(rows(1, 2))), "page 3 of /list"),
        (never_ending, "does not end after 5 pages"),
        (lambda _: answer([], headers=NEXT), "does not end"),
        (lambda _: answer({"data": []}), "something else than a list"),
        (lambda _: answer(None), "something else than a list"),
        (lambda _: httpx.Response(200, text="<html>"), "something else than JSON"),
        (lambda _: httpx.Response(200, text="[NaN]"), "something else than JSON"),
    ],
)
def test_a_list_that_breaks_its_contract(
    answering: Callable[[httpx.Request], httpx.Response], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that repeats itself, never ends or is no list stops the project with a sentence."""
    monkeypatch.setattr(paging, "MOST_PAGES", 5)
    with pytest.raises(ContractBroken, match=words):
        read(Wire(answering))


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_a_list_that_does_not_page_is_complete(count: int) -> None:
    """Whatever page is asked for, it answers everything: also when that is just as much as a page holds."""
    wire = Wire(lambda _: answer(rows(1, count)))
    assert read(wire) == rows(1, count)
    assert len(wire.requests) == (3 if count == 2 else 1)


def too_large(most: int, rows_there: int) -> Callable[[httpx.Request], httpx.Response]:
    """A list that pages, and answers 408 for pages of more than `most` rows."""

    def answering(request: httpx.Request) -> httpx.Response:
        page, size = int(request.url.params["page"]), int(request.url.params["per_page"])
        if size > most:
            return httpx.Response(408, json={"errors": "Request Timeout"})
        left = max(0, rows_there - (page - 1) * size)
        return answer(rows((page - 1) * size + 1, min(size, left)))

    return answering


@pytest.mark.parametrize(("most", "there"), [(50, 230), (30, 61), (1, 3)])
def test_a_list_that_is_too_large_comes_in_smaller_pages(most: int, there: int) -> None:
    """No row is lost or read twice where the pages become smaller."""
    assert read(Wire(too_large(most, there)), per_page=100) == rows(1, there)


def test_pages_that_become_smaller_go_on_at_the_same_row() -> None:
    """Also in the middle of a list."""
    later_rows_are_large = too_large(25, 130)

    def answering(request: httpx.Request) -> httpx.Response:
        first = request.url.params["page"] == "1" and request.url.params["per_page"] == "100"
        return answer(rows(1, 100)) if first else later_rows_are_large(request)

    assert read(Wire(answering), per_page=100) == rows(1, 130)


def test_a_list_that_is_too_large_row_by_row() -> None:
    """What cannot be read at all makes the job come back, with what Procore said."""
    with pytest.raises(ListTooLarge, match="408: Request Timeout"):
        read(Wire(too_large(0, 3)), per_page=100)


@dataclass
class LargeRows:
    """A list of rows of which no more than so many fit into an answer, from the row `large` on."""

    rows: list[Row]
    fits: int
    large: int = 0
    asked: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        page, size = int(request.url.params["page"]), int(request.url.params["per_page"])
        self.asked.append((page, size))
        some = self.rows[(page - 1) * size : page * size]
        is_too_large = len([row for row in some if row["id"] >= self.large]) > self.fits
        return TOO_LARGE if is_too_large else answer(some)


MOST_MEMORY = 1_000_000
TOO_LARGE = httpx.Response(200, text=f"[{'[],' * 10_000}0]")


@pytest.mark.parametrize(
    ("large", "asked"),
    [
        (0, [(1, 50), (1, 10), (2, 10), (3, 10), (4, 10), (5, 10), (6, 10)]),
        (60, [(1, 50), (2, 50), (6, 10), (7, 10), (8, 10), (9, 10), (10, 10), (11, 10)]),
    ],
)
def test_a_page_that_is_too_large_is_read_in_smaller_ones(
    large: int, asked: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From where it began: no row is lost and none comes twice."""
    monkeypatch.setattr(exact_json, "MOST_MEMORY", MOST_MEMORY)
    some = LargeRows(rows(0, 55 if large == 0 else 105), fits=10, large=large)
    assert read(Wire(some), per_page=50) == some.rows
    assert some.asked == asked


def test_a_row_that_is_too_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are taken apart until they are small."""
    monkeypatch.setattr(exact_json, "MOST_MEMORY", MOST_MEMORY)
    some = LargeRows(rows(0, 3), fits=0)
    with pytest.raises(TooMuchAtOnce):
        read(Wire(some), per_page=100)
    assert some.asked == [(1, 100), (1, 20), (1, 4), (1, 2), (1, 1)]


def test_pages_that_were_not_full_are_not_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rows before a page are not as many as were asked for, nobody knows where a smaller page would begin."""
    monkeypatch.setattr(exact_json, "MOST_MEMORY", MOST_MEMORY)
    wire = Wire(in_turn(answer(rows(1, 4), headers=NEXT), TOO_LARGE))
    with pytest.raises(TooMuchAtOnce):
        read(wire, per_page=5)
