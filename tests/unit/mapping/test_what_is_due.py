"""Whether what a claim states as due has its tax in it, and whether its retention rolls forward."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import a_claim, a_claim_item
from worker.mapping import retention
from worker.mapping.claims import net
from worker.mapping.what_is_due import Reading, before_tax, evidence, fits
from worker.procore.records import Claim

RETAINED = "work_completed_retainage_retained_this_period"


def a_taxed_claim(work: str, due: str, tax: str, retained: str = "0.00", total: str | None = None) -> Claim:
    foot = {"current_payment_due": due, "tax_applicable_to_this_payment": tax, "total_retainage": total}
    return a_claim(items=[a_claim_item(work, **{RETAINED: retained})], summary=foot)


@pytest.mark.parametrize(
    ("claim", "rolls_forward", "shown"),
    [
        (a_taxed_claim("1000.00", "900.00", "90.00", "100.00", "100.00"), True, "without_tax"),
        (a_taxed_claim("1000.00", "990.00", "90.00", "100.00", "100.00"), True, "with_tax"),
        (a_taxed_claim("1000.00", "1000.00", "100.00", total="0.00"), True, "without_tax"),
        (a_taxed_claim("1000.00", "900.00", "90.00", "100.00"), False, "without_tax"),  # its columns are there
        (a_taxed_claim("1000.00", "1000.00", "100.00"), False, None),  # 100 may be withheld, and its column missing
        (a_taxed_claim("1000.00", "1000.00", "0.00", total="0.00"), True, None),  # both fit
        (a_taxed_claim("1000.00", "950.00", "100.00", total="0.00"), True, None),  # neither does
        (a_taxed_claim("-1000.00", "-1100.00", "-100.00", total="0.00"), True, "with_tax"),
    ],
)
def test_what_a_claim_shows(claim: Claim, *, rolls_forward: bool, shown: Reading | None) -> None:
    """One reading, only where its tax tells the two apart and its retention is known to be all there."""
    assert evidence(claim, rolls_forward=rolls_forward) == shown


def test_missing_retention_columns_read_well_without_tax() -> None:
    """10 % of retention and 10 % of tax: 1,000.00 are due with tax, and the lines come to as much."""
    claim = a_taxed_claim("1000.00", "1000.00", "100.00", total="100.00")
    assert fits(claim, "without_tax")
    assert (fits(claim, "with_tax"), before_tax(claim, "with_tax")) == (False, Decimal("900.00"))
    assert not retention.forward(claim, Decimal(0)).adds_up  # type: ignore[union-attr]


MONEY = st.decimals("0.01", "99999.99", places=2)


@given(MONEY, MONEY, MONEY, st.sampled_from(["with_tax", "without_tax"]))
def test_what_is_stated_in_one_way_is_read_in_it_alone(
    work: Decimal, retained: Decimal, tax: Decimal, said: Reading
) -> None:
    """Whatever the amounts, the claim shows how it was stated and fits nothing else."""
    due = work - retained + (tax if said == "with_tax" else 0)
    claim = a_taxed_claim(str(work), str(due), str(tax), str(retained), str(retained))
    assert evidence(claim, rolls_forward=True) == said
    assert before_tax(claim, said) == net(claim) == work - retained


@pytest.mark.parametrize(
    ("before", "columns", "adds_up"),
    [
        ("50.00", {}, True),
        ("0.00", {}, False),
        (None, {"work_completed_retainage_from_previous_application": "50.00"}, True),
        (None, {"materials_stored_retainage_currently_retained": "50.00"}, True),
        (None, {}, False),
    ],
)
def test_retention_rolls_forward(before: str | None, columns: dict[str, str], *, adds_up: bool) -> None:
    """From the foot of the claim before, or by its own lines where that is not known."""
    item = a_claim_item(
        "1000.00", **{RETAINED: "100.00"}, work_completed_retainage_released_this_period="30.00", **columns
    )
    claim = a_claim("930.00", items=[item], summary={"current_payment_due": "930.00", "total_retainage": "120.00"})
    found = retention.forward(claim, None if before is None else Decimal(before))
    assert found is not None
    assert (found.withheld, found.released, found.stated) == (Decimal(100), Decimal(30), Decimal(120))
    assert found.adds_up is adds_up


def test_a_foot_without_a_total_is_not_rolled() -> None:
    """Nothing is said that could be checked."""
    assert retention.forward(a_claim(), Decimal(0)) is None


@given(
    st.lists(st.tuples(MONEY, MONEY), min_size=1, max_size=12), st.integers(0, 11), st.decimals("0.01", "9", places=2)
)
def test_a_chain_adds_up_until_one_figure_is_wrong(
    moves: list[tuple[Decimal, Decimal]], at: int, wrong: Decimal
) -> None:
    """Each claim by the one before it; a figure that is wrong is found in its claim, and in the next one."""
    totals, total = [], Decimal(0)
    for withheld, released in moves:
        total += withheld - released
        totals.append(total)
    totals[at % len(moves)] += wrong
    amiss = []
    for number, (withheld, released) in enumerate(moves):
        item = a_claim_item(
            "1.00", **{RETAINED: str(withheld)}, work_completed_retainage_released_this_period=str(released)
        )
        claim = a_claim(items=[item], summary={"total_retainage": str(totals[number])})
        found = retention.forward(claim, totals[number - 1] if number else Decimal(0))
        if found is not None and not found.adds_up:
            amiss.append(number)
    expected = [at % len(moves), at % len(moves) + 1]
    assert amiss == [number for number in expected if number < len(moves)]
