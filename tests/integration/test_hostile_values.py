"""Values that nobody should have typed, and answers that are none: held or cleaned, and nothing is lost."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
import simplejson

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    a_claim,
    a_cost_code,
    a_payment,
    a_project,
    a_seed,
    a_vendor,
    an_item,
)
from worker.errors import ContractBroken, Retriable
from worker.http import exact_json
from worker.plain_text import plain

LONG = "Long & Sons " * 900
#: A name as it is typed in Procore, and as a contact in Xero is called.
NAMES = [
    ("Nul\x00 Pty", "Nul Pty"),
    ("\x1b[31mEscape\x1b[0m", "[31mEscape [0m"),
    ("<img src=x onerror=alert(1)>", "img src=x onerror=alert(1)"),
    ("=1+1", "=1+1"),
    ("@SUM(A1:A9)", "@SUM(A1:A9)"),
    ("+61 'quoted' \"twice\"; DROP TABLE jobs; --", "+61 'quoted' \"twice\"; DROP TABLE jobs; --"),
    ("\u202etpircs\u202c", "tpircs"),
    ("zero\u200bwidth", "zerowidth"),
    ("half \ud83d", "half \ufffd"),
    ("👩\u200d🚒 Fire", "👩\u200d🚒 Fire"),
    ("شركة البناء", "شركة البناء"),
    ("two\nlines\tand tab", "two lines and tab"),
    ("[red]markup[/red] {0} %s", "[red]markup[/red] {0} %s"),
    (LONG, LONG[:255].rstrip()),
]


def test_names_of_every_kind_go_and_stay_what_they_are(any_world: MakeWorld) -> None:
    """Each vendor, cost code and claim arrives under a name that Xero takes; the next pass sends nothing."""
    vendors = [a_vendor(n, name) for n, (name, _) in enumerate(NAMES, 1)]
    codes = [a_cost_code(f"0{n // 10}-{n % 10}00", name) for n, (name, _) in enumerate(NAMES, 1)]
    claims = [
        a_claim(
            n,
            vendor_id=n,
            vendor_name=name,
            items=[an_item("100.00", code=code["full_code"], description_of_work=name)],
        )
        for (n, (name, _)), code in zip(enumerate(NAMES, 1), codes, strict=True)
    ]
    world = any_world(a_seed(vendors=vendors, cost_codes=codes, claims=claims))
    world.whole_pass()
    assert world.holds() == {}
    assert {row["Name"] for row in world.documents("contacts")} == {name for _, name in NAMES}
    bills = world.documents("invoices")
    assert len(bills) == len(NAMES)
    descriptions = {row["LineItems"][0]["Description"].rpartition(" (")[0] for row in bills}
    assert {text[:3900] for text in descriptions} == {plain(name).strip()[:3900] for name, _ in NAMES}
    mark = world.last()
    world.clock.advance(25 * 3600)  # all of it is read again
    world.whole_pass()
    assert world.writes(mark) == []


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("INV–7\u200b", "INV-7"),
        ("Nº 12/é", "No 12/e"),
        ("=1+1", "=1+1"),
        ("two\nlines", "two lines"),
        ("x" * 10_000, "x" * 255),
        ("発票7", "24-017 SC-501 claim 11"),
        ("\x00\x1b", "24-017 SC-501 claim 11"),
        (4711, "4711"),
    ],
)
def test_invoice_numbers_that_xero_does_not_take(a_world: MakeWorld, said: object, number: str) -> None:
    """Xero takes printable ASCII: accents and dashes are written in it, else the claim's own number stands."""
    payment = a_payment(71, None, "10.00", invoice_number=said)
    world = a_world(a_seed(claims=[a_claim(11, invoice_number=said)], payments=[payment]))
    world.whole_pass()
    assert [row["InvoiceNumber"] for row in world.documents("invoices")] == [number]
    if plain(str(said)).strip():  # the payment finds its claim by the number that both have in Procore
        assert world.holds() == {}
        assert len(world.documents("payments")) == 1
    else:
        assert world.holds() == {"payment 71": "payment_unmatched"}


#: What is wrong with a project, and a word of the reason why it is refused; None: it is synced.
PROJECTS: list[tuple[dict[str, Any], str | None]] = [
    ({"name": "Nul\x00 Tower"}, None),
    ({"name": "<img src=x onerror=alert(1)>"}, None),
    ({"name": "half \ud83d"}, None),
    ({"name": "x" * 1000}, None),
    ({"name": "x" * 10_000}, "longer than 1000 characters"),
    ({"name": {"nested": "name"}}, "name"),
    ({"project_number": "9" * 10_000}, "longer than 200 characters"),
    ({"project_number": ["24"]}, "project_number"),
    ({"project_number": "\x00\u200b "}, "no job number"),
    ({"project_stage": {"name": "s" * 10_000}}, "longer than 200 characters"),
    ({"active": "maybe"}, "active"),
    ({"id": 2**63}, "not an id"),
    ({"id": -5}, "not an id"),
    ({"id": 10**400}, "not an id"),
]


def test_projects_that_cannot_be_read_are_refused_and_the_others_go(any_world: MakeWorld) -> None:
    """One project in the list with a name of ten thousand letters or an id of four hundred digits stops nobody."""
    rows = [{**a_project(1000 + n, f"30-{n:03}"), **fields} for n, (fields, _) in enumerate(PROJECTS)]
    world = any_world(a_seed(projects=[a_project(), *rows], claims=[a_claim(11)]))
    reports = world.whole_pass()
    eligible = {f"30-{n:03}" for n, (_, reason) in enumerate(PROJECTS) if reason is None}
    assert reports.keys() == {JOB_NUMBER, *eligible}
    reasons = [row.reason for row in world.parts.projects.all()]
    for _, reason in PROJECTS:
        assert reason is None or any(reason in said for said in reasons)
    assert len(world.documents("invoices")) == 1


def test_two_job_numbers_that_look_the_same_are_one(a_world: MakeWorld) -> None:
    """A mark that nobody sees does not make a second project of the same number."""
    world = a_world(a_seed(projects=[a_project(), a_project(311, f"{JOB_NUMBER}\u200b")]))
    world.discover()
    assert {row.code for row in world.parts.projects.all()} == {"duplicate"}


#: Rows beside a good claim, and what is held.
ROWS: list[tuple[dict[str, Any], str]] = [
    ({"id": 2**63}, "not an id"),
    ({"id": -1}, "not an id"),
    ({"id": "0x10"}, "not an id"),
    ({"id": True}, "not an id"),
    ({"commitment_id": 10**30}, "not an id"),
    ({"vendor_id": -3}, "not an id"),
    ({"billing_date": "9999-12-31"}, "not a date of our time"),
    ({"billing_date": "0026-07-31"}, "not a date of our time"),
    ({"updated_at": "9999-12-31T23:59:59-12:00"}, "not a date of our time"),
    ({"invoice_number": {"a": 1}}, "invoice_number"),
    ({"items": [an_item("1e400")]}, "1e400"),
    ({"items": [an_item("NaN")]}, "NaN"),
    ({"items": [an_item(" 1,000.00 ")]}, "1,000.00"),
    ({"items": [an_item("9" * 5000)]}, "not an amount"),
    ({"items": [an_item("0." + "0" * 38 + "1")]}, "more than 30 decimals"),
    ({"items": [{**an_item("1.00"), "work_completed_this_period": True}]}, "yes is not an amount"),
    ({"items": [{**an_item("1.00"), "work_completed_this_period": {"amount": "1.00"}}]}, "amount"),
    ({"items": [{**an_item("1.00"), "description_of_work": ["a"]}]}, "description_of_work"),
    ({"status": "approved\x00"}, ""),
]


class Changed(httpx.BaseTransport):
    """Rows of one list say something else than the sandbox would ever let anybody enter; by their ids."""

    def __init__(self, inner: httpx.BaseTransport, path: str, fields: Mapping[int, dict[str, Any]]) -> None:
        self._inner, self._path, self._fields = inner, path, fields

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if not request.url.path.endswith(self._path):
            return response
        rows = [{**row, **self._fields.get(row["id"], {})} for row in exact_json.loads(response.read())]
        return httpx.Response(200, text=simplejson.dumps(rows), headers={"Link": response.headers.get("Link", "")})


def test_numbers_and_ids_that_are_none_hold_their_own_claim(any_world: MakeWorld) -> None:
    """Each bad claim is held with a sentence of a readable length, and its neighbours go."""
    world = any_world(a_seed(claims=[a_claim(n) for n in (11, 13, *range(100, 100 + len(ROWS)))]))
    fields = {100 + n: fields for n, (fields, _) in enumerate(ROWS)}
    world.parts.procore.api._http._transport = Changed(world.wire, "/requisitions", fields)
    for _ in range(2):
        world.whole_pass()
        world.clock.advance(25 * 3600)
    said = list(world.sentences().values())
    for _, words in ROWS:
        assert words == "" or any(words in sentence for sentence in said), words
    assert all(len(sentence) < 400 for sentence in said)
    assert len(world.holds()) == len([words for _, words in ROWS if words])
    assert len(world.documents("invoices")) == 3


class Instead(httpx.BaseTransport):
    """Answers one path with something else, as long as it is told to."""

    def __init__(
        self, inner: httpx.BaseTransport, path: str, answering: Callable[[], httpx.Response], method: str = "GET"
    ) -> None:
        self._inner, self._path, self._answering, self._method = inner, path, answering, method
        self.on = True
        self.asked: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.on and request.method == self._method and request.url.path.endswith(self._path):
            return self._answering()
        return self._inner.handle_request(request)


def text(content: str) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, text=content)


BROKEN: list[tuple[Callable[[], httpx.Response], str]] = [
    (text('[{"id": 11, "status": "appro'), "something else than JSON"),
    (text("<html><body>Maintenance</body></html>"), "something else than JSON"),
    (text(""), "something else than JSON"),
    (text("[" * 100_000), "nested more than 60 deep"),
    (text('[{"id": 11, "id": 12}]'), "'id' twice"),
    (text("[" + "0," * 1_000_001 + "0]"), "more values than it may have"),
    (lambda: httpx.Response(200, content="[]".encode("utf-16")), "something else than JSON"),
    (lambda: httpx.Response(200, stream=Zeros(), headers={"Content-Encoding": "gzip"}), "more than 12 MB"),
    (lambda: httpx.Response(302, headers={"Location": "https://elsewhere.example/steal"}), "elsewhere.example"),
    (lambda: httpx.Response(200, json={"data": []}), "something else than a list"),
]


class Zeros(httpx.SyncByteStream):
    """Fifty kilobytes that unpack to fifty megabytes."""

    def __iter__(self) -> Any:
        yield gzip.compress(b'["' + bytes(50_000_000) + b'"]', 9)


@pytest.mark.parametrize(("answering", "words"), BROKEN)
def test_a_broken_answer_fails_its_job_and_nothing_is_lost(
    a_world: MakeWorld, answering: Callable[[], httpx.Response], words: str
) -> None:
    """The job says what came instead; the next one carries everything. Credentials go to no other host."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    broken = Instead(world.wire, "/requisitions", answering)
    world.parts.procore.api._http._transport = broken
    world.discover()
    with pytest.raises(ContractBroken, match=words):
        world.run(JOB_NUMBER)
    assert {request.url.host for request in broken.asked} == {"procore.sandbox"}
    assert world.documents("invoices") == []
    broken.on = False
    world.whole_pass()
    assert len(world.documents("invoices")) == 1


@pytest.mark.parametrize(("answering", "words"), BROKEN[:8])
def test_a_broken_answer_to_a_write_is_an_unknown_outcome(
    a_world: MakeWorld, answering: Callable[[], httpx.Response], words: str
) -> None:
    """Xero has the bill: it is found again, and there is one."""
    world = a_world(a_seed(claims=[a_claim(11)]))

    def stored_all_the_same() -> httpx.Response:
        world.wire.handle_request(broken.asked[-1]).read()
        return answering()

    broken = Instead(world.wire, "/Invoices", stored_all_the_same, "PUT")
    world.discover()
    world.parts.xero.api._http._transport = broken
    with pytest.raises(Retriable):
        world.run(JOB_NUMBER)
    broken.on = False
    world.run_through(JOB_NUMBER)
    assert len(world.documents("invoices")) == 1
    assert world.holds() == {}


def test_messages_of_xero_are_stored_as_plain_text(any_world: MakeWorld) -> None:
    """What Xero says about a document may hold anything, and stands in the ledger all the same."""
    world = any_world(a_seed(claims=[a_claim(11)]))
    message = {"Message": "no\x00 \ud800 \x1b[31m" + "x" * 10_000}
    refusal = simplejson.dumps({"Invoices": [{"HasErrors": True, "ValidationErrors": [message]}]})
    broken = Instead(world.wire, "/Invoices", text(refusal), "PUT")
    world.discover()
    world.parts.xero.api._http._transport = broken
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "rejected"}
    assert world.sentences()["claim 11"].startswith("Xero refused it: no  \ufffd  [31mxxx")
