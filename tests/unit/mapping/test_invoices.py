"""Direct invoices to bills: quantities only where they multiply out, and lines held against the header."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import CONCRETE, PROJECT, an_invoice, an_invoice_line, known, record, rules
from tests.unit.mapping.outcomes import is_held
from worker.holds import HoldCode
from worker.mapping.invoices import to_document
from worker.procore.records import Invoice, TaxCodeRow, WbsCode, item_key
from worker.xero.documents import BILLS, CREDIT_NOTES


def test_an_ordinary_invoice_is_a_bill() -> None:
    """A bill carries the invoice's supplier, number, date and page; its line account, tax type and trackings."""
    bill = to_document(an_invoice("10.00"), known())
    line = bill.lines[0]
    assert (bill.endpoint, bill.contact_id, bill.number, bill.on) == (
        BILLS,
        "contact-881",
        "AB-3456",
        date(2026, 7, 20),
    )
    assert bill.url == "https://procore.example/562/project/direct_costs/9001"
    assert (line.description, line.account_code, line.tax_type) == ("Skip bin", "310", "BASEXCLUDED")
    assert line.tracking == (PROJECT, CONCRETE)


@pytest.mark.parametrize(
    ("quantity", "unit", "amount", "body", "text"),
    [
        ("10.0", "100.0", "1000.00", ("10.0", "100.0"), "Skip bin"),
        ("2.5", "0.1236", "0.31", ("1", "0.31"), "Skip bin (2.5 Lbs at 0.1236)"),
        ("2.5", "0.124", "0.31", ("2.5", "0.124"), "Skip bin"),
        ("3.0", "0.3333", "1.00", ("1", "1.00"), "Skip bin (3 Lbs at 0.3333)"),
        ("7.77777", "1.00", "7.78", ("1", "7.78"), "Skip bin (7.77777 Lbs at 1)"),
        ("10.0", "100.0", "900.00", ("1", "900.00"), "Skip bin (10 Lbs at 100)"),
        ("1.0", "99.995", "100.00", ("1", "100.00"), "Skip bin"),
        (None, "100.0", "900.00", ("1", "900.00"), "Skip bin"),
        ("0.0", "100.0", "900.00", ("1", "900.00"), "Skip bin (0 Lbs at 100)"),
    ],
)
def test_quantity_only_where_it_multiplies_out(
    quantity: str | None, unit: str, amount: str, body: tuple[str, str], text: str
) -> None:
    """Quantity and price go only when their product is the amount exactly; else one of the amount, and says so."""
    line = an_invoice_line(amount, quantity=quantity, unit_cost=unit, uom="Lbs")
    sent = to_document(an_invoice(amount, lines=[line]), known()).lines[0].body()
    assert (sent["Quantity"], sent["UnitAmount"]) == (Decimal(body[0]), Decimal(body[1]))
    assert sent["Description"] == text


def test_the_extended_amount_counts_where_it_fits() -> None:
    """A line's `amount` is before its discount or freight; the header says which column is meant."""
    line = an_invoice_line("1000.0", extended_amount="900.0")
    assert to_document(an_invoice("900.00", lines=[line]), known()).lines[0].amount == 900
    assert to_document(an_invoice("1000.00", lines=[line]), known()).lines[0].amount == 1000


@pytest.mark.parametrize(
    ("header", "tax"),
    [
        ({"amount": "100.00", "grand_total": "100.00"}, None),
        ({"amount": None, "grand_total": "100.00"}, None),
        ({"amount": "100.00", "grand_total": None}, None),
        ({"amount": "100.00", "grand_total": "110.00"}, "10.00"),
        (
            {
                "amount": "110.00",
                "grand_total": "110.00",
                "tax_breakdown": {"subtotal": "100.00", "tax_total": "10.00", "grand_total": "110.00"},
            },
            "10.00",
        ),
    ],
)
def test_what_the_lines_leave_over_is_tax(header: dict[str, Any], tax: str | None) -> None:
    """The header's two amounts differ by tax, which Xero's own tax must equal."""
    bill = to_document(an_invoice(lines=[an_invoice_line("100.00")], **header), known())
    assert bill.stated_tax == (None if tax is None else Decimal(tax))


def test_a_negative_invoice_is_a_credit_note() -> None:
    """A supplier's credit keeps its signs among the lines, and its total is positive in Xero."""
    lines = [
        an_invoice_line("-120.00", id=1, position=1, quantity="-2", unit_cost="60.00", uom="ea"),
        an_invoice_line("20.00", id=2, position=2, quantity="1", unit_cost="20.00"),
    ]
    note = to_document(an_invoice("-100.00", lines=lines), known())
    assert note.endpoint is CREDIT_NOTES
    assert [line.amount for line in note.lines] == [Decimal("120.00"), Decimal("-20.00")]
    assert sum(line.body()["Quantity"] * line.body()["UnitAmount"] for line in note.lines) == 100
    assert note.lines[0].description == "Skip bin (-2 ea at 60)"


def test_lines_are_in_the_order_of_the_form() -> None:
    """The bookkeeper compares line by line with the invoice on paper."""
    lines = [
        an_invoice_line("1.00", id=3, position=2, description="second"),
        an_invoice_line("2.00", id=9, position=1, description="first"),
    ]
    bill = to_document(an_invoice("3.00", lines=lines), known())
    assert [line.description for line in bill.lines] == ["first", "second"]


def test_tax_code_by_name_and_by_list() -> None:
    """Lines give the tax code's id only; its name is in the breakdown or in the company's list."""
    line = an_invoice_line(tax_code_id=90)
    named = an_invoice(
        lines=[line],
        tax_breakdown={"subtotal": "10.00", "tax_details": [{"tax_code_id": 90, "tax_code_name": "GST@10%"}]},
    )
    assert to_document(named, known()).lines[0].tax_type == "INPUT"
    listed = {90: record(TaxCodeRow, {"id": 90, "code": "Free", "rate1": 0})}
    line_by_list = to_document(an_invoice(lines=[line]), known(tax_codes=listed)).lines[0]
    assert (line_by_list.tax_type, line_by_list.stated_rate) == ("EXEMPTEXPENSES", ("Free", Decimal(0)))
    with is_held(HoldCode.TAX_TYPE_MISSING, "90"):
        to_document(an_invoice(lines=[line]), known())


def test_an_invoices_tax_rate_is_a_percentage() -> None:
    """Direct costs give a rate in percent, unlike claims."""
    detail = {"tax_code_id": 90, "tax_code_name": "GST@10%", "tax_code_rate": "10.0"}
    invoice = an_invoice(
        lines=[an_invoice_line(tax_code_id=90)], tax_breakdown={"subtotal": "10.00", "tax_details": [detail]}
    )
    assert to_document(invoice, known()).lines[0].stated_rate == ("GST@10%", Decimal(10))


@pytest.mark.parametrize(("terms", "due"), [("Net 14", date(2026, 8, 3)), ("2/10 net 30", None), (None, None)])
def test_due_by_its_own_terms(terms: str | None, due: date | None) -> None:
    """Terms that can only mean one number of days decide; all others leave it to the contact and the mapping file."""
    assert to_document(an_invoice(terms=terms), known()).due_on == due


@pytest.mark.parametrize("kind", ["expense", "payroll", "subcontractor_invoice"])
def test_other_types_by_setting(kind: str) -> None:
    """A company that enters petty cash as expenses may have them in Xero, too."""
    carried = known(rules=rules(invoices={"types": ["invoice", kind]}))
    assert to_document(an_invoice(direct_cost_type=kind), carried).number == "AB-3456"
    with is_held(HoldCode.OTHER_TYPE, "invoice"):
        to_document(an_invoice(), known(rules=rules(invoices={"types": [kind]})))


def test_cost_type_of_the_line_where_the_wbs_code_has_none() -> None:
    """A WBS code without a cost type segment leaves the line's own cost type to decide the account."""
    listed = record(WbsCode, {"id": 9, "segment_items": [{"code": "05-100", "segment": {"type": "cost_code"}}]})
    line = an_invoice_line(wbs_code={"id": 9}, line_item_type={"code": "M"})
    assert to_document(an_invoice(lines=[line]), known(wbs_codes={9: listed})).lines[0].account_code == "320"


def test_an_invoice_without_number_is_named_by_its_id() -> None:
    """Bills without a supplier's number can still be told apart."""
    assert to_document(an_invoice(invoice_number=None), known()).number == "DC-9001"


@pytest.mark.parametrize(
    ("invoice", "knowing", "code", "word"),
    [
        (an_invoice(deleted_at="2026-08-01T00:00:00Z"), {}, HoldCode.DELETED, "deleted"),
        (an_invoice(direct_cost_type="payroll"), {}, HoldCode.OTHER_TYPE, "payroll"),
        (an_invoice(direct_cost_type="barter"), {}, HoldCode.VALUE_UNKNOWN, "Its type is 'barter'"),
        (an_invoice(status="pending"), {}, HoldCode.NOT_APPROVED, "pending"),
        (an_invoice(status="blessed"), {}, HoldCode.VALUE_UNKNOWN, "Its status is 'blessed'"),
        (an_invoice("0.00"), {}, HoldCode.NO_LINES, "no line"),
        (an_invoice("0.00", lines=[]), {}, HoldCode.NO_LINES, "no line"),
        (an_invoice("10.00", lines=[]), {}, HoldCode.TOTALS_DIFFER, "10.00"),
        (an_invoice("10.01", lines=[an_invoice_line("10.00")]), {}, HoldCode.TOTALS_DIFFER, "10.01"),
        (an_invoice(amount=None, grand_total=None), {}, HoldCode.TOTALS_DIFFER, "nothing"),
        (an_invoice("10.005"), {}, HoldCode.PART_OF_A_CENT, "Line 1 is 10.005"),
        (
            an_invoice("110.00", tax_breakdown={"subtotal": "100.00", "tax_total": "10.00"}),
            {},
            HoldCode.TOTALS_DIFFER,
            "100.00",
        ),
        (an_invoice(direct_cost_date="0001-01-01"), {}, HoldCode.DATE_MISSING, "The date is blank"),
        (an_invoice(vendor_id=5), {}, HoldCode.VENDOR_MISSING, "vendor 5"),
        (an_invoice(vendor_id=None, vendor_name=None), {}, HoldCode.VENDOR_MISSING, "It names no vendor."),
        (an_invoice(vendor_id=5, vendor_name=None), {}, HoldCode.VENDOR_MISSING, "It names vendor 5,"),
        (an_invoice(vendor_id=5), {"held": {("vendors", "5")}}, HoldCode.VENDOR_HELD, "vendor 5"),
        (an_invoice(lines=[an_invoice_line(cost_code=None)]), {}, HoldCode.COST_CODE_MISSING, "Line 1"),
        (an_invoice(), {"cost_codes": {}, "held": {("cost_codes", "03-300")}}, HoldCode.COST_CODE_HELD, "03-300"),
        (an_invoice(), {"rules": rules(accounts={})}, HoldCode.ACCOUNT_MISSING, "cost type L"),
        (an_invoice(), {"project": None}, HoldCode.PROJECT_HELD, "24-017"),
    ],
)
def test_what_cannot_be_carried_is_held(invoice: Invoice, knowing: dict[str, Any], code: HoldCode, word: str) -> None:
    """Each thing that is missing or wrong has its own code and names itself; nothing is guessed."""
    with is_held(code, word):
        to_document(invoice, known(**knowing))


def test_an_invoice_goes_by_its_own_rules() -> None:
    """Its status by the mapping file, invoices before the general one, its currency and the tolerance of its tax."""
    own = rules(documents={"status": "DRAFT", "invoices_status": "SUBMITTED"}, tax={"tolerance": "0.02"})
    bill = to_document(an_invoice(currency_configuration={"currency_iso_code": "NZD"}), known(rules=own))
    assert (bill.status, bill.currency, bill.tax_tolerance) == ("SUBMITTED", "NZD", Decimal("0.02"))
    assert to_document(an_invoice(), known(rules=rules(documents={"status": "DRAFT"}))).status == "DRAFT"


def test_a_line_carries_its_item() -> None:
    """Where cost codes are items, the line names its item, and only the project is tracked."""
    items = known(rules=rules(cost_codes={"target": "item"}), items={item_key("03-300", "L"): "03-300 L"})
    line = to_document(an_invoice(lines=[an_invoice_line(line_item_type={"code": "L"})]), items).lines[0]
    assert (line.item_code, line.tracking) == ("03-300 L", (PROJECT,))


def test_a_line_without_text_is_named_by_its_place() -> None:
    """A bookkeeper can still tell the lines apart; a quantity without a unit is so many."""
    line = an_invoice_line("10.00", description=None, position=4, quantity="3", unit_cost="1.00", uom=None)
    assert to_document(an_invoice(lines=[line]), known()).lines[0].description == "Line 4 (3 x at 1)"


@pytest.mark.parametrize("total", ["0.01", "0.50", "-0.50"])
def test_less_than_one_is_an_amount(total: str) -> None:
    """Cents are a bill, or a credit note where they are negative."""
    assert to_document(an_invoice(total, lines=[an_invoice_line(total)]), known()).credit is total.startswith("-")


@pytest.mark.parametrize(
    ("invoice", "lines", "total"),
    [
        (an_invoice("10.01", lines=[an_invoice_line("10.00")]), "10.00", "10.01"),
        (an_invoice(None, lines=[an_invoice_line("10.00")]), "10.00", "nothing"),
        (an_invoice("111.00", tax_breakdown={"subtotal": "100.00", "tax_total": "10.00"}), "110.00", "111.00"),
        (
            an_invoice(
                "112.00",
                grand_total=None,
                tax_breakdown={"subtotal": "100.00", "tax_total": "10.00", "grand_total": "112.00"},
            ),
            "110.00",
            "112.00",
        ),
    ],
)
def test_totals_that_differ_are_both_said(invoice: Invoice, lines: str, total: str) -> None:
    """The bookkeeper sees what the lines add up to, and what the header says."""
    with is_held(HoldCode.TOTALS_DIFFER, HoldCode.TOTALS_DIFFER.sentence(lines=lines, total=total)):
        to_document(invoice, known())


def test_a_vendor_that_is_unknown_is_named() -> None:
    """By number and name, as Procore has them."""
    with is_held(HoldCode.VENDOR_MISSING, "vendor 5 (Skips Ltd)"):
        to_document(an_invoice(vendor_id=5, vendor_name="Skips Ltd"), known())


def test_a_line_without_its_amount_takes_the_extended_one() -> None:
    """And a line that says neither is nothing."""
    lines = [
        an_invoice_line(None, id=1, position=1, extended_amount="7.00"),
        an_invoice_line("3.00", id=2, position=2, extended_amount="2.00"),
        an_invoice_line(None, id=3, position=3),
    ]
    assert [line.amount for line in to_document(an_invoice("10.00", lines=lines), known()).lines] == [7, 3]


def test_a_long_text_is_cut_where_xero_ends() -> None:
    """Xero takes 4,000 characters."""
    line = an_invoice_line(description="x" * 4001)
    assert to_document(an_invoice(lines=[line]), known()).lines[0].description == "x" * 4000


def test_an_invoice_that_comes_to_nothing_is_a_bill() -> None:
    """Its lines cancel each other out, and stay."""
    lines = [an_invoice_line("10.00", id=1), an_invoice_line("-10.00", id=2)]
    bill = to_document(an_invoice("0.00", lines=lines), known())
    assert (bill.credit, [str(line.amount) for line in bill.lines]) == (False, ["10.00", "-10.00"])
