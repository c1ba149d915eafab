"""Cost by cost code on both sides, and what makes them differ; the bars that are drawn of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from worker.audit.books import Books
from worker.audit.codings import Coding
from worker.audit.procore_side import Due, ProcoreSide, Supplier
from worker.audit.xero_side import Contact, Posted, XeroSide
from worker.month_end.chart import WIDTH, charts
from worker.month_end.cost import UNCODED, Cost, Matched, ProjectCost, Sides, Tracked, of_project
from worker.month_end.period import Period

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
HUNDRED, ZERO = Decimal("100.00"), Decimal(0)
CLAIM = Due(
    *("claims", "11", ("INV-1",), "1", (Decimal("95.00"),)),
    on=date(2026, 10, 5),
    lines={Coding("320", "INPUT", "24-017", "03-300"): HUNDRED, Coding("830", "INPUT", "24-017"): Decimal("-5.00")},
)
BILL = Posted(
    *("b1", "INV-1", "c1", "AUTHORISED", Decimal("95.00"), Decimal("9.50")),
    currency="AUD",
    on=date(2026, 10, 5),
    lines={
        Coding("320", "INPUT", "24-017 Tower", "03-300 Concrete"): HUNDRED,
        Coding("830", "INPUT", "24-017 Tower"): Decimal("-5.00"),
    },
)
PROCORE = ProcoreSide(310, "24-017", [Supplier("1", "Steel")], [CLAIM], retention_accounts=["830"])
XERO = XeroSide(
    ["24-017 Tower"], [Contact("c1", "Steel")], [BILL], currency="AUD", rates=lambda: {"INPUT": Decimal(10)}
)


def project(
    procore: ProcoreSide = PROCORE, xero: XeroSide = XERO, matched: Matched | None = None, period: Period = OCTOBER
) -> ProjectCost:
    books = Books(xero)
    if matched is None:
        matched = {one.id: (one, CLAIM) for one in xero.documents if one.id == "b1" and one.is_live}
    return of_project(procore, books, Tracked(books), matched, period, "", "Tower")


def only(found: ProjectCost) -> Cost:
    (one,) = found.costs
    return one


def with_bill(**fields: object) -> XeroSide:
    return replace(XERO, documents=[replace(BILL, **fields)])  # type: ignore[arg-type]


def test_what_is_held_back_is_part_of_the_cost() -> None:
    """And the option's name is taken for the code that it stands for."""
    one = only(project())
    assert (one.cost_code, one.month, one.to_date, one.reasons) == ("03-300", Sides(HUNDRED, HUNDRED), one.month, [])


def test_a_credit_counts_against_it() -> None:
    credit = replace(CLAIM, readings=(Decimal("-95.00"),))
    note = replace(BILL, credit=True)
    found = project(replace(PROCORE, due=[credit]), replace(XERO, documents=[note]), {"b1": (note, credit)})
    assert only(found).to_date == Sides(-HUNDRED, -HUNDRED)


@pytest.mark.parametrize(
    ("xero", "month", "reason"),
    [
        (
            with_bill(status="VOIDED"),
            Sides(HUNDRED, ZERO),
            "Claim INV-1 of Steel: 100.00 AUD in Procore, not in Xero under this cost code.",
        ),
        (
            with_bill(on=date(2026, 9, 30)),
            Sides(HUNDRED, ZERO),
            "Claim INV-1 of Steel is dated 2026-10-05 in Procore and 2026-09-30 in Xero.",
        ),
        (
            with_bill(on=date(2026, 11, 1)),
            Sides(HUNDRED, ZERO),
            "Claim INV-1 of Steel is dated 2026-10-05 in Procore and 2026-11-01 in Xero.",
        ),
        (
            with_bill(lines={Coding("320", "INPUT", "24-017 Tower", "03-300 Concrete"): Decimal("90.00")}),
            Sides(HUNDRED, Decimal("90.00")),
            "Claim INV-1 of Steel: 100.00 AUD in Procore, 90.00 AUD in Xero.",
        ),
        (
            with_bill(lines={Coding("320", "INPUT", "", "03-300 Concrete"): HUNDRED}),
            Sides(HUNDRED, ZERO),
            "Claim INV-1 of Steel: 100.00 AUD in Procore, not in Xero under this cost code.",
        ),
    ],
)
def test_what_differs_is_named(xero: XeroSide, month: Sides, reason: str) -> None:
    """With both figures or both dates."""
    one = only(project(xero=xero))
    assert (one.month, one.reasons) == (month, [reason])


def test_what_is_dated_after_the_day_does_not_count() -> None:
    """Neither in the month nor to date, and no chart has it."""
    later = date(2026, 11, 1)
    found = project(replace(PROCORE, due=[replace(CLAIM, on=later)]), with_bill(on=later))
    assert (found.costs, found.bars) == ([], [])


def test_drafts_count_and_are_named() -> None:
    one = only(project(xero=with_bill(status="DRAFT")))
    assert (one.to_date, one.unapproved) == (Sides(HUNDRED, HUNDRED), HUNDRED)


def test_an_option_that_a_person_renamed_is_the_one_of_its_documents() -> None:
    xero = replace(
        with_bill(lines={Coding("320", "INPUT", "Old tower", "03-300"): HUNDRED}), project_options=["Old tower"]
    )
    assert only(project(xero=xero)).to_date == Sides(HUNDRED, HUNDRED)


def test_what_no_rule_codes_is_a_cost_of_procore_with_the_reason() -> None:
    uncoded = replace(CLAIM, lines={}, uncoded="No rule.")
    one = only(project(replace(PROCORE, due=[uncoded]), replace(XERO, documents=[])))
    assert (one.cost_code, one.to_date.procore) == (UNCODED, Decimal("95.00"))
    assert one.reasons == ["Claim INV-1 of Steel: 95.00 AUD in Procore. No rule."]


def test_amounts_with_tax_are_taken_before_it() -> None:
    gross = replace(CLAIM, lines={Coding("320", "INPUT", "24-017", "03-300"): Decimal("110.00")}, gross=True)
    assert only(project(replace(PROCORE, due=[gross]))).to_date == Sides(HUNDRED, HUNDRED)


def test_what_is_from_before_the_start_counts_where_it_is_in_the_books() -> None:
    opening = replace(PROCORE, due=[replace(CLAIM, is_opening=True)])
    assert project(opening, replace(XERO, documents=[])).costs == []
    assert only(project(opening)).to_date == Sides(HUNDRED, HUNDRED)


def test_currencies_have_rows_of_their_own() -> None:
    found = project(xero=with_bill(currency="USD"))
    assert [(one.currency, one.to_date) for one in found.costs] == [
        ("AUD", Sides(HUNDRED, ZERO)),
        ("USD", Sides(ZERO, HUNDRED)),
    ]
    assert set(found.totals) == {"AUD", "USD"}


def test_a_chart_has_both_sides_of_each_month() -> None:
    """From the first month that has a cost to the one that is shown; a credit's bars hang below zero."""
    credit = replace(CLAIM, id="12", readings=(-HUNDRED,), on=date(2026, 8, 5))
    (chart,) = charts([project(replace(PROCORE, due=[CLAIM, credit]))], OCTOBER.as_of)
    assert [(one.month.month, one.side, one.amount) for one in chart.rects] == [
        *((8, "procore", -HUNDRED), (8, "xero", ZERO), (9, "procore", ZERO), (9, "xero", ZERO)),
        *((10, "procore", HUNDRED), (10, "xero", HUNDRED)),
    ]
    assert chart.differs
    assert all(0 <= one.x <= one.x + one.width <= WIDTH for one in chart.rects)
    assert (chart.rects[0].y, chart.rects[-1].y) == (chart.zero_y, 0)
