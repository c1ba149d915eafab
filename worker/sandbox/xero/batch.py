"""What a write call answers when some of its elements break rules, and how that depends on summarizeErrors.

Left out, summarizeErrors is true: one bad element makes the call a 400, and the good ones are saved all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from werkzeug.wrappers import Request, Response

from worker.sandbox.shell import json_response
from worker.sandbox.xero.refusals import Rejected, invalid_elements
from worker.sandbox.xero.values import Row
from worker.sandbox.xero.wire import envelope, rejected_element


@dataclass
class Batch:
    """One write call: applies each element by itself and collects what becomes of it."""

    collection: str
    id_field: str
    #: "HasErrors" of documents, "HasValidationErrors" of contacts and payments.
    flag_field: str
    answers: list[Row] = field(default_factory=list)
    rejected: list[Row] = field(default_factory=list)

    def apply(self, elements: list[Row], write: Callable[[Row], Row]) -> None:
        """Write each element; `write` answers it as it now stands, or raises Rejected."""
        for element in elements:
            try:
                answer = {**write(element), self.flag_field: False, "StatusAttributeString": "OK"}
            except Rejected as error:
                answer = rejected_element(element, error, self.id_field, self.flag_field)
                self.rejected.append(answer)
            self.answers.append(answer)

    def response(self, now: datetime, *, summarize: bool) -> Response:
        """The answer of the call; raises CallRefused with Xero's 400 when errors are summarised."""
        if self.rejected and summarize:
            raise invalid_elements(self.rejected)
        return json_response(envelope(now, **{self.collection: self.answers}))


def summarizes(request: Request) -> bool:
    """Only the word false turns it off."""
    return request.args.get("summarizeErrors", "true").lower() != "false"
