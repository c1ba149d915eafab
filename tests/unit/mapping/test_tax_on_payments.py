"""Payments before tax: together they pay their bill to the cent, however it is split, sent and changed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import a_payment, known, rules
from worker.mapping.payments import to_document
from worker.mapping.tax_on_payments import Figures, Part, evidence, to_make
from worker.pipeline.decide.fingerprint import fingerprint

CENT = Decimal("0.01")
cents = st.integers(1, 50_000).map(lambda number: Decimal(number) / 100)


def figures(net: str, total: str) -> Figures:
    return Figures(Decimal(net), Decimal(total))


@st.composite
def splits(draw: st.DrawFn) -> tuple[Figures, list[Decimal]]:
    """A bill with some tax, and payments that come to it before tax."""
    parts = draw(st.lists(cents, min_size=1, max_size=12))
    net = sum(parts, Decimal(0))
    return Figures(net, net + draw(st.integers(0, int(net * 30))) * CENT), parts


@given(splits(), st.data())
def test_whatever_the_split_the_last_one_leaves_nothing(
    split: tuple[Figures, list[Decimal]], data: st.DataObject
) -> None:
    """In any order and any number of jobs: never a cent over what is due, and 0.00 in the end."""
    bill, parts = split
    rest, made = data.draw(st.permutations(parts)), list[Part]()
    while rest:
        count = data.draw(st.integers(1, len(rest)))
        now, rest = rest[:count], rest[count:]
        for stated, amount in zip(now, to_make(bill, [*made, *map(Part, now)]), strict=True):
            made.append(Part(stated, amount))
            assert amount > 0
            assert paid(made) <= bill.total
    assert paid(made) == bill.total


@given(splits(), st.data())
def test_deleted_and_entered_anew_they_close_the_bill_all_the_same(
    split: tuple[Figures, list[Decimal]], data: st.DataObject
) -> None:
    """Some of those that stand are deleted and come again in another split: what stays has its cents."""
    bill, parts = split
    amounts = to_make(bill, list(map(Part, parts)))
    gone = data.draw(st.sets(st.sampled_from(range(len(parts))), min_size=1))
    standing = [Part(parts[n], amounts[n]) for n in range(len(parts)) if n not in gone]
    anew = sum((parts[n] for n in gone), Decimal(0))
    first = data.draw(st.integers(0, int(anew * 100) - 1)) * CENT
    coming = [stated for stated in (anew - first, first) if stated]
    assert paid(standing) + sum(to_make(bill, [*standing, *map(Part, coming)]), Decimal(0)) == bill.total


@pytest.mark.parametrize(
    ("bill", "parts", "amounts"),
    [
        (("1000.00", "1100.00"), ["1000.00"], ["1100.00"]),
        (("1000.00", "1100.00"), ["333.33", "333.33", "333.34"], ["366.66", "366.67", "366.67"]),
        (("1000.00", "1000.00"), ["333.33", "666.67"], ["333.33", "666.67"]),
        (("950.00", "1050.00"), ["475.00", "475.00"], ["525.00", "525.00"]),
        (("0.10", "0.11"), ["0.05", "0.05"], ["0.06", "0.05"]),
    ],
)
def test_what_payments_come_to(bill: tuple[str, str], parts: Sequence[str], amounts: Sequence[str]) -> None:
    """Sums are rounded, not payments; without tax nothing comes on top."""
    made = to_make(figures(*bill), [Part(Decimal(one)) for one in parts])
    assert [str(amount) for amount in made] == list(amounts)


@pytest.mark.parametrize(("by_hand", "rest"), [("550.01", "549.99"), ("549.99", "550.01"), ("500.00", "550.00")])
def test_a_cent_is_made_up_for_and_more_is_not(by_hand: str, rest: str) -> None:
    """A person's own rounding leaves nothing open; half a bill that was paid without its tax stays to be seen."""
    parts = [Part(Decimal(500), Decimal(by_hand)), Part(Decimal(500))]
    assert to_make(figures("1000.00", "1100.00"), parts) == [Decimal(rest)]


@pytest.mark.parametrize(
    ("bill", "payments", "says"),
    [
        (("1000.00", "1100.00"), ["400.00", "600.00"], "before_tax"),
        (("1000.00", "1100.00"), ["1100.00"], "with_tax"),
        (("1000.00", "1100.00"), ["1050.00"], None),
        (("1000.00", "1100.00"), [], None),
        (("1000.00", "1000.00"), ["1000.00"], None),
    ],
)
def test_what_a_claim_says_about_the_company(bill: tuple[str, str], payments: Sequence[str], says: str | None) -> None:
    """Only one with tax that is paid in full by one of its figures."""
    assert evidence(figures(*bill), map(Decimal, payments)) == says


def test_the_setting_is_for_payments_to_come() -> None:
    """Those that were made stay: with either value a payment is the same record, and another amount is another one."""
    before, after = (known(rules=rules(payments={"amounts": how})) for how in ("with_tax", "before_tax"))
    same = {fingerprint(to_document(a_payment("10.00"), one)) for one in (before, after)}
    assert len(same) == 1
    assert fingerprint(to_document(a_payment("10.01"), after)) not in same


def paid(parts: Sequence[Part]) -> Decimal:
    return sum((part.made for part in parts if part.made is not None), Decimal(0))
