"""Claims to bills: what is due in this period, line by line, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import CONCRETE, PROJECT, a_claim, a_claim_item, a_wbs_code, known, record, rules
from tests.unit.mapping.outcomes import is_held
from worker.holds import HoldCode
from worker.mapping.claims import this_period, to_document
from worker.procore.records import Claim, ClaimItem, TaxCodeRow, WbsCode, item_key
from worker.xero.documents import BILLS, CREDIT_NOTES, Bill

GST = {"tax_code_id": 1, "tax_code_name": "GST@10%"}
FREE = {"tax_code_id": 2, "tax_code_name": "Free"}
RETAINED_AND_RELEASED = a_claim_item(
    "100.00",
    work_completed_retainage_retained_this_period="10.00",
    work_completed_retainage_released_this_period="4.00",
    materials_stored_retainage_new_materials="1.00",
    materials_stored_retainage_released_this_period="2.00",
)


def amounts(bill: Bill) -> list[str]:
    return [str(line.amount) for line in bill.lines]


def test_an_ordinary_claim_is_a_bill() -> None:
    """A bill carries the claim's supplier, number, date and page, and each line its account and both trackings."""
    bill = to_document(a_claim("10.00"), known())
    line = bill.lines[0]
    assert (bill.endpoint, bill.contact_id, bill.number, bill.on) == (
        BILLS,
        "contact-881",
        "INV-1003",
        date(2026, 7, 31),
    )
    assert bill.due_on is None
    assert bill.url == "https://procore.example/562/project/commitments/701973/requisitions/58820"
    assert (line.description, line.amount, line.account_code) == ("Slab on ground", Decimal("10.00"), "310")
    assert line.tracking == (PROJECT, CONCRETE)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"work_completed_this_period": "100.00"}, "100.00"),
        ({"materials_presently_stored": "80.00"}, "80.00"),
        (
            {"materials_presently_stored": "80.00", "materials_presently_stored_from_previous_progress": "80.00"},
            "0.00",
        ),
        (
            {
                "materials_presently_stored": "30.00",
                "materials_presently_stored_from_previous_progress": "80.00",
                "materials_moved": "50.00",
            },
            "0.00",
        ),
        (
            {
                "work_completed_this_period": "100.00",
                "materials_presently_stored": "30.00",
                "materials_presently_stored_from_previous_progress": "80.00",
                "materials_moved": "50.00",
            },
            "100.00",
        ),
        ({"work_completed_from_previous_application": "900.00", "total_completed_and_stored_to_date": "900"}, "0"),
        ({"work_completed_this_period": "-25.50"}, "-25.50"),
    ],
)
def test_value_of_this_period(columns: dict[str, str], expected: str) -> None:
    """Only what moved in this period counts: materials that leave the store into work are not paid twice."""
    assert this_period(a_claim_item(**{"work": "0", **columns})) == Decimal(expected)


def test_retention_is_a_line_of_its_own() -> None:
    """Retention withheld comes off, retention released is added, of work and materials alike."""
    bill = to_document(a_claim("95.00", items=[RETAINED_AND_RELEASED]), known())
    withheld, released = bill.lines[1:]
    assert amounts(bill) == ["100.00", "-11.00", "6.00"]
    assert (withheld.description, released.description) == ("Retention withheld", "Retention released")
    assert {(line.account_code, line.tax_type, line.tracking) for line in (withheld, released)} == {
        ("820", "BASEXCLUDED", (PROJECT,))
    }


@pytest.mark.parametrize(
    ("retention", "accounts"),
    [
        ({"account": "820"}, ("820", "820")),
        ({"account": "820", "released_account": "821"}, ("820", "821")),
        ({"account": "820", "withheld_account": "822"}, ("822", "820")),
        ({"withheld_account": "822", "released_account": "821"}, ("822", "821")),
    ],
)
def test_withheld_and_released_each_to_its_account(retention: dict[str, str], accounts: tuple[str, str]) -> None:
    """What is kept back and what is paid out may stand in two accounts; one account serves for both."""
    bill = to_document(a_claim("95.00", items=[RETAINED_AND_RELEASED]), known(rules=rules(retention=retention)))
    assert tuple(line.account_code for line in bill.lines[1:]) == accounts


@pytest.mark.parametrize("retention", [{"released_account": "821"}, {"withheld_account": "822"}])
def test_half_an_account_is_not_enough(retention: dict[str, str]) -> None:
    """A claim that withholds is not carried on the account for releases, nor the other way round."""
    with is_held(HoldCode.RETENTION_ACCOUNT_MISSING):
        to_document(a_claim("95.00", items=[RETAINED_AND_RELEASED]), known(rules=rules(retention=retention)))


@pytest.mark.parametrize(
    ("retention", "tax_type"),
    [
        ({}, "INPUT"),
        ({"tax": "on_release"}, "INPUT"),
        ({"tax": "on_invoice"}, "BASEXCLUDED"),
        ({"tax": "on_invoice", "untaxed_type": "NONE"}, "NONE"),
    ],
)
def test_tax_on_retention(retention: dict[str, str], tax_type: str | None) -> None:
    """Taxed on release, retention takes its tax with it, out and in again; taxed on the invoice, it has none."""
    allowing = known(rules=rules(retention={"account": "820", **retention}))
    taxed = RETAINED_AND_RELEASED.model_copy(update={"taxes": a_claim_item(taxes=[GST]).taxes})
    bill = to_document(a_claim("95.00", items=[taxed]), allowing)
    assert [line.tax_type for line in bill.lines[1:]] == [tax_type, tax_type]


def retained(amount: str, number: int, *, released: str = "0", **fields: Any) -> ClaimItem:
    kept = {"work_completed_retainage_retained_this_period": str(Decimal(amount) / 10)}
    return a_claim_item(amount, id=number, work_completed_retainage_released_this_period=released, **kept, **fields)


def test_retention_has_the_tax_of_what_it_is_withheld_from() -> None:
    """One line for each tax type, withheld and released apart; each knows of how many amounts it is made."""
    items = [
        retained("500.00", 1, taxes=[GST], released="3.00"),
        retained("300.00", 2, taxes=[FREE]),
        retained("200.00", 3, taxes=[GST]),
    ]
    bill = to_document(a_claim("903.00", items=items), known())
    assert [(line.tax_type, str(line.amount), line.figures) for line in bill.lines[3:]] == [
        ("INPUT", "-70.00", 2),
        ("EXEMPTEXPENSES", "-30.00", 1),
        ("INPUT", "3.00", 1),
    ]


def test_retention_of_work_that_leaves_its_tax_to_the_account_does_as_well() -> None:
    """Without a tax code or a default, it is the tax type of the work's account, not of the retention's."""
    unruled = known(rules=rules(tax={}))
    items = [retained("500.00", 1), retained("300.00", 2, wbs_code=a_wbs_code("05-100", "M"))]
    lines = to_document(a_claim("720.00", items=items), unruled).lines[2:]
    assert [(line.tax_type, line.taxed_like, str(line.amount)) for line in lines] == [
        (None, "310", "-50.00"),
        (None, "320", "-30.00"),
    ]


def test_retention_that_cancels_out_has_no_line() -> None:
    """What one line withholds and another gives back under the same tax is nothing."""
    items = [retained("100.00", 1), retained("-100.00", 2), a_claim_item("7.00", id=3)]
    assert len(to_document(a_claim("7.00", items=items), known()).lines) == 3


@pytest.mark.parametrize(
    "kind", ["contract_item", "contract_detail_item", "change_order_item", "whole_change_order_item", None]
)
def test_every_kind_of_line_counts(kind: str | None) -> None:
    """Work under the contract and under its change orders is claimed in the same columns."""
    items = [a_claim_item("10.00", id=1), a_claim_item("2.50", id=2, item_type=kind)]
    assert amounts(to_document(a_claim("12.50", items=items), known())) == ["10.00", "2.50"]


def test_a_release_alone_is_a_bill() -> None:
    """The last claim of a contract may be nothing but the retention that is paid out."""
    item = a_claim_item("0.00", work_completed_retainage_released_this_period="500.00")
    assert amounts(to_document(a_claim("500.00", items=[item]), known())) == ["500.00"]


def test_a_negative_claim_is_a_credit_note() -> None:
    """A claim that gives money back is a credit note with positive amounts."""
    items = [
        a_claim_item("-110.00", id=1, work_completed_retainage_retained_this_period="-11.00"),
        a_claim_item("10.00", id=2),
    ]
    note = to_document(a_claim("-89.00", items=items), known())
    assert note.endpoint is CREDIT_NOTES
    assert amounts(note) == ["110.00", "-10.00", "-11.00"]
    assert note.body()["Type"] == "ACCPAYCREDIT"


def test_approved_as_noted_is_approved() -> None:
    """Both count as cost in Procore's budget: the same bill comes of either."""
    assert to_document(a_claim(status="approved_as_noted"), known()) == to_document(a_claim(), known())


@pytest.mark.parametrize("status", ["draft", "under_review", "revise_and_resubmit", "pending_owner_approval"])
def test_what_is_not_approved_yet_is_ignored(status: str) -> None:
    """It is nobody's fault and goes by itself once it is approved."""
    with is_held(HoldCode.NOT_APPROVED, status):
        to_document(a_claim(status=status), known())


def test_a_claim_without_an_amount_is_left_out() -> None:
    """Nothing due is not a fault, and no empty bill is made of it."""
    with is_held(HoldCode.NOTHING_DUE):
        to_document(a_claim("0.00"), known())


def test_a_line_without_an_amount_is_left_out() -> None:
    """Xero refuses documents of empty lines; a line that did not move in this period is not on the bill."""
    items = [a_claim_item("0.00", id=1, wbs_code=None), a_claim_item("10.00", id=2)]
    assert amounts(to_document(a_claim("10.00", items=items), known())) == ["10.00"]


@pytest.mark.parametrize("due", ["110.00", "100.00"])
def test_due_with_or_without_tax(due: str) -> None:
    """Whether the amount due includes tax is not documented: lines may fit either, and the tax is compared later."""
    bill = to_document(a_claim(due, items=[a_claim_item("100.00")], tax="10.00"), known())
    assert amounts(bill) == ["100.00"]
    assert bill.stated_tax == Decimal("10.00")


def test_tax_of_a_credit_note_is_positive_as_well() -> None:
    """The tax that is compared has the sign of the document's amounts."""
    note = to_document(a_claim("-110.00", items=[a_claim_item("-100.00")], tax="-10.00"), known())
    assert note.stated_tax == Decimal("10.00")


def test_no_tax_is_stated_where_procore_computes_none() -> None:
    """A tax of 0 from a project without taxes says nothing about what Xero computes."""
    assert to_document(a_claim("10.00", tax="0"), known()).stated_tax is None


def test_zero_tax_is_stated_where_a_line_has_a_tax_code() -> None:
    """With a tax code on a line, a tax of 0 is Procore's answer and Xero must come to the same."""
    item = a_claim_item(taxes=[{"tax_code_id": 1, "tax_code_name": "Free"}])
    assert to_document(a_claim("10.00", items=[item], tax="0"), known()).stated_tax == 0


@pytest.mark.parametrize(
    ("taxes", "expected"),
    [
        ([], "BASEXCLUDED"),
        ([{"tax_code_id": 1, "tax_code_name": "GST@10%"}], "INPUT"),
        ([{"tax_code_id": 1, "tax_code_name": "Free"}], "EXEMPTEXPENSES"),
        ([{"tax_code_id": 7}], "INPUT"),
    ],
)
def test_tax_codes(taxes: list[dict[str, Any]], expected: str) -> None:
    """A line's tax code decides its tax type, by name or by the company's list; without one the default does."""
    listed = record(TaxCodeRow, {"id": 7, "code": "GST@10%"})
    bill = to_document(a_claim(items=[a_claim_item(taxes=taxes)]), known(tax_codes={7: listed}))
    assert bill.lines[0].tax_type == expected


@pytest.mark.parametrize(
    ("code", "kind", "account"), [("03-300", "M", "310"), ("05-100", "M", "320"), ("05-100", "L", "300")]
)
def test_account_by_cost_code_then_cost_type_then_default(code: str, kind: str, account: str) -> None:
    """The most particular rule decides the account."""
    item = a_claim_item(wbs_code=a_wbs_code(code, kind))
    assert to_document(a_claim(items=[item]), known()).lines[0].account_code == account


def test_wbs_code_from_the_projects_list() -> None:
    """Where a line gives its WBS code without segments, the project's list has them; the flat code is never split."""
    bare = record(WbsCode, {"id": 44, "flat_code": "wrong.03-300.L"})
    listed = record(
        WbsCode,
        {"id": 44, "segment_items": [{"code": "05-100", "segment": {"type": "cost_code"}}]},
    )
    item = a_claim_item(wbs_code=bare)
    bill = to_document(a_claim(items=[item]), known(wbs_codes={44: listed}))
    assert bill.lines[0].tracking[1].option == "05-100 Structural steel"
    with is_held(HoldCode.COST_CODE_MISSING, "Line 1"):
        to_document(a_claim(items=[item]), known())


def test_status_from_the_mapping_file() -> None:
    """A firm that approves bills in Xero gets drafts."""
    assert to_document(a_claim(), known(rules=rules(documents={"status": "DRAFT"}))).status == "DRAFT"


def test_a_claim_without_invoice_number_is_named_by_its_id() -> None:
    """Bills without a supplier's number can still be told apart."""
    assert to_document(a_claim(invoice_number=""), known()).number == "PC-58820"


def test_currency_is_carried() -> None:
    """A claim in another currency says so; Xero knows its own."""
    assert to_document(a_claim(currency_configuration={"currency_iso_code": "NZD"}), known()).currency == "NZD"


@pytest.mark.parametrize(
    ("taxes", "stated"),
    [
        ([], None),
        ([GST], None),
        ([{**GST, "tax_code_rate": Decimal("0.1")}], ("GST@10%", Decimal(10))),
        ([{**GST, "tax_code_rate": "0.0825"}], ("GST@10%", Decimal("8.25"))),
        ([{"tax_code_id": 7}], ("GST@10%", Decimal("9.5"))),
    ],
)
def test_a_claims_tax_rate_is_a_fraction(taxes: list[dict[str, Any]], stated: tuple[str, Decimal] | None) -> None:
    """Procore's rate goes along in percent, to be compared with Xero's; the company's list has it in percent."""
    listed = record(TaxCodeRow, {"id": 7, "code": "GST@10%", "rate1": Decimal("9.5")})
    line = to_document(a_claim(items=[a_claim_item(taxes=taxes)]), known(tax_codes={7: listed})).lines[0]
    assert line.stated_rate == stated
    assert "TaxRate" not in line.body()


def test_two_tax_codes_on_a_line_are_one_in_the_mapping_file() -> None:
    """A line in Xero has one tax type: two codes together are named together, and their rates add up."""
    pst = {"tax_code_id": 2, "tax_code_name": "PST", "tax_code_rate": "0.07"}
    item = a_claim_item(taxes=[{**GST, "tax_code_rate": "0.05"}, pst])
    with is_held(HoldCode.TAX_TYPE_MISSING, "GST@10% + PST"):
        to_document(a_claim(items=[item]), known())
    both = known(rules=rules(tax={"codes": {"GST@10% + PST": "TAX012"}}))
    line = to_document(a_claim(items=[item]), both).lines[0]
    assert (line.tax_type, line.stated_rate) == ("TAX012", ("GST@10% + PST", Decimal(12)))


def test_without_a_default_the_account_decides_the_tax() -> None:
    """No tax code in Procore and no default in the mapping file: the line leaves the tax type to its account."""
    line = to_document(a_claim(), known(rules=rules(tax={}))).lines[0]
    assert line.tax_type is None
    assert "TaxType" not in line.body()


def test_cost_codes_as_accounts_only() -> None:
    """Where only the account tells cost codes apart, lines have the project's tracking and need no option."""
    line = to_document(a_claim(), known(cost_codes={}, rules=rules(cost_codes={"target": "account"}))).lines[0]
    assert (line.account_code, line.tracking, line.item_code) == ("310", (PROJECT,), None)


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ({item_key("03-300", "L"): "03-300 L", item_key("03-300", ""): "03-300"}, "03-300 L"),
        ({item_key("03-300", ""): "03-300"}, "03-300"),
    ],
)
def test_cost_codes_as_items(items: dict[str, str], code: str) -> None:
    """A line names the item of its cost code with its cost type, or that of its code where it has no types."""
    line = to_document(a_claim(), known(items=items, rules=rules(cost_codes={"target": "item"}))).lines[0]
    assert (line.item_code, line.tracking) == (code, (PROJECT,))
    body = line.body()
    said = (body["ItemCode"], body["Description"], body["UnitAmount"])
    assert said == (code, "Slab on ground (claim 3, line 1, contract)", Decimal("10.00"))
    assert {"AccountCode", "TaxType", "Quantity"} <= body.keys()


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (set(), HoldCode.COST_CODE_MISSING),
        ({("cost_codes", item_key("03-300", "L"))}, HoldCode.COST_CODE_HELD),
        ({("cost_codes", item_key("03-300", ""))}, HoldCode.COST_CODE_HELD),
    ],
)
def test_a_cost_code_without_its_item(held: set[tuple[str, str]], expected: HoldCode) -> None:
    """A line does not go without the item that stands for its cost code."""
    with is_held(expected):
        to_document(a_claim(), known(held=held, rules=rules(cost_codes={"target": "item"})))


TAXED = a_claim_item(taxes=[{"tax_code_id": 9, "tax_code_name": "PST"}])
RETAINED = a_claim_item("100.00", work_completed_retainage_retained_this_period="10.00")


@pytest.mark.parametrize(
    ("claim", "knowing", "code", "word"),
    [
        (a_claim(deleted_at="2026-08-01T00:00:00Z"), {}, HoldCode.DELETED, "deleted"),
        (a_claim(status="under_review"), {}, HoldCode.NOT_APPROVED, "under_review"),
        (a_claim(status="certified"), {}, HoldCode.VALUE_UNKNOWN, "certified"),
        (a_claim("10.01", items=[a_claim_item("10.00")]), {}, HoldCode.TOTALS_DIFFER, "10.01"),
        (a_claim("11.00", items=[a_claim_item("10.00")]), {}, HoldCode.TOTALS_DIFFER, "11.00"),
        (a_claim(summary={}), {}, HoldCode.TOTALS_DIFFER, "nothing"),
        (a_claim(items=[]), {}, HoldCode.TOTALS_DIFFER, "10.00"),
        (a_claim("0.00", tax="7.00"), {}, HoldCode.TAX_DIFFERS, "0.00, but Procore says 7.00"),
        (a_claim("7.00", items=[], tax="7.00"), {}, HoldCode.TAX_DIFFERS, "0.00, but Procore says 7.00"),
        (a_claim(items=[a_claim_item(item_type="bonus")]), {}, HoldCode.VALUE_UNKNOWN, "line 1 is 'bonus'"),
        (a_claim("10.005"), {}, HoldCode.PART_OF_A_CENT, "What is due is 10.005"),
        (a_claim(billing_date=None), {}, HoldCode.DATE_MISSING, "billing date"),
        (a_claim(vendor_id=5), {}, HoldCode.VENDOR_MISSING, "Ernie's Electrical"),
        (a_claim(vendor_id=None), {}, HoldCode.VENDOR_MISSING, "names no vendor."),
        (a_claim(vendor_id=5), {"held": {("vendors", "5")}}, HoldCode.VENDOR_HELD, "vendor 5"),
        (a_claim(items=[a_claim_item(wbs_code=None)]), {}, HoldCode.COST_CODE_MISSING, "Line 1"),
        (a_claim(), {"cost_codes": {}}, HoldCode.COST_CODE_MISSING, "Line 1"),
        (a_claim(), {"cost_codes": {}, "held": {("cost_codes", "03-300")}}, HoldCode.COST_CODE_HELD, "03-300"),
        (a_claim(), {"rules": rules(accounts={})}, HoldCode.ACCOUNT_MISSING, "03-300 (cost type L)"),
        (
            a_claim(items=[a_claim_item(wbs_code=a_wbs_code(kind=""))]),
            {"rules": rules(accounts={})},
            HoldCode.ACCOUNT_MISSING,
            "03-300 (cost type none)",
        ),
        (a_claim(items=[TAXED]), {}, HoldCode.TAX_TYPE_MISSING, "PST"),
        (
            a_claim("90.00", items=[RETAINED]),
            {"rules": rules(retention={})},
            HoldCode.RETENTION_ACCOUNT_MISSING,
            "10.00",
        ),
        (a_claim(), {"project": None}, HoldCode.PROJECT_HELD, "24-017"),
    ],
)
def test_what_cannot_be_carried_is_held(claim: Claim, knowing: dict[str, Any], code: HoldCode, word: str) -> None:
    """Each thing that is missing or wrong has its own code and names itself; nothing is guessed."""
    with is_held(code, word):
        to_document(claim, known(**knowing))


def test_sub_cent_lines_are_held_even_when_they_add_up() -> None:
    """10.004 and 9.996 are 20.00 together, but Xero would round each of them."""
    with is_held(HoldCode.PART_OF_A_CENT, "whole cents"):
        to_document(a_claim("20.00", items=[a_claim_item("10.004", id=1), a_claim_item("9.996", id=2)]), known())


def test_sub_cent_retention_is_held_even_when_it_adds_up() -> None:
    """Retention of 10.005 withheld and 0.005 released is rounded by Xero just as lines are."""
    item = a_claim_item(
        "100.00",
        work_completed_retainage_retained_this_period="10.005",
        work_completed_retainage_released_this_period="0.005",
    )
    with is_held(HoldCode.PART_OF_A_CENT, "whole cents"):
        to_document(a_claim("90.00", items=[item]), known())


@pytest.mark.parametrize("total", ["0.01", "0.99", "-0.99"])
def test_cents_are_a_bill_or_a_credit_note(total: str) -> None:
    """The sign decides, not the size."""
    bill = to_document(a_claim(total), known())
    assert (bill.credit, amounts(bill)) == (total.startswith("-"), [total.removeprefix("-")])


def test_a_claim_that_comes_to_nothing_is_a_bill() -> None:
    """What is released as much as is withheld leaves a bill of nothing, with its lines."""
    items = [a_claim_item("10.00", id=1), a_claim_item("-10.00", id=2)]
    bill = to_document(a_claim("0.00", items=items), known())
    assert (bill.credit, amounts(bill)) == (False, ["10.00", "-10.00"])


@pytest.mark.parametrize(
    ("claim", "code", "facts"),
    [
        (a_claim(summary={}), HoldCode.TOTALS_DIFFER, {"lines": "10.00", "total": "nothing"}),
        (
            a_claim("9.00", tax=None, items=[a_claim_item("10.00")]),
            HoldCode.TOTALS_DIFFER,
            {"lines": "10.00", "total": "9.00"},
        ),
        (
            a_claim("10.005"),
            HoldCode.PART_OF_A_CENT,
            {"what": "What is due", "amount": "10.005"},
        ),
        (
            a_claim("20.00", items=[a_claim_item("10.004", id=1), a_claim_item("9.996", id=2, line_number=None)]),
            HoldCode.PART_OF_A_CENT,
            {"what": "Line 1", "amount": "10.004"},
        ),
        (a_claim(billing_date=None), HoldCode.DATE_MISSING, {"field": "The billing date"}),
    ],
)
def test_a_held_claim_says_what_is_wrong(claim: Claim, code: HoldCode, facts: dict[str, str]) -> None:
    """The whole sentence, with both figures."""
    with is_held(code, code.sentence(**facts)):
        to_document(claim, known())


def test_retention_that_is_no_amount_says_so() -> None:
    """The figure that Xero would round is named."""
    item = a_claim_item("100.00", work_completed_retainage_retained_this_period="10.005")
    item_two = a_claim_item("0.00", id=2, work_completed_retainage_released_this_period="0.005")
    said = HoldCode.PART_OF_A_CENT.sentence(what="Retention withheld", amount="-10.005")
    with is_held(HoldCode.PART_OF_A_CENT, said):
        to_document(a_claim("90.00", items=[item, item_two]), known())


def test_a_line_without_number_is_named_by_its_id() -> None:
    """Every line has one."""
    item = a_claim_item(line_number=None, description_of_work=None)
    assert to_document(a_claim(items=[item]), known()).lines[0].description == "Line 341256"


def test_a_long_text_is_cut_where_xero_ends() -> None:
    """Xero takes 4,000 characters."""
    item = a_claim_item(description_of_work="x" * 4001)
    assert to_document(a_claim(items=[item]), known()).lines[0].description == "x" * 4000
