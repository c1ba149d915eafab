"""What holds for any record: mapped to the cent or held, and no money in a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.factories import a_claim, a_claim_item, an_invoice, an_invoice_line, known, rules
from worker.errors import Skippable
from worker.holds import HoldCode
from worker.http import exact_json
from worker.mapping import claims, invoices
from worker.mapping.references import Known
from worker.procore.records import Claim
from worker.xero.chart import Chart
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


RATES = {"INPUT": Decimal(10), "EXEMPTEXPENSES": Decimal(0), "BASEXCLUDED": Decimal(0)}
CODES = {"GST@10%": "INPUT", "Free": "EXEMPTEXPENSES"}
ACCOUNTS = [{"Code": code, "Type": "EXPENSE", "Status": "ACTIVE"} for code in ("300", "310", "320", "820")]
CHART = Chart.of({}, ACCOUNTS, [{"TaxType": t, "Status": "ACTIVE", "EffectiveRate": r} for t, r in RATES.items()])


def foot(columns: list[dict[str, str]], codes: list[str], on_release: bool) -> tuple[Decimal, Decimal]:
    """What a claim's foot says: due before tax, and the tax of its lines, less and plus that of retention."""
    taxes = [cents_of(work(row) * RATES[CODES[code]] / 100) for row, code in zip(columns, codes, strict=True)]
    withheld = sum((Decimal(row[name]) for row in columns for name in (COLUMNS[4], COLUMNS[6])), Decimal(0))
    released = sum((Decimal(row[name]) for row in columns for name in (COLUMNS[5], COLUMNS[7])), Decimal(0))
    if on_release:
        taxes += [cents_of(-withheld / 10), cents_of(released / 10)]
    return total(columns), sum(taxes, Decimal(0))


def work(row: dict[str, str]) -> Decimal:
    return sum((-Decimal(row[name]) if name in MINUS else Decimal(row[name]) for name in COLUMNS[:4]), Decimal(0))


def cents_of(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def judged(claim: Claim, knowing: Known) -> tuple[Bill | None, Decimal, Skippable | None]:
    """The claim's bill and the tax that Xero will compute on it, or why it is held."""
    try:
        bill = claims.to_document(claim, knowing)
        return bill, CHART.check(bill) or Decimal(0), None
    except Skippable as held:
        return None, Decimal(0), held


FIGURE = re.compile(r"[0-9]+\.?[0-9]*")
few = st.one_of(st.just(Decimal(0)), st.sampled_from([Decimal("0.01"), Decimal("-0.02"), Decimal(7)]))


@settings(max_examples=200, deadline=None)
@given(st.data(), st.lists(ordinary_row, min_size=1, max_size=5), st.booleans(), st.booleans(), few, few)
def test_a_bill_with_its_tax_is_what_procore_says_is_due(
    data: st.DataObject, columns: list[dict[str, str]], on_release: bool, is_gross: bool, off: Decimal, tax_off: Decimal
) -> None:
    """Lines less what is withheld, plus what is released, plus tax, is the bill and is Procore's figure, or it is held.

    A claim that is held for its figures names both of them, and none is held whose figures agree.
    """
    codes = data.draw(st.lists(st.sampled_from(sorted(CODES)), min_size=len(columns), max_size=len(columns)))
    lines, right_tax = foot(columns, codes, on_release)
    tax = right_tax + tax_off
    due = lines + off + (tax if is_gross else 0)
    items = [
        a_claim_item("0", **{**row, "id": n, "taxes": [{"tax_code_id": 1, "tax_code_name": code}]})
        for n, (row, code) in enumerate(zip(columns, codes, strict=True))
    ]
    retention = {"account": "820", "tax": "on_release" if on_release else "on_invoice", "tax_type": "INPUT"}
    knowing = known(rules=rules(retention=retention))
    claim = a_claim(str(due), items=items, tax=str(tax))
    bill, xero_tax, held = judged(claim, knowing)
    if held is not None:
        event(held.code.name)
        if held.code is HoldCode.TOTALS_DIFFER:
            assert lines not in (due, due - tax)
            assert f"add up to {lines}, but Procore says {due}." in held.sentence
        elif held.code is HoldCode.TAX_DIFFERS:
            assert tax_off
            assert {abs(tax), abs(right_tax)} == {Decimal(figure) for figure in FIGURE.findall(held.sentence)}
        else:
            assert held.code is HoldCode.NOTHING_DUE
            assert {due, tax} == {Decimal(0)}
        return
    assert bill is not None
    event("mapped")
    sign = -1 if bill.credit else 1
    assert lines in (due, due - tax)
    assert in_xero(bill) + sign * xero_tax == lines + tax


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
