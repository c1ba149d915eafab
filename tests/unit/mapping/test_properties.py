"""What holds for any record: mapped to the cent or held, and no money in a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.factories import a_claim, a_claim_item, an_invoice, an_invoice_line, known
from worker.errors import Skippable
from worker.http import exact_json
from worker.mapping import claims, invoices
from worker.xero.documents import Bill

COLUMNS = (
    "work_completed_this_period",
    "materials_presently_stored",
    "materials_presently_stored_from_previous_progress",
    "materials_moved",
    "work_completed_retainage_retained_this_period",
    "work_completed_retainage_released_this_period",
    "materials_stored_retainage_new_materials",
    "materials_stored_retainage_released_this_period",
)
MINUS = COLUMNS[2], COLUMNS[4], COLUMNS[6]

cents = st.decimals(min_value=-100_000, max_value=100_000, places=2)
odd = st.one_of(cents, st.just(Decimal(0)), st.decimals(min_value=-10, max_value=10, places=4))
ordinary_row, odd_row = (st.fixed_dictionaries(dict.fromkeys(COLUMNS, kind.map(str))) for kind in (cents, odd))
tables = st.one_of(st.lists(ordinary_row, max_size=6), st.lists(odd_row, max_size=6))


def total(columns: list[dict[str, str]]) -> Decimal:
    """What the form's own foot would say is due."""
    signed = [-Decimal(row[name]) if name in MINUS else Decimal(row[name]) for row in columns for name in COLUMNS]
    return sum(signed, Decimal(0))


def is_without_floats(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(is_without_floats, value.values()))
    if isinstance(value, list):
        return all(map(is_without_floats, value))
    return not isinstance(value, float)


def in_xero(bill: Bill) -> Decimal:
    """The total before tax that the document has in Xero: from its bytes, as a supplier's debt."""
    body = exact_json.loads(exact_json.dumps(bill.body()))
    rounded = [(line["Quantity"] * line["UnitAmount"]).quantize(Decimal("0.01")) for line in body["LineItems"]]
    sign = -1 if body["Type"] == "ACCPAYCREDIT" else 1
    return sign * sum(rounded, Decimal(0))


@settings(max_examples=150, deadline=None)
@given(tables, st.sampled_from([Decimal(0), Decimal(0), Decimal("0.01"), Decimal("-5")]))
def test_any_claim_is_to_the_cent_or_held(columns: list[dict[str, str]], off: Decimal) -> None:
    """Whatever stands in the columns, Xero gets what Procore says is due, in amount and sign, or gets nothing."""
    due = total(columns) + off
    items = [a_claim_item("0", **{**row, "id": number}) for number, row in enumerate(columns)]
    try:
        bill = claims.to_document(a_claim(str(due), items=items), known())
    except Skippable as held:
        event(held.code.name)
        return
    event("mapped")
    assert in_xero(bill) == due
    assert is_without_floats(bill.body())


lines = st.tuples(cents, st.one_of(st.none(), cents), st.decimals(-50, 50, places=3), st.decimals(-50, 50, places=3))


@settings(max_examples=150, deadline=None)
@given(st.lists(lines, max_size=6), st.booleans(), st.booleans())
def test_any_invoice_is_to_the_cent_or_held(
    columns: list[tuple[Decimal, Decimal | None, Decimal, Decimal]], is_extended: bool, is_off: bool
) -> None:
    """Whatever the quantities and columns, Xero gets the header's amount, in amount and sign, or gets nothing."""
    wanted = [extended if is_extended and extended is not None else amount for amount, extended, _, _ in columns]
    header = sum(wanted, Decimal("0.01") if is_off else Decimal(0))
    rows = [
        an_invoice_line(str(amount), id=n, extended_amount=extended, quantity=str(quantity), unit_cost=str(unit))
        for n, (amount, extended, quantity, unit) in enumerate(columns)
    ]
    try:
        bill = invoices.to_document(an_invoice(str(header), lines=rows), known())
    except Skippable as held:
        event(held.code.name)
        return
    event("mapped")
    assert in_xero(bill) == header
    assert is_without_floats(bill.body())


@given(st.integers(4, 400), st.integers(1, 9999))
def test_an_exact_quantity_is_the_amount(quantity: int, price: int) -> None:
    """Quantity and price in quarters and cents, when sent, multiply to the amount with nothing left over."""
    number, unit = Decimal(quantity) / 4, Decimal(price) / 100
    amount = (number * unit).quantize(Decimal("0.01"))
    line = an_invoice_line(str(amount), quantity=str(number), unit_cost=str(unit))
    sent = invoices.to_document(an_invoice(str(amount), lines=[line]), known()).lines[0].body()
    assert sent["Quantity"] * sent["UnitAmount"] == amount
    assert (sent["Quantity"] == number) or (number * unit != amount)
