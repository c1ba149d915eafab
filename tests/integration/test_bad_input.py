"""Bad input: each bad record is held with a sentence, and everything else goes on."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contract,
    a_cost_code,
    a_payment,
    a_project,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.world import World
from worker.errors import ContractBroken
from worker.http import exact_json

#: What is wrong with a claim, its code, and a word of its sentence.
BAD_CLAIMS: list[tuple[dict[str, Any], str, str]] = [
    ({"items": [an_item("9.28%")]}, "record_unreadable", "9.28%"),
    ({"commitment_id": None}, "record_unreadable", "commitment_id"),
    ({"status": None}, "record_unreadable", "status"),
    ({"status": "haunted"}, "value_unknown", "haunted"),
    ({"billing_date": ""}, "date_missing", "billing date"),
    ({"billing_date": "0001-01-01"}, "date_missing", "billing date"),
    ({"billing_date": "31/07/2026"}, "record_unreadable", "billing_date"),
    ({"vendor_id": None}, "vendor_missing", "names no vendor."),
    ({"summary": {"current_payment_due": None}}, "totals_differ", "nothing"),
    ({"summary": {"current_payment_due": "99.99"}}, "totals_differ", "99.99"),
    ({"items": [an_item("100.00", code="99-999")]}, "cost_code_missing", "Line 1"),
    ({"items": [an_item("100.00", cost_type="Z")]}, "account_missing", "Z"),
    ({"items": [an_item("100.00", wbs_code=None)]}, "cost_code_missing", "Line 1"),
]
BAD_INVOICES: list[tuple[dict[str, Any], str]] = [
    ({"direct_cost_type": "barter"}, "value_unknown"),
    ({"direct_cost_date": None}, "date_missing"),
    ({"grand_total": "51.00", "amount": "51.00"}, "totals_differ"),
    ({"amount": "fifty"}, "record_unreadable"),
]
BAD_PAYMENTS: list[tuple[dict[str, Any], str]] = [
    ({"amount": "ten"}, "record_unreadable"),
    ({"amount": None}, "record_unreadable"),
    ({"date": None}, "date_missing"),
    ({"amount": "-10.00"}, "value_unknown"),
    ({"status": "bounced"}, "value_unknown"),
    ({"requisition_id": 77}, "claim_not_sent"),
]


def test_bad_claims_are_held_and_their_neighbours_go(any_world: MakeWorld) -> None:
    """Each sentence names what is wrong; correcting them in Procore clears the holds by itself."""
    bad = [{**a_claim(100 + n), **fields} for n, (fields, _, _) in enumerate(BAD_CLAIMS)]
    world = any_world(a_seed(claims=[a_claim(11), *bad, a_claim(13)], invoices=[an_invoice(91)]))
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {f"claim {100 + n}": code for n, (_, code, _) in enumerate(BAD_CLAIMS)}
        assert len(world.documents("invoices")) == 3
    for n, (_, _, words) in enumerate(BAD_CLAIMS):
        assert words in world.sentences()[f"claim {100 + n}"]
    for claim in bad:
        world.enter("requisitions", a_claim(claim["id"]))
    world.whole_pass()
    assert world.holds() == {}
    assert len(world.documents("invoices")) == 3 + len(bad)


def test_bad_invoices_are_held_and_their_neighbours_go(a_world: MakeWorld) -> None:
    """Direct invoices too."""
    bad = [{**an_invoice(100 + n), **fields} for n, (fields, _) in enumerate(BAD_INVOICES)]
    world = a_world(a_seed(invoices=[an_invoice(91), *bad]))
    world.whole_pass()
    assert world.holds() == {f"invoice {100 + n}": code for n, (_, code) in enumerate(BAD_INVOICES)}
    assert len(world.documents("invoices")) == 1


def test_bad_payments_are_held_and_their_neighbours_go(a_world: MakeWorld) -> None:
    """Payments too, in this pass and the next."""
    bad = [{**a_payment(100 + n, 11, "10.00"), **fields} for n, (fields, _) in enumerate(BAD_PAYMENTS)]
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00"), *bad]))
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {f"payment {100 + n}": code for n, (_, code) in enumerate(BAD_PAYMENTS)}
        assert [row["Amount"] for row in world.documents("payments")] == ["10.00"]


@pytest.mark.parametrize("name", [None, "", "<>"])
def test_a_bad_vendor_holds_only_its_own_claims(a_world: MakeWorld, name: str | None) -> None:
    """A vendor that nothing can be called is held, and so are its claims."""
    world = a_world(
        a_seed(vendors=[a_vendor(1), {**a_vendor(2), "name": name}], claims=[a_claim(11), a_claim(12, vendor_id=2)])
    )
    world.whole_pass()
    assert list(world.holds().values()) == ["record_unreadable", "vendor_held"]
    assert len(world.documents("invoices")) == 1
    world.procore_edit("vendors", 2, name="Supplier 2")
    world.whole_pass()
    assert world.holds() == {}


def test_a_bad_cost_code_holds_what_is_coded_to_it(a_world: MakeWorld) -> None:
    """And clears once it is right."""
    codes = [a_cost_code(), {**a_cost_code("05-100"), "name": None}]
    world = a_world(
        a_seed(cost_codes=codes, claims=[a_claim(11), a_claim(12, items=[an_item("100.00", code="05-100")])])
    )
    world.whole_pass()
    assert world.holds()["claim 12"] in ("cost_code_held", "cost_code_missing")
    assert "record_unreadable" in world.holds().values()
    assert len(world.documents("invoices")) == 1
    world.procore_edit("cost_codes", codes[1]["id"], PROJECT_ID, name="Steel")
    world.whole_pass()
    assert world.holds() == {}


def test_a_page_that_repeats_stops_its_job_and_no_other(a_world: MakeWorld) -> None:
    """A list that never ends is not read for ever; the sentence says which."""
    vendors = [a_vendor(n) for n in range(1, 151)]
    world = a_world(a_seed(projects=[a_project(), a_project(311, "24-018")], vendors=vendors))
    world.discover()
    world.procore_fault("repeat_page", f"/projects/{PROJECT_ID}/vendors", skip=1)
    with pytest.raises(ContractBroken, match="page 2"):
        world.run(JOB_NUMBER)
    world.run("24-018")
    assert world.job("24-018").state == "done"
    world.run(JOB_NUMBER)
    assert len(world.documents("contacts")) == 150


def test_a_claim_that_became_unreadable_stays_held(a_world: MakeWorld) -> None:
    """Also in later jobs, whose lists do not have it because it did not change again."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    world.procore_edit("requisitions", 12, PROJECT_ID, status=5)
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {"claim 12": "record_unreadable"}
        world.clock.advance(3600)


def without_tracking(world: World) -> None:
    """The known trap: the tracking of a line is dropped without a word, and the answer is 200."""

    def dropped(request: httpx.Request) -> httpx.Request | None:
        document = exact_json.loads(request.content)["Invoices"][0]
        return world.spoil("Invoices", LineItems=[{**line, "Tracking": []} for line in document["LineItems"]])(request)

    world.wire.before("PUT", "/Invoices", dropped)


def test_tracking_that_xero_drops_is_seen(a_world: MakeWorld) -> None:
    """The bill is there, once, and held until a person has put the tracking on; nothing is sent again."""
    world = a_world(a_seed(claims=[a_claim(11)], contracts=[a_contract()]))
    world.discover()
    without_tracking(world)
    world.run(JOB_NUMBER)
    for _ in range(2):
        assert world.holds() == {"claim 11": "proof_failed"}
        assert "no line of 100" in world.sentences()["claim 11"]
        world.whole_pass()
    bill = world.bill("INV-11")
    category = {row["Name"]: row for row in world.documents("tracking_categories")}
    tracking = [
        {
            "Name": name,
            "Option": next(row["Name"] for row in category[name]["Options"] if row["Name"].startswith(start)),
        }
        for name, start in (("Project", "24-017"), ("Cost Codes", "03-300"))
    ]
    world.xero_edit("Invoices", bill["InvoiceID"], LineItems=[{**bill["LineItems"][0], "Tracking": tracking}])
    world.whole_pass()
    assert world.holds() == {}
    assert len(world.documents("invoices")) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"LineAmountTypes": "Inclusive"}, "TotalTax"),
        ({"Date": "2026-08-01"}, "Date"),
        ({"Status": "DRAFT"}, "Status"),
        ({"InvoiceNumber": "OTHER"}, "InvoiceNumber"),
    ],
)
def test_anything_else_that_xero_stores_otherwise_is_seen(
    a_world: MakeWorld, fields: dict[str, Any], words: str
) -> None:
    """Amounts, tax, date, status, number: each difference is a hold that names it."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.discover()
    world.wire.before("PUT", "/Invoices", world.spoil("Invoices", **fields))
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "proof_failed"}
    assert words in world.sentences()["claim 11"]
    assert len(world.documents("invoices")) == 1
