"""Paging as Procore does it: follow `Link: rel="next"`, and stop where a list repeats or never ends.

procore-api.md §3: Link headers where there are several pages; some lists send none, so a page shorter than asked for,
or than the list's own `Per-Page` where it caps its pages, also ends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from worker.errors import ContractBroken
from worker.http.api import Api, Params

PER_PAGE = 100
#: A list longer than this many pages is taken for one that never ends.
MOST_PAGES = 1_000
_LONGEST_COUNT = 10


def pages(api: Api, path: str, params: Params, per_page: int = PER_PAGE) -> Iterator[list[Any]]:
    """Yield the rows of a list page by page; one page is in memory at a time.

    Raises ContractBroken when a page is not a list, repeats an earlier one, or the list does not end.
    """
    seen: dict[int, int] = {}  # a page's ids, hashed, to its number
    for number in range(1, MOST_PAGES + 1):
        answer = api.get(path, {**params, "page": number, "per_page": per_page})
        rows = _rows(answer.body, path)
        earlier = seen.setdefault(hash(_ids(rows)), number)
        if rows and earlier != number:
            raise ContractBroken(f"Procore answers page {number} of {path} with page {earlier} again; try later.")
        if rows:
            yield rows
        if not _has_next(answer.headers, len(rows), per_page):
            return
    raise ContractBroken(f"Procore's list {path} does not end after {MOST_PAGES} pages; try later.")


def _rows(body: object, path: str) -> list[Any]:
    if not isinstance(body, list):
        raise ContractBroken(f"Procore answered {path} with something else than a list.")
    return body


def _ids(rows: list[Any]) -> tuple[str, ...]:
    return tuple(str(row.get("id") if isinstance(row, dict) else row) for row in rows)


def _has_next(headers: httpx.Headers, count: int, per_page: int) -> bool:
    link = headers.get("Link", "")
    if link:
        return 'rel="next"' in link.replace("rel=next", 'rel="next"')
    given = headers.get("Per-Page", "")
    says = int(given) if given.isdecimal() and len(given) < _LONGEST_COUNT else 0
    return count >= (min(says, per_page) or per_page)
