"""XML on its way into the sandbox's Xero: pyxero writes XML, which Xero takes as well as JSON and the sandbox does not.

It stands in the sandbox's process, so that its cost is nobody's whom the benchmark measures. Fields of our bills only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import simplejson

App = Callable[[dict[str, Any], Any], Iterable[bytes]]
_LISTS = frozenset({"Invoices", "LineItems", "Tracking"})
_NUMBERS = frozenset({"Quantity", "UnitAmount", "LineAmount", "TaxAmount"})


class XmlDoor:
    """WSGI middleware: an XML body of invoices goes on as the JSON that says the same."""

    def __init__(self, inner: App) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("CONTENT_TYPE", "").startswith("application/xml"):
            body = as_json(environ["wsgi.input"].read())
            environ |= {
                "wsgi.input": BytesIO(body),
                "CONTENT_LENGTH": str(len(body)),
                "CONTENT_TYPE": "application/json",
            }
        return self._inner(environ, start_response)


def as_json(body: bytes) -> bytes:
    root = ElementTree.fromstring(body)  # noqa: S314 - written by the client that the benchmark has started
    bills = _plain(root)
    text = simplejson.dumps({"Invoices": bills if root.tag == "Invoices" else [bills]})
    return text.encode()


def _plain(element: ElementTree.Element) -> Any:
    if element.tag in _LISTS:
        return [_plain(child) for child in element]
    if len(element):
        return {child.tag: _plain(child) for child in element}
    text = element.text or ""
    return simplejson.loads(text, use_decimal=True) if element.tag in _NUMBERS else text
