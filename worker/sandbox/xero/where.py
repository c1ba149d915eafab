"""Xero's `where` and `order`: what its documentation calls fast, and what its clients write beside it.

`Contains`, `StartsWith`, `EndsWith`, `ToLower` and `ToUpper` in any case, and `null`, are what pyxero makes of its
filters; its comment says that a method breaks on a field that is null, unless `!=null` stands before it. Anything else
is refused with 400. Strings have no escape: how Xero would read `\\"` inside one is not documented.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from worker.sandbox.xero.refusals import invalid_query
from worker.sandbox.xero.values import Row, fold, queried_guid

FieldKind = Literal["text", "guid", "date", "number", "moment", "bool"]
#: The fields of one collection that may be named, with their kinds.
Fields = Mapping[str, FieldKind]
#: Reads a field, by its dotted name, from a row.
Reader = Callable[[Row, str], Any]
Predicate = Callable[[Row], bool]

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"[^"]*")'
    r'|(?P<guid>guid\(\s*"[^"]*"\s*\))'
    r"|(?P<date>DateTime\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\))"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<op>==|=|!=|>=|<=|>|<)"
    r"|(?P<paren>[()])"
    r"|(?P<join>AND\b|OR\b|&&|\|\|)"
    r"|(?P<bool>true\b|false\b)"
    r"|(?P<null>null\b)"
    r"|(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*))",
    re.IGNORECASE,
)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "=": operator.eq, "!=": operator.ne,
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
#: Tests of text, and changes of it before it is compared; all text is compared without case anyway.
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_CHANGES = frozenset({"tolower", "toupper"})
_RANGE_FIELDS = frozenset({"Date", "DueDate", "AmountDue"})
_AND = frozenset({"AND", "&&"})


@dataclass(frozen=True)
class Where:
    """A filter, and the equalities that every match must meet (so that an index can be asked first)."""

    matches: Predicate
    required: Mapping[str, Any]


def parse_where(text: str, fields: Fields, read: Reader) -> Where:
    """A `where` as a filter; raises CallRefused with Xero's 400 for what it cannot read."""
    return _Parser(text, fields, read).whole()


def parse_order(text: str, fields: Fields) -> list[tuple[str, bool]]:
    """`Date DESC, InvoiceNumber` as field names and whether each runs backwards."""
    keys = []
    for part in text.split(","):
        words = part.split()
        if not words or len(words) > 2 or (len(words) == 2 and words[1].upper() not in ("ASC", "DESC")):
            raise invalid_query(f"Syntax error in order '{text}'")
        _kind_of(words[0], fields)
        keys.append((words[0], len(words) == 2 and words[1].upper() == "DESC"))
    return keys


class _Parser:
    def __init__(self, text: str, fields: Fields, read: Reader) -> None:
        self._text = text
        self._fields = fields
        self._read = read
        self._tokens = list(_tokens(text))
        self._at = 0

    def whole(self) -> Where:
        where = self._either()
        if self._at < len(self._tokens):
            raise self._error()
        return where

    def _either(self) -> Where:
        parts = [self._both()]
        while self._peek()[0] == "join" and self._peek()[1].upper() not in _AND:
            self._next()
            parts.append(self._both())
        if len(parts) == 1:
            return parts[0]
        tests = [part.matches for part in parts]
        return Where(lambda row: any(test(row) for test in tests), {})

    def _both(self) -> Where:
        parts = [self._single()]
        while self._peek()[0] == "join" and self._peek()[1].upper() in _AND:
            self._next()
            parts.append(self._single())
        if len(parts) == 1:
            return parts[0]
        tests = [part.matches for part in parts]
        required = {name: value for part in parts for name, value in part.required.items()}
        return Where(lambda row: all(test(row) for test in tests), required)

    def _single(self) -> Where:
        if self._peek() == ("paren", "("):
            self._next()
            inside = self._either()
            if self._next() != ("paren", ")"):
                raise self._error()
            return inside
        return self._comparison()

    def _comparison(self) -> Where:
        name = self._next()
        if name[0] == "name" and self._peek() == ("paren", "("):
            return self._method(name[1])
        sign, (kind, literal) = self._next(), self._next()
        if name[0] != "name" or sign[0] != "op" or kind not in ("text", "guid", "date", "number", "bool", "null"):
            raise self._error()
        field, field_kind = name[1], _kind_of(name[1], self._fields)
        if kind == "null":
            return self._null_test(field, sign[1])
        if kind != field_kind:
            raise invalid_query(f"Operator '{sign[1]}' incompatible with operand types of '{field}' and {literal}")
        is_range = sign[1] not in ("==", "=", "!=")
        if is_range and field not in _RANGE_FIELDS:
            raise invalid_query(f"Operator '{sign[1]}' may only be used with {', '.join(sorted(_RANGE_FIELDS))}")
        wanted = _value(kind, literal)
        test = _test(self._read, field, _OPERATORS[sign[1]], wanted, is_range=is_range)
        return Where(test, {field: wanted} if sign[1] in ("==", "=") else {})

    def _null_test(self, field: str, sign: str) -> Where:
        if sign not in ("==", "=", "!="):
            raise self._error()
        wanted = sign != "!="
        return Where(lambda row: (self._read(row, field) in (None, "")) is wanted, {})

    def _method(self, dotted: str) -> Where:
        """`Name.Contains("x")`, or `Name.ToLower()=="x"`."""
        field, _, method = dotted.rpartition(".")
        if _kind_of(field, self._fields) != "text" or method.lower() not in (*_METHODS, *_CHANGES):
            raise invalid_query(f"No applicable method '{method}' exists in type '{field}'")
        self._next()
        if method.lower() in _CHANGES:
            closed, sign, (kind, literal) = self._next(), self._next(), self._next()
            if closed != ("paren", ")") or sign[1] not in ("==", "=", "!=") or kind != "text":
                raise self._error()
            compare: Callable[[str, str], bool] = _OPERATORS[sign[1]]
        else:
            (kind, literal), closed = self._next(), self._next()
            if kind != "text" or closed != ("paren", ")"):
                raise self._error()
            compare = _METHODS[method.lower()]
        wanted = fold(literal[1:-1])

        def test(row: Row) -> bool:
            value = self._read(row, field)
            if value is None:
                raise invalid_query("Object reference not set to an instance of an object.")
            return compare(fold(str(value)), wanted)

        return Where(test, {})

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _error(self) -> Exception:
        return invalid_query(f"Syntax error in where '{self._text}'")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise invalid_query(f"Syntax error at index {at} in where '{text}'")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _kind_of(field: str, fields: Fields) -> FieldKind:
    if field not in fields:
        raise invalid_query(f"No property or field '{field}' exists in this type")
    return fields[field]


def _value(kind: str, literal: str) -> str | Decimal | date | bool:
    if kind == "number":
        return Decimal(literal)
    if kind == "bool":
        return literal.lower() == "true"
    if kind == "text":
        return fold(literal[1:-1])
    if kind == "guid":
        guid = queried_guid(literal.split('"')[1])
        if guid is None:
            raise invalid_query(f"{literal} is not a Guid")
        return guid
    year, month, day = (int(part) for part in re.findall(r"\d+", literal))
    try:
        return date(year, month, day)
    except ValueError:
        raise invalid_query(f"{literal} is not a date") from None


def _test(
    read: Reader, field: str, compare: Callable[[Any, Any], bool], wanted: object, *, is_range: bool
) -> Predicate:
    def test(row: Row) -> bool:
        value = read(row, field)
        if value is None:
            return not is_range and compare(None, wanted)
        return compare(fold(value) if isinstance(value, str) else value, wanted)

    return test
