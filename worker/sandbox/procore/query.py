"""What a list request may ask for: filters and pages, as Procore documents them.

A filter that an endpoint does not document is ignored, as Procore ignores it: all rows come back, and a worker
that relied on it is caught. A documented filter with an unusable value is a 400.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from worker.sandbox.procore.refusals import bad_parameter, too_large
from worker.sandbox.procore.state import Row
from worker.sandbox.shell import FAULT_KEY, json_response

Test = Callable[[Row], bool]
#: Makes the test for the values that were sent; raises ValueError with the complaint.
Filter = Callable[[Sequence[str]], Test]
Filters = Mapping[str, Filter]


def ids(field: str) -> Filter:
    """One number or several: `filters[id]=1`, `filters[id][]=1&filters[id][]=2`, `filters[id]=[1,2]`."""

    def make(values: Sequence[str]) -> Test:
        parts = [part for value in values for part in value.strip("[]").split(",")]
        try:
            wanted = {int(part) for part in parts}
        except ValueError:
            raise ValueError("must be an integer or a list of integers") from None
        return lambda row: _inner(row, field) in wanted

    return make


def ids_or_range(field: str) -> Filter:
    """As `ids`, or a range of ids with both ends: `filters[direct_cost_id]=100...200`."""
    listed = ids(field)

    def make(values: Sequence[str]) -> Test:
        first, dots, last = values[-1].partition("...")
        if not dots:
            return listed(values)
        if not (first.isdigit() and last.isdigit()):
            raise ValueError("must be a range of integers, as 100...200")
        wanted = range(int(first), int(last) + 1)
        return lambda row: _inner(row, field) in wanted

    return make


def exactly(field: str, allowed: Sequence[str] | None = None) -> Filter:
    """The value itself: no trimming, no folding. `allowed` is the documented set, where there is one."""

    def make(values: Sequence[str]) -> Test:
        for value in values:
            if allowed is not None and value not in allowed:
                raise ValueError(f"must be one of {', '.join(allowed)}")
        return lambda row: row.get(field) in values

    return make


def containing(*fields: str) -> Filter:
    """A piece of text in any of the fields, in any case."""

    def make(values: Sequence[str]) -> Test:
        wanted = values[-1].casefold()
        return lambda row: any(wanted in str(_inner(row, field) or "").casefold() for field in fields)

    return make


def within(field: str) -> Filter:
    """A range `A...B` of dates or datetimes, both ends included, with or without double quotes around it."""

    def make(values: Sequence[str]) -> Test:
        first, dots, last = values[-1].strip('"').partition("...")
        if not (first and dots and last):
            raise ValueError("must be a range of two ISO 8601 datetimes separated by three dots")
        low, high = _moment(first, time.min), _moment(last, time.max)

        def test(row: Row) -> bool:
            value = row.get(field)
            return bool(value) and low <= _moment(str(value), time.min) <= high

        return test

    return make


def _moment(text: str, at: time) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 datetime") from None
    if len(text) == len("2026-01-31"):
        moment = datetime.combine(moment, at)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _inner(row: Row, path: str) -> object:
    value: object = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def filtered(rows: Iterable[Row], filters: Filters) -> list[Row]:
    """The rows that pass every filter of the request. Deleted rows are left out before any filter."""
    tests = []
    for name, make in filters.items():
        parameter = f"filters[{name}]"
        values = request.args.getlist(parameter) + request.args.getlist(f"{parameter}[]")
        if values:
            try:
                tests.append(make(values))
            except ValueError as error:
                raise bad_parameter(parameter, str(error)) from None
    return [row for row in rows if all(test(row) for test in tests)]


@dataclass(frozen=True)
class Paging:
    """How an endpoint pages; a larger `per_page` than `most` is cut down to it without a word."""

    default: int = 100
    most: int = 2000
    #: "Not every endpoint pages" (pagination.md of Procore's documentation): this one comes as a whole.
    is_whole: bool = False
    #: An answer with more rows than these is too large; 0: none is.
    at_once: int = 0


def paged(rows: Sequence[Row], view: Callable[[Row], object], paging: Paging | None = None) -> Response:
    """One page of rows as the view shows them, with Link, Total and Per-Page. Raises Refusal for too large a page."""
    paging = paging or Paging()
    page = _positive("page", 1)
    size = min(_positive("per_page", paging.default), paging.most)
    if paging.at_once and (len(rows) if paging.is_whole else min(size, len(rows))) > paging.at_once:
        raise too_large()
    if paging.is_whole:
        return json_response([view(row) for row in rows])
    last = max(1, -(-len(rows) // size))
    fault = request.environ.get(FAULT_KEY)
    repeats = fault is not None and fault.kind == "repeat_page"
    shown = max(1, page - 1) if repeats else page
    links = _links(page, last + 1 if repeats else last)
    headers = {"Link": links, "Total": str(len(rows)), "Per-Page": str(size)}
    return json_response([view(row) for row in rows[(shown - 1) * size : shown * size]], headers=headers)


def _positive(parameter: str, default: int) -> int:
    text = request.args.get(parameter)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise bad_parameter(parameter, "must be a positive integer")
    return int(text)


def _links(page: int, last: int) -> str:
    """Empty when there is one page only."""
    if last == 1:
        return ""
    pages = {"first": 1, "last": last}
    if page > 1:
        pages["prev"] = page - 1
    if page < last:
        pages["next"] = page + 1
    others = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]
    return ", ".join(
        f'<{request.base_url}?{urlencode([*others, ("page", number)])}>; rel="{rel}"' for rel, number in pages.items()
    )
