"""List calls: which rows, in which order, which page.

Rules that are easy to miss live here: paging starts only when it is asked for (or forced), the page size is
clamped, and an If-Modified-Since in any other format than Xero's is ignored without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request

from worker.sandbox.xero.refusals import CallRefused, invalid_query, problem
from worker.sandbox.xero.values import Row, fold, queried_guid
from worker.sandbox.xero.where import Fields, Predicate, Reader, parse_order, parse_where

_SINCE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_DEFAULT_PAGE_SIZE, _MAX_PAGE_SIZE = 100, 1000
#: Xero advises about 40 ids in a list for the sake of the address, so no list takes more of it than these.
_LONGEST_LIST = 40 * len("00000000-0000-0000-0000-000000000000") + 39 * len("%2C")


@dataclass(frozen=True)
class Listed:
    """The rows of one answer; `pagination` is None when nothing was paged."""

    rows: Sequence[Row]
    pagination: dict[str, int] | None


@dataclass(frozen=True)
class Listing:
    """How one collection is listed."""

    id_field: str
    fields: Fields
    read: Reader
    #: All rows, or those that an index gives for an equality that every match must meet.
    candidates: Callable[[Mapping[str, Any]], Iterable[Row]]
    #: Fields that searchTerm looks in.
    search_fields: tuple[str, ...] = ()
    #: Query parameters that force paging.
    forces_paging: tuple[str, ...] = ("summaryOnly", "Statuses")
    is_paged: bool = True
    default_order: str = "UpdatedDateUTC"

    def select(self, request: Request, *tests: Predicate) -> Listed:
        """The rows that a list call asks for."""
        tests = (*tests, *self._query_tests(request))
        required: Mapping[str, Any] = {}
        if request.args.get("where"):
            where = parse_where(request.args["where"], self.fields, self.read)
            tests, required = (*tests, where.matches), where.required
        rows = [row for row in self.candidates(required) if all(test(row) for test in tests)]
        self._sort(rows, request.args.get("order"))
        return self._page(rows, request)

    def _query_tests(self, request: Request) -> list[Predicate]:
        tests: list[Predicate] = []
        since = _since(request)
        if since is not None:
            tests.append(lambda row: row.get("UpdatedDateUTC") is None or row["UpdatedDateUTC"] > since)
        term = fold(request.args.get("searchTerm", ""))
        if term and self.search_fields:
            tests.append(lambda row: any(term in fold(row.get(name) or "") for name in self.search_fields))
        return tests

    def _sort(self, rows: list[Row], order: str | None) -> None:
        keys = parse_order(order, self.fields) if order else []
        rows.sort(key=lambda row: (_key(row.get(self.default_order)), row.get(self.id_field, "")))
        for field, backwards in reversed(keys):
            rows.sort(key=lambda row: _key(self.read(row, field)), reverse=backwards)

    def _page(self, rows: list[Row], request: Request) -> Listed:
        args = request.args
        asked = "page" in args or "pageSize" in args or any(args.get(name) for name in self.forces_paging)
        if not self.is_paged or not asked:
            return Listed(rows, None)
        page = max(1, args.get("page", 1, type=int))
        size = min(max(1, args.get("pageSize", _DEFAULT_PAGE_SIZE, type=int)), _MAX_PAGE_SIZE)
        pagination = {
            "page": page,
            "pageSize": size,
            "pageCount": -(-len(rows) // size),
            "itemCount": len(rows),
        }
        return Listed(rows[(page - 1) * size : page * size], pagination)


def comma_list(request: Request, name: str, *, guids: bool) -> list[str]:
    """A parameter such as `IDs=a,b`, lower case; raises CallRefused for a malformed GUID and for a long address."""
    for part in request.query_string.decode("ascii", "replace").split("&"):
        if part.partition("=")[0] == name and len(part.partition("=")[2]) > _LONGEST_LIST:
            raise CallRefused(problem(414, "URI Too Long", f"The list of {name} makes the address too long"))
    values = [part.strip().lower() for part in request.args.get(name, "").split(",") if part.strip()]
    return [_read_guid(value, name) for value in values] if guids else values


def _read_guid(text: str, name: str) -> str:
    found = queried_guid(text)
    if found is None:
        raise invalid_query(f"'{text}' in {name} is not a Guid")
    return found


def flag(request: Request, name: str) -> bool:
    """A boolean query parameter."""
    return request.args.get(name, "").lower() == "true"


def _since(request: Request) -> datetime | None:
    text = request.headers.get("If-Modified-Since", "")
    if not _SINCE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def _key(value: Any) -> tuple[bool, Any]:
    """Nothing sorts before something."""
    return (value is not None, fold(value) if isinstance(value, str) else value)
