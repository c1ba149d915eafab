"""Addresses as the documentation calls them: clients write `/invoices`, or `/Organisations`, and real Xero takes both.

Ids, numbers, codes and file names are left as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BASE = "/api.xro/2.0"
_WORDS = {
    word.lower(): word
    for word in (
        "Accounts", "Actions", "Allocations", "Attachments", "BatchPayments", "Contacts", "CreditNotes", "Currencies",
        "History", "Invoices", "Items", "Options", "Organisation", "Payments", "Prepayments", "TaxRates",
        "TrackingCategories",
    )
}  # fmt: skip
_WORDS["organisations"] = "Organisation"


def route(app: Flask, method: str, rule: str) -> Callable[[Callable[..., Response]], None]:
    """Adds what answers one method of one address below the API's base."""

    def add(view: Callable[..., Response]) -> None:
        app.add_url_rule(f"{BASE}{rule}", endpoint=f"{method} {rule}", view_func=view, methods=[method])

    return add


class AnyCase:
    """WSGI middleware: behind it every address is written one way."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = canonical(environ["PATH_INFO"])
        return self._inner(environ, start_response)


def canonical(path: str) -> str:
    """`/api.xro/2.0/invoices/X/history` as `/api.xro/2.0/Invoices/X/History`."""
    if not path.lower().startswith(f"{BASE}/"):
        return path
    parts = path[len(BASE) + 1 :].split("/")
    first = parts[0].lower()
    words = range(2) if first.startswith("organisation") else (0, 2)
    for place in words:
        if place < len(parts):
            parts[place] = _WORDS.get(parts[place].lower(), parts[place])
    return "/".join((BASE, *parts))
