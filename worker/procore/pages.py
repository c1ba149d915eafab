"""Paging as Procore does it: follow `Link: rel="next"`, and stop where a list repeats or never ends.

procore-api.md §3: Link headers where there are several pages; some lists send none, so a page shorter than asked for,
or than the list's own `Per-Page` where it caps its pages, also ends it. Some do not page at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from worker.errors import ContractBroken, ListTooLarge, TooMuchAtOnce
from worker.http.api import Api, Params
from worker.http.place import Place

PER_PAGE = 100
#: A list longer than this many pages is taken for one that never ends.
MOST_PAGES = 1_000
_LONGEST_COUNT = 10


def pages(api: Api, path: str, params: Params, per_page: int = PER_PAGE) -> Iterator[list[Any]]:
    """Yield the rows of a list page by page; one page is in memory at a time.

    A page that is too large at once, for Procore (408) or for us, is asked for in smaller ones. Raises ContractBroken
    when a page is no list or repeats an earlier one, or the list does not end; ListTooLarge or TooMuchAtOnce when even
    a page of one row is too large.
    """
    seen: set[int] = set()  # the ids of each page, hashed
    place = Place(per_page)
    while place.page <= MOST_PAGES * place.parts:
        try:
            answer = api.get(path, {**params, "page": place.page, "per_page": place.size})
        except (ListTooLarge, TooMuchAtOnce):
            if not place.narrow():
                raise
            continue
        rows = _rows(answer.body, path)
        ids = hash(_ids(rows))
        if rows and ids in seen:
            if place.page == 2 and _is_whole(api, path, params, place.size, rows):
                return
            raise ContractBroken(f"Procore answers page {place.page} of {path} with an earlier page again; try later.")
        seen.add(ids)
        if rows:
            yield rows
        if not _has_next(answer.headers, len(rows), place.size):
            return
        place.turn(len(rows), _given(answer.headers, place.size))
    raise ContractBroken(f"Procore's list {path} does not end after {MOST_PAGES} pages; try later.")


def _is_whole(api: Api, path: str, params: Params, size: int, rows: list[Any]) -> bool:
    """Whether a list of just one page's length came as a whole, since it does not page: asked for half as much, it
    answers the same (not all of Procore's lists page, procore-api.md §3)."""
    half = api.get(path, {**params, "page": 1, "per_page": max(1, size // 2)})
    return "Link" not in half.headers and _ids(_rows(half.body, path)) == _ids(rows)


def _rows(body: object, path: str) -> list[Any]:
    """Lists of v2.0 stand under `data`, and no others."""
    if isinstance(body, dict) and path.startswith("/rest/v2.0/"):
        body = body.get("data")
    if not isinstance(body, list):
        raise ContractBroken(f"Procore answered {path} with something else than a list.")
    return body


def _ids(rows: list[Any]) -> tuple[str, ...]:
    return tuple(str(row.get("id") if isinstance(row, dict) else row) for row in rows)


def _has_next(headers: httpx.Headers, count: int, asked: int) -> bool:
    """More rows than a page may hold are the whole list: it does not page."""
    link = headers.get("Link", "")
    if link:
        return 'rel="next"' in link.replace("rel=next", 'rel="next"')
    return _given(headers, asked) <= count <= asked


def _given(headers: httpx.Headers, asked: int) -> int:
    """The size of the pages that come: as asked for, or what the list caps them at."""
    given = headers.get("Per-Page", "")
    says = int(given) if given.isdecimal() and len(given) < _LONGEST_COUNT else 0
    return min(says, asked) or asked
