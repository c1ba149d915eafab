"""Accounts that a person gave other codes: known by their ids, from one reading of the chart to the next.

Documents name accounts by code, and what stands in Xero shows the code that its account has now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from worker.xero.answers import Element

#: The codes that an account had, the last one last. None of these is a field of Xero's.
FORMER = "FormerCodes"
#: How the mapping file named its code at this reading (a mark of those lines); and how it named each code that the
#: account had, at the last reading that showed it under that one.
NAMED_BY, NAMED_BY_THEN = "NamedBy", "NamedByThen"


def noted(rows: Iterable[Element], before: Iterable[Element], named: Mapping[str, str]) -> list[Element]:
    """Accounts as they were just read, each with the codes that it had by the reading before. `named`: the codes in the
    mapping file as it is now, each with a mark of the lines that name it."""
    known = {str(row.get("AccountID")): row for row in before}
    return [_noted(row, known.get(str(row.get("AccountID")), {}), named) for row in rows]


def _noted(row: Element, before: Element, named: Mapping[str, str]) -> Element:
    row = {**row, NAMED_BY: named.get(str(row.get("Code")), "")}
    former = [code for code in (*(before.get(FORMER) or ()), before.get("Code")) if code and code != row.get("Code")]
    if not former:
        return row
    then = before.get(NAMED_BY_THEN) or {}
    if before.get("Code") != row.get("Code"):
        then = {**then, str(before.get("Code")): before.get(NAMED_BY)}
    return {**row, FORMER: list(dict.fromkeys(former)), NAMED_BY_THEN: then}


def is_named_as_then(row: Element, code: str, named: Mapping[str, str]) -> bool:
    """Whether the mapping file names this code as it did when the account was last seen under it."""
    return bool(named.get(code)) and (row.get(NAMED_BY_THEN) or {}).get(code) == named[code]


def former_codes(rows: Iterable[Element]) -> dict[str, tuple[str, ...]]:
    """The code that an account has now to those that it had."""
    return {str(row["Code"]): tuple(row[FORMER]) for row in rows if row.get("Code") and row.get(FORMER)}


def as_called(codes: Mapping[str, Sequence[str]], code: str, there: Iterable[object]) -> str:
    """The code under which a document shows the account that was sent with this one. `there`: all that it shows."""
    shown = set(there)
    if code in shown:
        return code
    same = next(({now, *former} for now, former in codes.items() if code in (now, *former)), set())
    return str(next(iter(same & shown), code))
