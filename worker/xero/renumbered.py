"""Accounts that a person gave other codes: known by their ids, from one reading of the chart to the next.

Documents name accounts by code, and what stands in Xero shows the code that its account has now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from worker.xero.answers import Element

#: The codes that an account had, the last one last. None of these is a field of Xero's.
FORMER = "FormerCodes"
#: The mapping file's digest at this reading; and at the last one that showed the account under another code.
UNDER, LAST_UNDER = "ReadUnder", "CalledOtherwiseUnder"


def noted(rows: Iterable[Element], before: Iterable[Element], digest: str) -> list[Element]:
    """Accounts as they were just read, each with the codes that it had by the reading before. `digest` is that of the
    mapping file as it is now."""
    known = {str(row.get("AccountID")): row for row in before}
    return [_noted({**row, UNDER: digest}, known.get(str(row.get("AccountID")), {})) for row in rows]


def _noted(row: Element, before: Element) -> Element:
    former = [code for code in (*(before.get(FORMER) or ()), before.get("Code")) if code and code != row.get("Code")]
    if not former:
        return row
    has_moved = before.get("Code") != row.get("Code")
    last = before.get(UNDER) if has_moved else before.get(LAST_UNDER)
    return {**row, FORMER: list(dict.fromkeys(former)), LAST_UNDER: last}


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
