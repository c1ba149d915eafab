"""What was paid to contractors, for the taxable payments annual report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from worker.audit.books import Books
from worker.audit.xero_side import Address, Contact, Paid, Posted, XeroSide
from worker.month_end.contractors import Contractor, contractors, why_not
from worker.month_end.period import period

NOW = datetime(2027, 12, 1, tzinfo=UTC)
BILL = Posted("b1", "INV-1", "c1", "AUTHORISED", Decimal("100.00"), Decimal("10.01"), currency="AUD")
STEEL = Contact("c1", "Steel", tax_number="ABN 51824753556", address=Address("1 Dock Road", "Geelong", "VIC", "3220"))
SIDE = XeroSide(contacts=[STEEL], documents=[BILL], country="AU", currency="AUD")


def paid(amount: str, on: str, bill: str = "b1") -> Paid:
    return Paid(f"p{on}{amount}", bill, "", Decimal(amount), on=date.fromisoformat(on))


def found(side: XeroSide, month: tuple[int, int] = (2026, 10), ours: tuple[str, ...] = ("b1",)) -> list[Contractor]:
    return contractors(Books(side), period(date(*month, 1), NOW, UTC), "", ours, {})


def test_the_year_is_julys_and_the_day_that_of_payment() -> None:
    payments = [paid("1.00", "2026-06-30"), paid("2.00", "2026-07-01"), paid("4.00", "2026-10-31")]
    (one,) = found(replace(SIDE, payments=[*payments, paid("8.00", "2026-11-01")]))
    assert (one.year.gross, one.month.gross) == (Decimal("6.00"), Decimal("4.00"))
    assert (one.abn, one.missing) == ("51824753556", ())


@given(cents=st.lists(st.integers(1, 4000), max_size=12), gaps=st.lists(st.integers(0, 60), min_size=13, max_size=13))
def test_months_add_up_to_their_year_and_a_bill_to_its_gst(cents: list[int], gaps: list[int]) -> None:
    """In however many payments: no cent is lost or made."""
    total = Decimal("110.01")
    amounts = [Decimal(one) / 100 for one in cents if sum(cents) < 11001]
    amounts.append(total - sum(amounts, Decimal(0)))
    on, payments = date(2026, 7, 1), []
    for number, (amount, gap) in enumerate(zip(amounts, gaps, strict=False)):
        on = min(on + timedelta(days=gap), date(2027, 6, 30))
        payments.append(Paid(f"p{number}", "b1", "", amount, on=on))
    side = replace(SIDE, payments=payments)
    months = [(2026, number) for number in range(7, 13)] + [(2027, number) for number in range(1, 7)]
    rows = [row for month in months for row in found(side, month)]
    assert sum((row.month.gst for row in rows), Decimal(0)) == BILL.tax
    (year,) = found(side, (2027, 6))
    assert (year.year.gross, year.year.gst) == (total, BILL.tax)


def test_what_is_missing_is_named() -> None:
    bare = replace(STEEL, tax_number="", address=Address())
    (one,) = found(replace(SIDE, contacts=[bare], payments=[paid("4.00", "2026-10-31")]))
    assert "no valid ABN" in one.missing[0]
    assert "no address" in one.missing[1]


def test_procores_number_stands_in() -> None:
    bare = replace(SIDE, contacts=[replace(STEEL, tax_number="")], payments=[paid("4.00", "2026-10-31")])
    month = period(date(2026, 10, 1), NOW, UTC)
    (one,) = contractors(Books(bare), month, "", {"b1"}, {"c1": "ABN 51824753556"})
    assert (one.abn, one.missing) == ("51824753556", ())


def test_all_that_it_was_paid_counts_and_others_do_not() -> None:
    """The report is of the supplier; who has no bill from Procore is none of ours."""
    typed, others = replace(BILL, id="b2"), replace(BILL, id="b3", contact_id="c9")
    side = replace(SIDE, contacts=[STEEL, Contact("c9", "Power")], documents=[BILL, typed, others])
    payments = [paid("4.00", "2026-10-31"), paid("5.00", "2026-10-30", "b2"), paid("6.00", "2026-10-29", "b3")]
    (one,) = found(replace(side, payments=payments))
    assert (one.name, one.year.gross, one.by_hand) == ("Steel", Decimal("9.00"), Decimal("5.00"))


def test_another_currency_is_named_and_not_added() -> None:
    side = replace(SIDE, documents=[replace(BILL, currency="USD")], payments=[paid("4.00", "2026-10-31")])
    (one,) = found(side)
    assert (one.year.gross, one.missing) == (Decimal(0), ("4.00 USD paid to it is not in these amounts.",))


def test_elsewhere_there_is_no_such_report() -> None:
    """Which is said with the country."""
    side = replace(SIDE, country="NZ", name="Kauri Build", payments=[paid("4.00", "2026-10-31")])
    assert found(side) == []
    assert why_not(Books(side)) == "Kauri Build is in NZ: the taxable payments annual report is Australia's."
    assert why_not(Books(SIDE)) == ""
