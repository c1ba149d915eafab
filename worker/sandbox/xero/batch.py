"""What a write call answers when some of its elements break rules, and how that depends on summarizeErrors.

Left out, summarizeErrors is true: one bad element makes the call a 400, and the good ones are saved all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import request
from werkzeug.wrappers import Request, Response

from worker.sandbox.faults import Kind
from worker.sandbox.shell import FAULT_KEY, json_response
from worker.sandbox.xero.books import Books
from worker.sandbox.xero.refusals import Rejected, invalid_elements
from worker.sandbox.xero.shape import elements_of, refuse_unknown_contacts
from worker.sandbox.xero.values import Row
from worker.sandbox.xero.wire import envelope, rejected_element

_ERROR_IN_XERO = (
    "An error occurred in Xero. Check the API Status page http://status.developer.xero.com for current service status."
)


def fault_is(kind: Kind) -> bool:
    """Whether this fault was scripted for the request, for who acts it out."""
    fault = request.environ.get(FAULT_KEY)
    return fault is not None and fault.kind == kind


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
        for number, element in enumerate(elements):
            try:
                answer = {**write(element), self.flag_field: False, "StatusAttributeString": "OK"}
                if number == 0 and fault_is("saved_but_error"):
                    raise Rejected(_ERROR_IN_XERO)
            except Rejected as error:
                answer = rejected_element(element, error, self.id_field, self.flag_field)
                self.rejected.append(answer)
            self.answers.append(answer)

    def response(self, now: datetime, *, summarize: bool) -> Response:
        """The answer of the call; raises CallRefused with Xero's 400 when errors are summarised."""
        if self.rejected and summarize:
            raise invalid_elements(self.rejected)
        shown = self.answers[:-1] if fault_is("cut_short") else self.answers
        return json_response(envelope(now, **{self.collection: shown}))


def write_all(batch: Batch, books: Books, write: Callable[[Row], Row]) -> Response:
    """A call with any number of elements."""
    elements = elements_of(request, batch.collection)
    refuse_unknown_contacts(books, elements)
    batch.apply(elements, write)
    return batch.response(books.now(), summarize=summarizes(request))


def summarizes(request: Request) -> bool:
    """Only the word false turns it off."""
    return request.args.get("summarizeErrors", "true").lower() != "false"
