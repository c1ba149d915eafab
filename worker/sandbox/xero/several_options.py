"""Several options in one body: no page of Xero's says what comes of them, so a switch does.

A body of another shape than one option was answered 200 and made nothing (XeroAPI/xero-php-oauth2#290), and a 400 for
a name that is used was seen beside options that were made (calcinai/xero-php#920).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from worker.sandbox.switches import SeveralOptions
from worker.sandbox.xero.books import Table
from worker.sandbox.xero.refusals import Rejected, bad_request, invalid_elements
from worker.sandbox.xero.tracking import option_answer
from worker.sandbox.xero.values import Row, fold, new_guid
from worker.sandbox.xero.wire import rejected_element


def create(named: list[Row], options: Table, way: SeveralOptions, write: Callable[[Row], Row]) -> list[Row]:
    """The options that the answer shows; raises CallRefused with Xero's 400. `write` makes one, or raises Rejected."""
    if way == "nothing":
        return []
    if way == "refused":
        raise bad_request(10, "ValidationException", "A request may hold one tracking option")
    if way == "shown_only":
        return [
            option_answer({"TrackingOptionID": new_guid(), "Name": row["Name"], "Status": "ACTIVE"}) for row in named
        ]
    if way == "first":
        named = named[:1]
    if way == "whole" and any(options.find("name", fold(str(row.get("Name")))) for row in named):
        raise bad_request(10, "ValidationException", "For each specified tracking option the name must be unique.")
    made: list[Row] = []
    rejected: list[dict[str, Any]] = []
    for row in named:
        try:
            made.append(option_answer(write(row)))
        except Rejected as error:
            rejected.append(rejected_element(row, error, "TrackingOptionID", "HasValidationErrors"))
    if rejected:
        raise invalid_elements(rejected)
    return made[:1] if way == "shows_first" else made
