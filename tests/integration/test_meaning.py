"""What records mean in the books, the whole way through: accounts, tax, items, terms and currency as Xero has them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contact,
    a_cost_code,
    a_project,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.world import MAPPING, World
from worker.errors import OutcomeUnknown

WITHHELD: dict[str, Any] = {
    "work_completed_retainage_retained_this_period": "10.00",
    "materials_stored_retainage_new_materials": "1.00",
}
RELEASED: dict[str, Any] = {
    "work_completed_retainage_released_this_period": "8.00",
    "materials_stored_retainage_released_this_period": "3.00",
}
LABOUR, SUBCONTRACT = {"id": 81, "code": "L", "name": "Labour"}, {"id": 83, "code": "S", "name": "Subcontract"}


def ruled(world: World, **replaced: str) -> World:
    """The world with some sections of its mapping file said otherwise."""
    text = MAPPING
    for section, lines in replaced.items():
        head = f"[{section}]\n"
        before, _, rest = text.partition(head)
        after = rest[rest.find("\n[") + 1 :] if "\n[" in rest else ""
        text = f"{before}{head}{lines}\n{after if _ else ''}"
    world.mapping_file.write_text(text)
    return world


def documents(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents that one request asked for."""
    return [document for rows in entry["body"].values() if isinstance(rows, list) for document in rows]


def lines(bill: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(line["AccountCode"], line["TaxType"], str(line["LineAmount"])) for line in bill["LineItems"]]


RETENTION = 'withheld_account = "830"\nreleased_account = "831"\ntax_type = "INPUT"'


def retention_seed(withheld_tax: str, released_tax: str) -> dict[str, Any]:
    withheld = {"current_payment_due": "89.00", "tax_applicable_to_this_payment": withheld_tax}
    released = {"current_payment_due": "11.00", "tax_applicable_to_this_payment": released_tax}
    release = an_item("0.00", **RELEASED)
    seed = a_seed(
        claims=[
            a_claim(11, items=[an_item("100.00", **WITHHELD)], summary=withheld),
            a_claim(12, items=[release], summary=released, billing_date="2026-08-31"),
        ]
    )
    released_account = {"Code": "831", "Name": "Retention Released", "Status": "ACTIVE", "Type": "CURRLIAB"}
    seed["xero"]["accounts"].append({**released_account, "TaxType": "BASEXCLUDED", "Class": "LIABILITY"})
    return seed


@pytest.mark.parametrize(
    ("tax", "taxes", "tax_type"),
    [("on_release", ("8.90", "1.10"), "INPUT"), ("on_invoice", ("10.00", "0.00"), "BASEXCLUDED")],
)
def test_retention_and_its_tax(a_world: MakeWorld, tax: str, taxes: tuple[str, str], tax_type: str) -> None:
    """Withheld and later released, retention leaves nothing behind, and its tax is due when the setting says."""
    world = ruled(a_world(retention_seed(*taxes)), retention=f'{RETENTION}\ntax = "{tax}"')
    world.whole_pass()
    assert world.holds() == {}
    withheld, released = world.bill("INV-11"), world.bill("INV-12")
    assert lines(withheld) == [("320", "INPUT", "100.00"), ("830", tax_type, "-11.00")]
    assert lines(released) == [("831", tax_type, "11.00")]
    assert [Decimal(bill["TotalTax"]) for bill in (withheld, released)] == [Decimal(tax) for tax in taxes]
    assert sum(Decimal(bill["SubTotal"]) for bill in (withheld, released)) == 100


def test_a_tax_of_another_day_is_held(a_world: MakeWorld) -> None:
    """A mapping file that taxes retention at another time than Procore does is found by the first claim."""
    world = ruled(a_world(retention_seed("10.00", "0.00")), retention=f'{RETENTION}\ntax = "on_release"')
    world.whole_pass()
    assert world.holds() == {"claim 11": "tax_differs", "claim 12": "tax_differs"}
    assert "8.90, but Procore says 10.00" in world.sentences()["claim 11"]


def test_the_account_decides_the_tax_where_nothing_else_does(a_world: MakeWorld) -> None:
    """Without tax code and default the account's own tax type is sent, and the next pass changes nothing."""
    claim = a_claim(11, items=[an_item("100.00", taxes=[])], summary={"current_payment_due": "100.00"})
    world = ruled(a_world(a_seed(claims=[claim])), tax="")
    world.whole_pass()
    assert lines(world.bill("INV-11")) == [("320", "INPUT", "100.00")]
    mark = world.last()
    world.enter("requisitions", claim)
    world.whole_pass()
    assert world.writes(mark) == []
    changed = an_item("120.00", taxes=[])
    world.enter("requisitions", a_claim(11, items=[changed], summary={"current_payment_due": "120.00"}))
    world.whole_pass()
    assert world.holds() == {}
    assert lines(world.bill("INV-11")) == [("320", "INPUT", "120.00")]


def test_a_rate_that_differs_is_held(a_world: MakeWorld) -> None:
    """Two rates under one name are found before a bill is wrong by some percent."""
    taxes = [{"tax_code_id": 910, "tax_code_name": "GST@10%", "tax_code_rate": Decimal("0.125")}]
    summary = {"current_payment_due": "100.00", "tax_applicable_to_this_payment": "12.50"}
    world = a_world(a_seed(claims=[a_claim(11, items=[an_item("100.00", taxes=taxes)], summary=summary)]))
    world.whole_pass()
    assert world.holds() == {"claim 11": "tax_rate_differs"}
    assert "GST@10% is 12.5 %, but Xero's tax type INPUT is 10 %" in world.sentences()["claim 11"]


def test_a_cent_of_tax_by_tolerance(a_world: MakeWorld) -> None:
    """Where the two systems round differently, the firm says how many cents are nobody's business."""
    summary = {"current_payment_due": "100.00", "tax_applicable_to_this_payment": "10.01"}
    seed = a_seed(claims=[a_claim(11, items=[an_item("100.00")], summary=summary)])
    strict = a_world(seed)
    strict.whole_pass()
    assert strict.holds() == {"claim 11": "tax_differs"}
    lenient = ruled(a_world(seed), tax='default = "BASEXCLUDED"\ntolerance = "0.01"')
    lenient.whole_pass()
    assert Decimal(lenient.bill("INV-11")["TotalTax"]) == 10


def test_a_tax_type_that_the_account_forbids(a_world: MakeWorld) -> None:
    """What Xero would refuse for its account is held with a sentence of our own, and costs no call."""
    world = ruled(a_world(a_seed(claims=[a_claim(11)])), **{"tax.codes": '"GST@10%" = "OUTPUT"'})
    world.whole_pass()
    assert world.holds() == {"claim 11": "reference_unusable"}
    assert "does not allow it on account 320 (EXPENSE)" in world.sentences()["claim 11"]
    assert world.writes(path="Invoices") == []


def test_a_currency_that_is_not_enabled(a_world: MakeWorld) -> None:
    """A bill in a foreign currency waits for a person, who is told where to click; the list is read for it alone."""
    foreign = a_claim(12, currency_configuration={"currency_iso_code": "NZD", "currency_exchange_rate": "1.08"})
    own = a_claim(11, currency_configuration={"currency_iso_code": "AUD"})
    home = a_world(a_seed(claims=[own]))
    home.whole_pass()
    assert not [entry for entry in home.journal() if entry["path"].endswith("/Currencies")]
    seed = a_seed(claims=[own, foreign])
    world = a_world(seed)
    world.whole_pass()
    assert world.holds() == {"claim 12": "currency_not_enabled"}
    assert len([entry for entry in world.journal() if entry["path"].endswith("/Currencies")]) == 1
    seed["xero"]["currencies"] = [{"Code": "AUD"}, {"Code": "NZD"}]
    enabled = a_world(seed)
    enabled.whole_pass()
    assert enabled.holds() == {}
    bills = [enabled.bill(number) for number in ("INV-11", "INV-12")]
    assert [bill["CurrencyCode"] for bill in bills] == ["AUD", "NZD"]
    assert not any("CurrencyRate" in document for entry in enabled.writes() for document in documents(entry))


def test_cost_codes_as_items(a_world: MakeWorld) -> None:
    """Each code with each cost type is one item, adopted where it is, renamed with its code; bills name it."""
    codes = [
        a_cost_code("03-300", "Concrete", line_item_types=[LABOUR, SUBCONTRACT]),
        a_cost_code("05-100", "Steel", line_item_types=[]),
    ]
    seed = a_seed(cost_codes=codes, claims=[a_claim(11)])
    seed["xero"]["tracking_categories"] = [
        row for row in seed["xero"]["tracking_categories"] if row["Name"] == "Project"
    ]
    seed["xero"]["items"] = [{"Code": "05-100", "Name": "Steel, as the bookkeeper calls it"}]
    world = ruled(a_world(seed), cost_codes='target = "item"')
    world.whole_pass()
    assert world.holds() == {}
    items = {row["Code"]: row["Name"] for row in world.documents("items")}
    assert items == {
        "05-100": "Steel, as the bookkeeper calls it",
        "03-300 L": "Concrete Labour",
        "03-300 S": "Concrete Subcontract",
    }
    (line,) = world.bill("INV-11")["LineItems"]
    assert (line["ItemCode"], line["AccountCode"], len(line["Tracking"])) == ("03-300 S", "320", 1)
    assert len(world.writes(path="/Items")) == 1

    mark = world.last()
    world.whole_pass()
    assert world.writes(mark) == []
    world.enter("cost_codes", {**codes[0], "name": "Concrete works"})
    world.whole_pass()
    assert {row["Code"]: row["Name"] for row in world.documents("items")} == {
        **items,
        "03-300 L": "Concrete works Labour",
        "03-300 S": "Concrete works Subcontract",
    }
    (update,) = world.writes(mark)
    assert update["method"] == "POST"
    assert all(item["ItemID"] for item in documents(update))


@pytest.mark.parametrize(
    ("kind", "wait_s", "writes"), [("cut", 1, 2), ("lost_answer", 1, 2), ("cut", 1000, 2), ("lost_answer", 1000, 1)]
)
def test_items_whose_answer_was_lost(a_world: MakeWorld, kind: str, wait_s: int, writes: int) -> None:
    """Items are there once, whether the request or its answer was lost; later they are looked up, not asked for."""
    seed = a_seed(cost_codes=[a_cost_code(line_item_types=[LABOUR, SUBCONTRACT])], claims=[a_claim(11)])
    world = ruled(a_world(seed), cost_codes='target = "item"')
    world.fault(kind, "PUT", "/Items")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    assert len(world.writes(path="/Items")) == writes
    assert sorted(row["Code"] for row in world.documents("items")) == ["03-300 L", "03-300 S"]
    assert world.bill("INV-11")["LineItems"][0]["ItemCode"] == "03-300 S"


def test_cost_codes_as_accounts_only(a_world: MakeWorld) -> None:
    """Where the account says enough, cost codes make nothing in Xero and the second category is not asked for."""
    seed = a_seed(claims=[a_claim(11)], invoices=[an_invoice(21)])
    seed["xero"]["tracking_categories"] = [
        row for row in seed["xero"]["tracking_categories"] if row["Name"] == "Project"
    ]
    world = ruled(a_world(seed), cost_codes='target = "account"')
    world.whole_pass()
    assert world.holds() == {}
    for number in ("INV-11", "DC-21"):
        (line,) = world.bill(number)["LineItems"]
        assert [tracked["Name"] for tracked in line["Tracking"]] == ["Project"]
    assert world.procore_calls("cost_codes") == []


def test_a_renamed_cost_code_renames_its_option(a_world: MakeWorld) -> None:
    """The option keeps its id and its bills, and is called as the code is called now."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    world.enter("cost_codes", a_cost_code(name="Concrete works"))
    mark = world.last()
    world.whole_pass()
    assert "03-300 Concrete works" in world.books()["options"]
    assert "03-300 Concrete" not in world.books()["options"]
    assert len(world.writes(mark)) == 1


def test_other_types_and_terms_of_direct_costs(a_world: MakeWorld) -> None:
    """Expenses go when the mapping file says so, and plain terms say when an invoice is due."""
    invoices = [an_invoice(21, terms="Net 14"), an_invoice(22, direct_cost_type="expense", terms="EOM")]
    seed = a_seed(invoices=invoices)
    world = a_world(seed)
    world.whole_pass()
    assert world.bill("DC-21")["DueDate"].startswith("2026-08-03")
    assert len(world.documents("invoices")) == 1
    more = ruled(a_world(seed), invoices='types = ["invoice", "expense"]')
    more.whole_pass()
    assert more.holds() == {}
    assert more.bill("DC-22")["DueDate"].startswith("2026-08-19")


def test_a_kind_of_line_that_nobody_knows_is_held(a_world: MakeWorld) -> None:
    """A new item type may read its columns otherwise; its claim waits for a person, its neighbour goes."""
    odd = a_claim(12, items=[an_item("100.00", item_type="allowance_item")])
    world = a_world(a_seed(claims=[a_claim(11), odd], vendors=[a_vendor()]))
    world.whole_pass()
    assert world.holds() == {"claim 12": "value_unknown"}
    assert world.bill("INV-11")["Status"] == "AUTHORISED"


def test_an_address_that_xero_refuses_is_left_out_and_said(
    a_world: MakeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """The contact is made without it, its claim goes, and the log says what is missing, once."""
    vendor = a_vendor(email_address="büro@example.com", abn="51 824 753 556")
    world = a_world(a_seed(vendors=[vendor], claims=[a_claim(11)]))
    for _ in range(2):
        world.whole_pass()
    assert world.holds() == {}
    (contact,) = world.documents("contacts")
    assert (contact["EmailAddress"], contact["TaxNumber"]) == ("", "51824753556")
    said = [line for line in capsys.readouterr().out.splitlines() if "left out" in line]
    assert len(said) == 1
    assert "e-mail address" in said[0]
    assert "Supplier 1" in said[0]


def merge(world: World, old: dict[str, Any], into: dict[str, Any]) -> None:
    """A person merges two contacts in Xero: the one is archived and names the other."""
    world.xero_edit("Contacts", old["ContactID"], ContactStatus="ARCHIVED", MergedToContactID=into["ContactID"])


def test_a_contact_that_was_merged_is_followed(a_world: MakeWorld) -> None:
    """The bill that Xero refused goes to the contact that is left, in the same job, and the next one at once."""
    world = a_world(a_seed(contacts=[a_contact(5, "Supplier One"), a_contact(6, "Supplier Uno")]))
    world.whole_pass()
    contacts = {row["Name"]: row for row in world.documents("contacts")}
    merge(world, contacts["Supplier 1"], contacts["Supplier Uno"])
    merge(world, contacts["Supplier Uno"], contacts["Supplier One"])
    for number in range(11, 64):  # more than one request
        world.enter("requisitions", a_claim(number))
    world.whole_pass()
    assert world.holds() == {}
    left = contacts["Supplier One"]["ContactID"]
    assert {bill["Contact"]["ContactID"] for bill in world.documents("invoices")} == {left}
    assert len(world.documents("invoices")) == 53
    mark = world.last()
    world.enter("requisitions", a_claim(70))
    world.whole_pass()
    assert world.holds() == {}
    assert len(world.writes(mark)) == 1


def test_a_contact_that_was_only_archived_is_not_followed(a_world: MakeWorld) -> None:
    """Then a person must bring it back; Xero's words say so."""
    world = a_world(a_seed())
    world.whole_pass()
    world.xero_edit("Contacts", world.documents("contacts")[0]["ContactID"], ContactStatus="ARCHIVED")
    world.enter("requisitions", a_claim(11))
    world.whole_pass()
    assert world.holds() == {"claim 11": "rejected"}
    assert "archived contact" in world.sentences()["claim 11"]


def test_our_number_on_a_merged_contact_is_followed(a_world: MakeWorld) -> None:
    """With an empty ledger, too: the vendor is tied to the contact that is left, and nothing is written to it."""
    left = a_contact(6, "Supplier One")
    merged = a_contact(5, "Supplier 1", ContactNumber="procore-1", ContactStatus="ARCHIVED")
    merged["MergedToContactID"] = left["ContactID"]
    world = a_world(a_seed(contacts=[merged, left], claims=[a_claim(11)]))
    world.whole_pass()
    assert world.holds() == {}
    assert world.bill("INV-11")["Contact"]["ContactID"] == left["ContactID"]
    assert world.writes(path="/Contacts") == []


def test_a_cost_code_that_was_deleted_leaves_its_option_alone(a_world: MakeWorld) -> None:
    """Old bills name it and other projects may use it; the job is not red for it."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    mark = world.last()
    world.enter("cost_codes", a_cost_code(deleted_at="2026-08-01T00:00:00Z"))
    world.whole_pass()
    assert (world.holds(), world.writes(mark)) == ({}, [])


@pytest.mark.parametrize("target", ["tracking", "item"])
def test_only_cost_codes_that_are_used(a_world: MakeWorld, target: str) -> None:
    """A standard list of hundreds of codes leaves Xero alone: a code goes with the first bill that names it."""
    codes = [a_cost_code(code, f"Work {code}") for code in ("03-300", "05-100", "09-900")]
    idle = an_item("0.00", code="09-900", id=901)
    draft = a_claim(12, status="draft", items=[an_item("100.00", code="09-900")])
    seed = a_seed(cost_codes=codes, claims=[a_claim(11, items=[an_item("100.00"), idle]), draft])
    world = ruled(a_world(seed), cost_codes=f'target = "{target}"\ninclude = "used"')

    def there() -> list[str]:
        names = world.books()["options"] if target == "tracking" else [row["Name"] for row in world.documents("items")]
        return [name[-11:] for name in sorted(names) if "Work" in name]

    world.whole_pass()
    assert (world.holds(), there()) == ({}, ["Work 03-300"])
    world.enter("direct_costs", an_invoice(21, line_items=[{**an_invoice(21)["line_items"][0], **coded("05-100")}]))
    world.whole_pass()
    assert (world.holds(), there()) == ({}, ["Work 03-300", "Work 05-100"])
    mark = world.last()
    world.enter("cost_codes", {**codes[0], "name": "Slabs 03-300"})
    world.whole_pass()
    assert (len(world.writes(mark)), len(there())) == (1, 1)
    world.enter("requisitions", a_claim(13, items=[an_item("100.00", code="77-777")]))
    world.whole_pass()
    assert world.holds() == {"claim 13": "cost_code_missing"}


def coded(code: str) -> dict[str, Any]:
    return {"cost_code": {"full_code": code}}


def test_many_options_are_spoken_of(a_world: MakeWorld) -> None:
    """From ninety options the pass says which category gets full; below it says nothing."""
    codes = [a_cost_code(f"03-{number}") for number in range(301, 390)]
    world = a_world(a_seed(cost_codes=codes))
    world.whole_pass()
    assert "options" not in world.discover()
    world.enter("cost_codes", a_cost_code("03-400"))
    world.run_all()
    world.whole_pass()
    assert "tracking category 'Cost Codes' has 90 options" in world.discover()


def options(world: World) -> dict[str, str]:
    """Options of cost codes with their status."""
    (category,) = [row for row in world.documents("tracking_categories") if row["Name"] == "Cost Codes"]
    return {row["Name"]: row["Status"] for row in category["Options"] if row["Name"][:3] in ("03-", "05-")}


def test_deleted_cost_codes_are_archived_by_setting(a_world: MakeWorld) -> None:
    """The last project that had a code archives its option; one that has it again brings it back before it is used."""
    codes, both = (
        [a_cost_code(), a_cost_code("05-100", "Steel")],
        {311: {"cost_codes": [a_cost_code("05-100", "Steel")]}},
    )
    seed = a_seed(projects=[a_project(), a_project(311, "24-018")], cost_codes=codes, more=both)
    world = ruled(a_world(seed), cost_codes="archive_deleted = true")
    world.whole_pass()
    for code in ("03-300", "05-100"):
        world.procore_delete("cost_codes", a_cost_code(code)["id"], PROJECT_ID)
    world.enter("cost_codes", a_cost_code("03-310", "Kerbs"))
    mark = world.last()
    world.whole_pass()
    assert options(world) == {"03-300 Concrete": "ARCHIVED", "03-310 Kerbs": "ACTIVE", "05-100 Steel": "ACTIVE"}
    assert len(world.writes(mark)) == 2
    mark = world.last()
    world.whole_pass()
    assert (world.holds(), world.writes(mark)) == ({}, [])

    world.enter("requisitions", a_claim(11))
    world.whole_pass()
    assert world.holds() == {"claim 11": "cost_code_missing"}
    world.enter("cost_codes", a_cost_code(), 311)
    world.run("24-018")
    assert options(world)["03-300 Concrete"] == "ACTIVE"
    world.enter("cost_codes", a_cost_code())
    world.whole_pass()
    assert world.holds() == {}


def test_deleted_cost_codes_stay_without_the_setting(a_world: MakeWorld) -> None:
    """Nothing is archived unless somebody said so."""
    world = a_world(a_seed(cost_codes=[a_cost_code(), a_cost_code("05-100", "Steel")]))
    world.whole_pass()
    world.procore_delete("cost_codes", a_cost_code()["id"], PROJECT_ID)
    mark = world.last()
    world.whole_pass()
    assert world.writes(mark) == []


@pytest.mark.parametrize("kind", ["cut", "lost_answer"])
def test_an_option_whose_archiving_was_lost(a_world: MakeWorld, kind: str) -> None:
    """It is archived in the end, also long after Xero has forgotten the request."""
    codes = [a_cost_code(), a_cost_code("05-100", "Steel")]
    world = ruled(a_world(a_seed(cost_codes=codes)), cost_codes="archive_deleted = true")
    world.whole_pass()
    world.procore_delete("cost_codes", codes[0]["id"], PROJECT_ID)
    world.fault(kind, "POST", "/Options")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(1000)
    world.run_through(JOB_NUMBER)
    assert options(world) == {"03-300 Concrete": "ARCHIVED", "05-100 Steel": "ACTIVE"}
    mark = world.last()
    world.whole_pass()
    assert (world.holds(), world.writes(mark)) == ({}, [])
