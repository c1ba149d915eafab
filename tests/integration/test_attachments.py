"""Attachments: the PDFs of claims and invoices go to their documents once, where the mapping file asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from tasks.planning import plan
from tasks.resending import let_go
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed, an_invoice
from tests.integration.wire import Crash, crash
from tests.integration.world import MAPPING, World
from worker.errors import AuthRejected, OutcomeUnknown
from worker.holds import Outcome

SCOPES = "accounting.invoices accounting.payments accounting.contacts accounting.settings accounting.attachments"
PUT, DOWNLOAD, SHOWN = "/Attachments/", "/presigned/", r"/direct_costs/\d+$"
DAY_S = 25 * 3600
BOTH = "claims = true\ninvoices = true\n"

Row = dict[str, Any]
On = Callable[..., World]


def a_file(id: int = 1, filename: str = "invoice.pdf", **fields: Any) -> Row:
    """An attachment in Procore: a small PDF unless the test says otherwise."""
    ordinary = {"id": id, "filename": filename, "content_type": "application/pdf"}
    return {**ordinary, **(fields if {"text", "size"} & fields.keys() else {"text": f"%PDF-1.4 {id}", **fields})}


def switch(world: World, section: str) -> None:
    world.mapping_file.write_text(f"{MAPPING}\n[attachments]\n{section}")


@pytest.fixture
def on(a_world: MakeWorld) -> On:
    """Makes a world in which attachments go."""

    def make(seed: Mapping[str, Any], section: str = BOTH) -> World:
        world = a_world(seed, xero_scopes=SCOPES)
        switch(world, section)
        return world

    return make


def one_claim(*files: Row) -> Row:
    return a_seed(claims=[a_claim(11, attachments=list(files or [a_file()]))], payments=[a_payment(21, 11, "60.00")])


def files(world: World, number: str = "INV-11") -> list[str]:
    """The names of the files at the live document of this number."""
    dump = world.sandbox.dump()["xero"]
    (row,) = (
        row
        for row in [*dump["invoices"], *dump["credit_notes"]]
        if number in (row.get("InvoiceNumber"), row.get("CreditNoteNumber")) and row["Status"] != "VOIDED"
    )
    return [file["FileName"] for file in row.get("Attachments", [])]


def left_out(world: World) -> dict[str, str]:
    return {title: code for title, code in world.holds(Outcome.IGNORED).items() if title.startswith("attachment")}


def assert_quiet(world: World) -> None:
    """A further pass neither calls Xero nor downloads."""
    since, downloads = world.last(), len(world.procore_calls(DOWNLOAD))
    world.whole_pass()
    assert world.journal(since) == []
    assert len(world.procore_calls(DOWNLOAD)) == downloads


# --- what goes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", ["", "claims = false\n", "most_per_document = 3\n"])
def test_by_default_nothing_is_read_or_sent(on: On, section: str) -> None:
    """Attachments cost calls, so that none is made unless the mapping file asks for it."""
    seed = a_seed(claims=[a_claim(11, attachments=[a_file()])], invoices=[an_invoice(91), an_invoice(92)])
    world = on(seed, section)
    with world.sql_writes() as written:
        world.run(JOB_NUMBER)
    assert world.procore_calls("/storage/") == world.procore_calls(SHOWN) == []
    assert [entry for entry in world.journal() if "Attachments" in entry["path"]] == []
    assert "attachments" not in written


def test_each_goes_once(on: On) -> None:
    """A bill, a credit note and a direct invoice get their PDFs under stable names, and then nothing goes any more."""
    claims = [a_claim(11, attachments=[a_file(2), a_file(1)]), a_claim(12, "-20.00", attachments=[a_file(3)])]
    world = on(a_seed(claims=claims, invoices=[an_invoice(91, attachments=[a_file(4, "Fakturə März.PDF")])]))
    report = world.run(JOB_NUMBER)
    assert report.counts["attachments"] == {"sent": 4}
    assert files(world) == ["invoice-1.pdf", "invoice-2.pdf"]
    assert files(world, "INV-12") == ["invoice-3.pdf"]
    assert files(world, "DC-91") == ["Faktur-Marz-4.pdf"]
    assert len(world.procore_calls(DOWNLOAD)) == 4
    assert_quiet(world)


def test_on_any_database(any_world: MakeWorld) -> None:
    """The same on each kind of database."""
    world = any_world(one_claim(), xero_scopes=SCOPES)
    switch(world, BOTH)
    world.run(JOB_NUMBER)
    assert files(world) == ["invoice-1.pdf"]
    assert_quiet(world)


@pytest.mark.parametrize(("section", "names"), [("claims = true\n", (1, 0)), ("invoices = true\n", (0, 1))])
def test_each_kind_has_its_own_switch(on: On, section: str, names: tuple[int, int]) -> None:
    """Claims carry their files in the list; invoices cost a call more each."""
    seed = a_seed(
        claims=[a_claim(11, attachments=[a_file()])], invoices=[an_invoice(91, attachments=[a_file()]), an_invoice(92)]
    )
    world = on(seed, section)
    world.run(JOB_NUMBER)
    assert (len(files(world)), len(files(world, "DC-91"))) == names
    assert len(world.procore_calls(SHOWN)) == 2 * names[1]


def test_switching_it_on_sends_what_was_there_before(on: On) -> None:
    """The documents stand already; only their files go, with one call each."""
    world = on(a_seed(claims=[a_claim(11, attachments=[a_file()])]), "")
    world.whole_pass()
    switch(world, BOTH)
    since = world.last()
    world.whole_pass()
    assert files(world) == ["invoice-1.pdf"]
    assert len(world.writes(since)) == 1


def test_a_file_that_comes_later_goes_too(on: On) -> None:
    """Added to a claim that is otherwise unchanged, paid even: no figure of the bill moves."""
    world = on(one_claim())
    world.whole_pass()
    world.procore_edit("requisitions", 11, PROJECT_ID, attachments=[a_file(1), a_file(2)])
    since = world.last()
    world.whole_pass()
    assert files(world) == ["invoice-1.pdf", "invoice-2.pdf"]
    assert len(world.writes(since)) == 1
    assert world.holds() == {}


def test_an_invoices_files_are_asked_for_when_it_changed_and_once_a_day(on: On) -> None:
    """Its list does not say them: one call to Procore for each that changed, and in a day one for every one."""
    world = on(a_seed(invoices=[an_invoice(91, attachments=[a_file(1)]), an_invoice(92)]))
    world.whole_pass()
    for change, calls in ((no_time, 0), (add, 1), (a_day, 2)):
        before = len(world.procore_calls(SHOWN))
        change(world)
        world.whole_pass()
        assert len(world.procore_calls(SHOWN)) - before == calls
    assert files(world, "DC-91") == ["invoice-1.pdf", "invoice-2.pdf"]


def no_time(_: World) -> None:
    """Nothing happens between two passes."""


def a_day(world: World) -> None:
    world.clock.advance(DAY_S)


def add(world: World) -> None:
    world.procore_edit("direct_costs", 91, PROJECT_ID, attachments=[a_file(1), a_file(2)])


def test_what_is_removed_in_procore_stays_in_xero(on: On) -> None:
    """Xero cannot delete a file; it counts towards the most, and nothing is sent for it again."""
    world = on(one_claim(a_file(1), a_file(2)), "claims = true\nmost_per_document = 2\n")
    world.whole_pass()
    world.procore_edit("requisitions", 11, PROJECT_ID, attachments=[a_file(2), a_file(3)])
    world.whole_pass()
    assert files(world) == ["invoice-1.pdf", "invoice-2.pdf"]
    assert left_out(world) == {"attachment invoice.pdf of claim 11": "attachment_too_many"}


def test_a_document_that_was_sent_once_more_gets_its_files_anew(on: On) -> None:
    """The new bill has none of the voided one's."""
    world = on(a_seed(claims=[a_claim(11, attachments=[a_file()])]))
    world.whole_pass()
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    let_go(world.parts, JOB_NUMBER, "claims", "11")
    world.run(JOB_NUMBER)
    assert files(world) == ["invoice-1.pdf"]
    assert len(world.writes(path=PUT)) == 2
    assert_quiet(world)


# --- never twice ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "puts"), [("lost_answer", 1), ("cut", 2)])
@pytest.mark.parametrize("wait_s", [5, 500])
def test_an_unknown_outcome_is_looked_at(on: On, kind: str, puts: int, wait_s: int) -> None:
    """The answer lost, or the request: the file is there once, and it went again only if it had not arrived."""
    world = on(one_claim())
    world.discover()
    world.fault(kind, "PUT", PUT)
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
    world.run(JOB_NUMBER)
    assert files(world) == ["invoice-1.pdf"]
    assert len(world.writes(path=PUT)) == puts
    assert_quiet(world)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_ends_well(on: On, status: int) -> None:
    """A failed answer is replayed under its key, so the file goes under another one."""
    world = on(one_claim())
    world.discover()
    world.fault("status", "PUT", PUT, status=status)
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.run_through(JOB_NUMBER)
    assert files(world) == ["invoice-1.pdf"]


def test_a_file_that_xero_cannot_take_keeps_no_other_one(on: On) -> None:
    """Its job comes back for it once; then it is held and looked for by the next job, and the files after it go."""
    world = on(one_claim(a_file(1), a_file(2, "more.pdf")))
    world.discover()
    world.fault("status", "PUT", "invoice-1", status=500, times=1000)
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.run(JOB_NUMBER)
    assert (files(world), list(world.holds().values())) == (["more-2.pdf"], ["rejected"])
    world.clear_faults()
    world.clock.advance(1800)
    world.whole_pass()
    assert (files(world), world.holds()) == (["more-2.pdf", "invoice-1.pdf"], {})


@pytest.mark.parametrize("landed", [True, False])
def test_a_killed_worker_leaves_one_file(on: On, landed: bool) -> None:
    """Killed between noting and sending, or between sending and noting: the next worker finishes it."""
    world = on(one_claim())
    world.discover()
    (world.wire.after if landed else world.wire.before)("PUT", PUT, crash)
    with pytest.raises(Crash):
        world.run(JOB_NUMBER)
    world.bury()
    world.run(JOB_NUMBER)
    assert files(world) == ["invoice-1.pdf"]
    assert len(world.writes(path=PUT)) == 1
    assert_quiet(world)


def test_a_job_that_ends_before_the_files_owes_them(on: On) -> None:
    """The list's cursor is past the claim, and yet the next job, which does not list it again, sends its file."""
    old = a_claim(11, attachments=[a_file()], updated_at="2026-01-05T00:00:00Z")
    world = on(a_seed(claims=[old, a_claim(12)], payments=[a_payment(21, 11, "60.00")]))
    world.discover()
    world.fault("lost_answer", "PUT", "/Payments")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    assert files(world) == []
    world.clock.advance(500)
    world.run(JOB_NUMBER)
    assert files(world) == ["invoice-1.pdf"]


# --- what does not go ----------------------------------------------------------------------------------------------


def test_what_is_not_meant_to_go_is_left_out_and_says_so(on: On) -> None:
    """Other types, too large ones and those beyond the count; the job stays green and they cost nothing again."""
    many = [
        a_file(1, "photo.jpg", content_type="image/jpeg"),
        a_file(2, "large.pdf", size=1_000_001),
        a_file(3, "fits.pdf", size=1_000_000),
        a_file(4, "beyond.pdf"),
    ]
    world = on(one_claim(*many), "claims = true\nmost_per_document = 1\nmost_megabytes = 1\n")
    for _ in range(2):
        world.whole_pass()
        assert world.job(JOB_NUMBER).state == "done"
    world.procore_edit("requisitions", 11, PROJECT_ID, attachments=many)
    world.whole_pass()
    assert left_out(world) == {
        "attachment photo.jpg of claim 11": "attachment_other_type",
        "attachment large.pdf of claim 11": "attachment_too_large",
        "attachment beyond.pdf of claim 11": "attachment_too_many",
    }
    assert files(world) == ["fits-3.pdf"]
    assert len(world.procore_calls(DOWNLOAD)) == 2
    switch(world, "claims = true\nmost_megabytes = 2\n")
    world.whole_pass()
    assert files(world) == ["fits-3.pdf", "large-2.pdf", "beyond-4.pdf"]


def test_ten_megabytes_are_the_most(on: On) -> None:
    """Xero says 10 MB; not a byte more is sent."""
    world = on(one_claim(a_file(1, size=10_000_000), a_file(2, size=10_000_001)))
    world.run(JOB_NUMBER)
    assert files(world) == ["invoice-1.pdf"]
    assert list(left_out(world).values()) == ["attachment_too_large"]


BAD = {
    "attachment_damaged": a_file(text="<html>Sign in</html>"),
    "attachment_not_given": {"id": 1, "filename": "gone.pdf"},
}


@pytest.mark.parametrize("code", BAD)
def test_a_bad_file_holds_nothing_but_itself(on: On, code: str) -> None:
    """The claim, its payment and the other files go; the hold closes when the file is replaced or removed."""
    world = on(one_claim(BAD[code], a_file(2, "good.pdf")))
    world.whole_pass()
    assert list(world.holds().values()) == [code]
    assert world.job(JOB_NUMBER).state == "failed"
    assert (files(world), len(world.documents("payments"))) == (["good-2.pdf"], 1)
    world.procore_edit("requisitions", 11, PROJECT_ID, attachments=[a_file(3), a_file(2, "good.pdf")])
    world.whole_pass()
    assert world.holds() == {}
    assert files(world) == ["good-2.pdf", "invoice-3.pdf"]


def test_what_xero_refuses_is_held_and_tried_again(on: On) -> None:
    """With Xero's words; like every held record it goes by itself when the cause is gone."""
    world = on(one_claim(a_file(), a_file(2)))
    body = '{"Message": "The file couldn\'t be uploaded because it isn\'t a supported file type."}'
    world.fault("status", "PUT", PUT, status=400, body=body)
    world.whole_pass()
    assert "isn't a supported file type" in world.sentences()["attachment invoice.pdf of claim 11"]
    assert files(world) == ["invoice-2.pdf"]
    world.whole_pass()
    assert (world.holds(), files(world)) == ({}, ["invoice-2.pdf", "invoice-1.pdf"])


def test_another_file_than_was_sent_is_held(on: On) -> None:
    """The answer's name and length are compared with what went."""
    world = on(one_claim())
    told = {"AttachmentID": "5a500c1a-5a02-48de-939e-1d234fd170d4", "FileName": "x", "ContentLength": 1}
    world.fault("status", "PUT", PUT, status=200, body=json.dumps({"Attachments": [told]}))
    world.whole_pass()
    assert world.holds() == {"attachment invoice.pdf of claim 11": "proof_failed"}
    world.whole_pass()
    assert (world.holds(), files(world)) == ({}, ["invoice-1.pdf"])


def test_a_storage_that_is_down_keeps_only_the_files_waiting(on: On) -> None:
    """The job is green, after a few tries nothing more is tried, and a later job sends them."""
    world = on(one_claim(*(a_file(number, f"{number}.pdf") for number in range(1, 6))))
    world.procore_fault("status", "/storage/", status=503, times=3)
    report = world.run(JOB_NUMBER)
    assert report.counts["attachments"] == {"waiting": 5}
    assert len(world.procore_calls("/storage/")) == 3
    assert set(world.holds(Outcome.WAITING).values()) == {"attachment_unavailable"}
    assert len(world.documents("payments")) == 1
    world.run(JOB_NUMBER)
    assert (len(files(world)), world.holds(Outcome.WAITING)) == (5, {})


def test_an_address_that_expired_is_read_again(on: On) -> None:
    """One refusal may mean that the address is too old; the record is read anew for another."""
    world = on(one_claim(a_file(url="http://storage.procore.sandbox/storage/requisitions/310/11/404")))

    def replaced(_: httpx.Request) -> None:
        world.procore_edit("requisitions", 11, PROJECT_ID, attachments=[a_file()])

    world.wire.after("GET", "/storage/", replaced)
    world.run(JOB_NUMBER)
    assert (world.holds(), files(world)) == ({}, ["invoice-1.pdf"])


def test_an_invoice_that_procore_does_not_show_is_held_alone(on: On) -> None:
    """Its bill has gone; only its files are missing, until Procore shows it."""
    world = on(a_seed(invoices=[an_invoice(91, attachments=[a_file()]), an_invoice(92)]))
    world.procore_fault("status", "/direct_costs/91$", status=404, times=2)
    world.run(JOB_NUMBER)
    assert world.holds() == {"attachments of invoice 91": "attachment_not_given"}
    assert files(world, "DC-91") == []
    world.run(JOB_NUMBER)
    assert (world.holds(), files(world, "DC-91")) == ({}, ["invoice-1.pdf"])


def test_a_document_in_a_locked_period_gets_no_file(on: On) -> None:
    """Hands are kept off it; leaving it out costs no call, and it goes once the period is open again."""
    world = on(a_seed(claims=[a_claim(11, attachments=[a_file()])]), "")
    world.whole_pass()
    lock(world, "2026-07-31")
    world.enter("requisitions", a_claim(12, billing_date="2026-08-31", attachments=[a_file(2)]))
    world.whole_pass()
    switch(world, BOTH)
    since = world.last()
    world.whole_pass()
    assert left_out(world) == {"attachment invoice.pdf of claim 11": "attachment_locked"}
    assert (files(world), files(world, "INV-12")) == ([], ["invoice-2.pdf"])
    assert len(world.journal(since)) == 1
    lock(world, None)
    world.enter("requisitions", a_claim(13))
    world.whole_pass()
    world.clock.advance(DAY_S)
    world.whole_pass()
    assert (left_out(world), files(world)) == ({}, ["invoice-1.pdf"])


def lock(world: World, until: str | None) -> None:
    world.xero_edit("Organisation", world.parts.organisation.tenant_id, PeriodLockDate=until)
    world.clock.advance(2 * 3600)  # what Xero says of its lock dates serves for an hour


def test_without_the_scope_money_goes_and_the_job_says_what_to_click(on: On, a_world: MakeWorld) -> None:
    """The whole project is in Xero but for the files."""
    world = a_world(one_claim())
    switch(world, BOTH)
    with pytest.raises(AuthRejected, match=r"scope accounting\.attachments"):
        world.run(JOB_NUMBER)
    assert len(world.documents("payments")) == 1


def test_switching_it_off_forgets_what_was_held(on: On) -> None:
    """A hold of something that is not meant to go any more would stay for ever."""
    world = on(one_claim(BAD["attachment_damaged"]))
    world.whole_pass()
    assert len(world.holds()) == 1
    switch(world, "")
    world.whole_pass()
    assert world.holds() == {}
    assert world.job(JOB_NUMBER).state == "done"


# --- the plan ------------------------------------------------------------------------------------------------------


def test_the_plan_lists_files_and_their_calls(on: On) -> None:
    """As many writes as the sync then makes; nothing is downloaded or written for a look."""
    seed = a_seed(
        claims=[a_claim(11, attachments=[a_file(1), a_file(2, "photo.jpg", content_type="image/jpeg")])],
        invoices=[an_invoice(91, attachments=[a_file(3)])],
    )
    world = on(seed)
    assert world.parts.organisation
    mark = world.last()
    with world.sql_writes() as written:
        (found,) = plan(world.parts, JOB_NUMBER)
    assert found.counts["attachments"] == {"create": 2, "ignored": 1}
    assert written == {}
    assert world.writes(mark) == world.procore_calls("/storage/") == []
    mark = world.last()
    world.run(JOB_NUMBER)
    assert found.writes == len(world.writes(mark))
    assert found.reads == len(world.journal(mark)) - found.writes
