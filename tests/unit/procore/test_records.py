"""Procore's rows as records: what is read, what is refused with the field's name, and what is left to mapping."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_claim, a_claim_item, a_payment, a_project, a_vendor, an_invoice, an_invoice_line, record
from worker.http import exact_json
from worker.procore.fields import Fields
from worker.procore.records import Claim, CostCode, Payment, Project, Unreadable, Vendor, WbsCode, read

PAYMENT = {"id": 7, "amount": "10.00", "status": "paid", "contract_id": 9}
CLAIM = {"id": 7, "status": "approved", "commitment_id": 9}


def claim_with(**columns: Any) -> dict[str, Any]:
    return {**CLAIM, "items": [{"id": 1, **columns}]}


BAD: list[tuple[type[Fields], Any, str, str]] = [
    (Payment, {**PAYMENT, "amount": "9.28%"}, "amount", "'9.28%'"),
    (Payment, {**PAYMENT, "amount": "NaN"}, "amount", "'NaN'"),
    (Payment, {**PAYMENT, "amount": "Infinity"}, "amount", "'Infinity'"),
    (Payment, {**PAYMENT, "amount": "1e400"}, "amount", "'1e400'"),
    (Payment, {**PAYMENT, "amount": Decimal("1e400")}, "amount", "1E+400"),
    (Payment, {**PAYMENT, "amount": "1000000000000"}, "amount", "'1000000000000'"),
    (Payment, {**PAYMENT, "amount": "1,50"}, "amount", "'1,50'"),
    (Payment, {**PAYMENT, "amount": "1_000"}, "amount", "'1_000'"),
    (Payment, {**PAYMENT, "amount": "١٠"}, "amount", "'١٠'"),
    (Payment, {**PAYMENT, "amount": "ten"}, "amount", "'ten'"),
    (Payment, {**PAYMENT, "amount": True}, "amount is wrong", "yes is not an amount"),
    (Payment, {**PAYMENT, "amount": 10.5}, "amount", "10.5"),
    (Payment, {**PAYMENT, "amount": None}, "amount", "is missing"),
    (Payment, {**PAYMENT, "amount": ""}, "amount", "is missing"),
    (Payment, {**PAYMENT, "amount": ["10.00"]}, "amount", "['10.00']"),
    (Payment, {"id": 7, "status": "paid", "contract_id": 9}, "amount", "is missing"),
    (Payment, {**PAYMENT, "id": None}, "id", "is missing"),
    (Payment, {**PAYMENT, "id": "seven"}, "id", "'seven'"),
    (Payment, {**PAYMENT, "id": 7.5}, "id is wrong", "7.5"),
    (Payment, {**PAYMENT, "status": None}, "status", "is missing"),
    (Payment, {**PAYMENT, "date": "soon"}, "date", "'soon'"),
    (Payment, {**PAYMENT, "date": "2026-02-30"}, "date is not a date", "'2026-02-30'"),
    (Payment, {**PAYMENT, "date": 5}, "date", "5"),
    (Payment, {**PAYMENT, "requisition_id": "none"}, "requisition_id", "'none'"),
    (Claim, {"id": 7, "status": "approved"}, "commitment_id", "is missing"),
    (Claim, {**CLAIM, "items": "none"}, "items is not a list", "'none'"),
    (Claim, {**CLAIM, "items": ["line"]}, "items 1 is not an object with fields", "'line'"),
    (Claim, {**CLAIM, "summary": {"current_payment_due": "n/a"}}, "current_payment_due", "'n/a'"),
    (Claim, claim_with(work_completed_this_period="9.28%"), "items 1, work_completed_this_period is wrong", "'9.28%'"),
    (Claim, claim_with(wbs_code={"flat_code": "2.E"}), "items 1, wbs_code, id", "is missing"),
    (Claim, {**CLAIM, "deleted_at": "yesterday"}, "deleted_at is wrong", "'yesterday'"),
    (Vendor, {"id": 7, "name": ""}, "name", "is missing"),
    (Vendor, {"id": 7, "name": None}, "name", "is missing"),
    (Vendor, {"id": 7, "name": True}, "name is not a text", "yes"),
    (CostCode, {"id": 7, "full_code": "", "name": "Concrete"}, "full_code", "is missing"),
    (CostCode, {"id": 7, "full_code": "03-300", "name": None}, "name", "is missing"),
    (Project, {"id": 7, "name": "Harbour Street", "active": None}, "active", "is missing"),
    (Payment, None, "the row", "is missing"),
    (Payment, "row", "the row", "'row'"),
    (Payment, [], "the row", "[]"),
]


@pytest.mark.parametrize(("model", "row", "field", "value"), BAD)
def test_a_row_that_cannot_be_read_says_which_field(model: type[Fields], row: Any, field: str, value: str) -> None:
    """A bad row is a sentence that names the field and what it says; it is never an exception and never a guess."""
    found = read(model, row)
    assert isinstance(found, Unreadable)
    assert field in found.detail
    assert value in found.detail
    assert "\n" not in found.detail


@pytest.mark.parametrize(
    "row",
    [
        {**CLAIM, "items": None, "attachments": None, "summary": None, "currency_configuration": None},
        {**CLAIM, "currency_configuration": [], "items": [{"id": 1, "taxes": None, "wbs_code": None}]},
        {**CLAIM, "items": [{"id": 1, "wbs_code": ""}, {"id": 2, "wbs_code": {"id": 3, "segment_items": None}}]},
    ],
)
def test_null_for_a_list_or_an_object_is_none(row: dict[str, Any]) -> None:
    """A claim is not held because Procore writes null where others write nothing."""
    assert isinstance(read(Claim, row), Claim)


def test_null_is_none_in_the_other_records_too() -> None:
    """Cost types of a code, a company's number, lines and tax of a direct cost."""
    assert record(CostCode, {"id": 1, "full_code": "03", "name": "x", "line_item_types": None}).cost_types == ()
    nothings: list[Any] = [None, "", []]
    for nothing in nothings:
        assert a_vendor(business_register=nothing).business_register is None
    assert an_invoice(tax_breakdown=[], currency_configuration=None, line_items=None).line_items == ()
    broken_down = an_invoice(tax_breakdown={"subtotal": "10.00", "tax_details": None}).tax_breakdown
    assert broken_down is not None
    assert broken_down.tax_details == ()


@pytest.mark.parametrize(("row", "_"), [(row, field) for _, row, field, _ in BAD])
def test_no_sentence_has_a_programmers_words(row: Any, _: str) -> None:
    """What a bookkeeper reads names no type of a programming language."""
    for model in (Claim, Payment, Vendor, CostCode, Project):
        found = read(model, row)
        if isinstance(found, Unreadable):
            words = set(re.findall(r"[A-Za-z_]+", found.detail))
            assert not words & {"None", "True", "False", "tuple", "dict", "dictionary", "instance", "Input", "Decimal"}


@pytest.mark.parametrize(
    ("row", "title"),
    [
        ({**PAYMENT, "amount": "x"}, "payment 7"),
        ({**PAYMENT, "id": None}, "payment without id ({'amount': '10.00', 'contract_id': 9, 'i)"),
        ({}, "payment without id ({})"),
        ("row", "payment without id (row)"),
    ],
)
def test_an_unreadable_row_can_still_be_named(row: Any, title: str) -> None:
    """An operator finds the record by its id, or by how the row begins."""
    found = read(Payment, row)
    assert isinstance(found, Unreadable)
    assert found.title == title


@pytest.mark.parametrize(
    ("value", "expected"),
    [("12.50", "12.50"), (" 12.5 ", "12.5"), ("-3", "-3"), (12, "12"), (Decimal("12.50"), "12.50"), (".5", "0.5")],
)
def test_money_as_procore_writes_it(value: Any, expected: str) -> None:
    """Amounts come as text and as JSON numbers, and keep every digit."""
    assert a_payment(value).amount == Decimal(expected)


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_column_is_zero_and_a_blank_total_is_none(blank: str | None) -> None:
    """A blank cell of the form means nothing was claimed there; a blank total means nobody knows."""
    assert a_claim_item(materials_moved=blank).materials_moved == 0
    assert an_invoice(grand_total=blank).grand_total is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-07-15", date(2026, 7, 15)),
        ("2026-07-15T00:00:00Z", date(2026, 7, 15)),
        ("0001-01-01", None),
        ("1970-01-01", None),
        ("1970-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
    ],
)
def test_days(value: str | None, expected: date | None) -> None:
    """Days come with and without a time; two of them mean that there is none."""
    assert a_payment(date=value).date == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-07-15T10:00:00Z", datetime(2026, 7, 15, 10, tzinfo=UTC)),
        ("2026-07-15T20:00:00+10:00", datetime(2026, 7, 15, 10, tzinfo=UTC)),
        ("2026-07-15T10:00:00", datetime(2026, 7, 15, 10, tzinfo=UTC)),
        ("2026-07-15", datetime(2026, 7, 15, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("", None),
    ],
)
def test_moments(value: str, expected: datetime | None) -> None:
    """Times always compare with each other; a record "deleted in 1970" is not deleted."""
    assert a_claim(deleted_at=value).deleted_at == expected


def test_blank_text_and_ids_are_none() -> None:
    """Procore leaves "" where others write null."""
    payment = a_payment(invoice_number=" ", check_number="", requisition_id="")
    assert (payment.invoice_number, payment.check_number) == (None, None)
    assert payment.requisition_id is None
    assert a_project(project_number="  ").job_number == ""


def test_numbers_where_texts_are_meant() -> None:
    """An invoice number or a line number that comes as a JSON number is read as it is written."""
    row = exact_json.loads('{"invoice_number": 123, "items": [{"id": 1, "line_number": 1.10}]}')
    claim = a_claim(**row)
    assert (claim.invoice_number, claim.items[0].line_number) == ("123", "1.10")


def test_ids_larger_than_32_bits() -> None:
    """Vendor ids have fifteen digits."""
    assert a_vendor(id=598134325841112).procore_id == "598134325841112"


@pytest.mark.parametrize("stage", [None, {}, {"name": None}, {"name": " "}, ""])
def test_a_project_without_stage(stage: Any) -> None:
    """A project without a stage is read, so that it can be refused with a reason."""
    assert a_project(project_stage=stage).stage is None


def test_wbs_segments_in_both_shapes() -> None:
    """Lists of codes nest a segment's type, claim lines carry it beside the code."""
    nested = {"id": 1, "segment_items": [{"code": "01-222", "segment": {"type": "cost_code"}}]}
    flat = {"id": 1, "segment_items": [{"code": "01-222", "segment_type": "cost_code"}]}
    for row in (nested, flat):
        segment = record(WbsCode, row).segment("cost_code")
        assert segment is not None
        assert segment.code == "01-222"


def test_a_claim_of_the_older_form() -> None:
    """The older form calls the foot of a claim g702 and names no vendor."""
    claim = record(Claim, {**CLAIM, "g702": {"current_payment_due": "0.00"}})
    assert claim.summary.current_payment_due == 0
    assert claim.vendor_id is None
    assert not claim.items


def test_unknown_values_are_left_to_mapping() -> None:
    """A status that is new in Procore is read; mapping holds it with its own words."""
    assert a_claim(status="certified").status == "certified"
    assert an_invoice(direct_cost_type="barter").direct_cost_type == "barter"


def test_lines_without_position_keep_their_ids_order() -> None:
    """The order of lines never depends on the order in which Procore happens to list them."""
    lines = [an_invoice_line(id=3, position=None), an_invoice_line(id=1, position=None), an_invoice_line(id=2)]
    assert [line.id for line in an_invoice("30.00", lines=lines).line_items] == [1, 3, 2]


def test_titles_are_how_a_person_calls_it() -> None:
    """Holds name the record as a person would."""
    assert [one.title for one in (a_claim(), a_payment(), a_vendor("ACME"))] == [
        "claim 58820",
        "payment 1551516",
        "vendor ACME",
    ]
