"""Whatever Xero answers: documents, or one of our errors; what is made of them ends in a proof, a hold, or an error."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks import publishing
from tests.factories import a_bill, a_line
from tests.hostile import any_json, changed, fuzzed, quiet, tried
from tests.integration.seeds import a_claim, a_payment, a_seed, an_invoice
from tests.integration.world import World
from tests.wire import Wire
from worker.audit import from_xero
from worker.audit.options import Category
from worker.errors import SyncError
from worker.http import exact_json
from worker.pipeline.look.categories import find_categories
from worker.pipeline.look.directory import Directory
from worker.pipeline.send.prove import Sent, prove
from worker.xero import answers, batches
from worker.xero.chart import Chart
from worker.xero.client import Xero
from worker.xero.documents import (
    BILLS,
    CONTACTS,
    CREDIT_NOTES,
    ITEMS,
    PAYMENTS,
    Contact,
    Endpoint,
    Item,
    Option,
    Payment,
    options,
)
from worker.xero.shape import REQUIRED

__all__ = ["quiet"]

BODIES: list[tuple[Endpoint, list[dict[str, Any]]]] = [
    (BILLS, [a_bill().body(), a_bill(a_line("-1.00"), number="INV-11").body()]),
    (CREDIT_NOTES, [replace(a_bill(), credit=True).body()]),
    (CONTACTS, [Contact("procore-1", "Supplier 1", tax_number="51824753556").body()]),
    (PAYMENTS, [Payment("bill", "090", date(2026, 8, 14), Decimal("10.00"), "Procore payment 71").body()]),
    (ITEMS, [Item("03-300", "Concrete").body()]),
    (options("category"), [Option("category", "24-017 Tower 310").body()]),
]
FIELDS = (
    "LineItems",
    "Tracking",
    "SubTotal",
    "TotalTax",
    "Amount",
    "Date",
    "DueDateString",
    "Contact",
    "HasErrors",
    "Code",
)
NAMES = sorted({*REQUIRED, *FIELDS, *(name for names in REQUIRED.values() for name in names), "ValidationErrors"})


Read = Callable[[Xero], Iterable[Any]]


class Recorder(httpx.BaseTransport):
    """Remembers every answer to a read and to a write."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.bodies: list[Any] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if "/api.xro/" in request.url.path and response.status_code in (200, 400):
            self.bodies.append(exact_json.loads(response.read()))
        return response


@pytest.fixture(scope="module")
def ordinary() -> Iterator[list[Any]]:
    """What the sandbox answers in a whole pass, an audit and the checks of the doctor."""
    seed = a_seed(
        claims=[a_claim(11), a_claim(12, "-40.00")], payments=[a_payment(71, 11, "10.00")], invoices=[an_invoice(91)]
    )
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "publish", lambda *_: None)
        world = World(seed, f"sqlite:///{directory}/ledger.db", Path(directory))
        recorder = Recorder(world.wire)
        world.parts.xero.api._http._transport = recorder
        world.whole_pass()
        xero = world.parts.xero
        for read in READS:
            tried(partial(_all, read, xero), SyncError)
        world.close()
        yield recorder.bodies


def _of(*rows: Any) -> list[Any]:
    return list(rows)


LINES = from_xero.Lines(Category("project"), Category("cost codes"))
_VENDOR = Contact("procore-9", "Supplier 9", tax_number="51824753556")
READS: list[Read] = [
    lambda xero: _of(Chart.of(xero.organisation(), (), ()).locked_until),
    lambda xero: _of(Chart.of({}, xero.accounts(), xero.tax_rates(), xero.currencies).check(a_bill(currency="NZD"))),
    lambda xero: _of(find_categories(xero.tracking_categories(), {"project": "Project"})),
    lambda xero: _of(Directory(xero.contacts(), "AU").find(_VENDOR)),
    lambda xero: _of(xero.contact("some-id").get("ContactStatus")),
    lambda xero: (from_xero.bill(row, LINES) for row in xero.of_suppliers(BILLS)),
    lambda xero: (from_xero.credit_note(row, LINES) for row in xero.of_suppliers(CREDIT_NOTES)),
    lambda xero: (from_xero.paid(row, dict) for row in xero.of_suppliers(PAYMENTS)),
    lambda xero: xero.documents(CREDIT_NOTES, ["some-id"]),
    lambda xero: xero.refunds(["some-id"]),
    lambda xero: xero.accounts(),
    lambda xero: xero.tax_rates(),
    lambda xero: xero.items(),
    lambda xero: xero.actions(),
    lambda xero: (answers.day(row, "Date") for row in xero.of_suppliers(BILLS)),
]


def everything_answered(text: str) -> None:
    """Every read and every write is answered with this text, and what it gives is judged."""
    content = text.encode("utf-8", "surrogatepass")
    taking = Wire(lambda _: httpx.Response(200, content=content))
    refusing = Wire(lambda _: httpx.Response(400, content=content))
    for read in READS:
        tried(partial(_all, read, Xero(taking.api())), SyncError)
    for endpoint, bodies in BODIES:
        for wire in (taking, refusing):
            tried(partial(_written, Xero(wire.api()), endpoint, bodies), SyncError)
    assert len(taking.requests) < 100


def _all(read: Read, xero: Xero) -> list[Any]:
    return list(read(xero))


def _written(xero: Xero, endpoint: Endpoint, bodies: list[dict[str, Any]]) -> None:
    """As the sender does it: every member gets an outcome, and one that is held a sentence that can be stored."""
    sent = [Sent(str(number), body) for number, body in enumerate(bodies)]
    elements = xero.write(endpoint, "PUT", endpoint.path, batches.render(endpoint, bodies), "key")
    proofs = prove(endpoint, sent, elements)
    assert [proof.procore_id for proof in proofs] == [one.procore_id for one in sent]
    for reason in (proof.reason for proof in proofs if proof.reason):
        assert "\x00" not in reason.sentence
        assert reason.sentence.encode()


@fuzzed
@given(st.sampled_from([endpoint.wrapper for endpoint, _ in BODIES]), any_json(NAMES))
def test_any_json(wrapper: str, text: str) -> None:
    """There is no answer that ends in an exception of Python's."""
    everything_answered(f'{{"{wrapper}": {text}}}')


@fuzzed
@given(st.data())
def test_an_ordinary_answer_with_something_else_in_it(ordinary: list[Any], data: st.DataObject) -> None:
    """An answer that is right but for one value is taken as it is, or refused with the field's name."""
    everything_answered(data.draw(changed(ordinary)))


def test_the_ordinary_answers_are_taken(ordinary: list[Any]) -> None:
    """What is changed above is right as it was: there is a read for every list among them."""
    lists = [body for body in ordinary if any(body.get(wrapper) for wrapper in REQUIRED.keys() - {"Options"})]
    assert len(lists) > 10
    for body in lists:
        text = exact_json.dumps(body)
        xero = Xero(Wire(lambda _, text=text: httpx.Response(200, text=text)).api())  # type: ignore[misc]
        assert [read for read in READS if tried(partial(_all, read, xero), SyncError) is not None]
