"""Whether a claim's totals follow from the claim before it and from the company's other claims: a row for each rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_claim, a_claim_item
from worker.holds import HoldCode
from worker.mapping.what_is_due import Reading
from worker.pipeline.check import claim_totals
from worker.pipeline.check.claim_totals import Shown
from worker.pipeline.values import Reason
from worker.procore.records import Claim

WITHHELD = "work_completed_retainage_retained_this_period"
WITHOUT, WITH = "1000.00", "1100.00"
BOTH: Shown = {"with_tax": ["24-017 claim 1"], "without_tax": ["24-018 claim 2"]}


def a_retained(total: str | None, withheld: str = "100.00", **fields: Any) -> Claim:
    """Claim 2 after claim 1, on which as much is withheld; its foot says that `total` is held back by now."""
    foot = {"current_payment_due": "900.00", "total_retainage": total}
    lines = [a_claim_item("1000.00", **{WITHHELD: withheld})]
    return a_claim(items=lines, summary=foot, previous_requisition_id=1, **fields)


@pytest.mark.parametrize(
    ("total", "before", "says"),
    [
        ("150.00", "50.00", None),
        ("100.00", "50.00", "50.00 held back before it (claim 1), 100.00 withheld"),
        ("100.00", None, None),
        ("150.00", None, "by its own lines: Procore does not say it of claim 1"),
        (None, "50.00", None),
    ],
)
def test_retention_rolls_forward(total: str | None, before: str | None, says: str | None) -> None:
    """From what the claim before says, else from its own lines; of a claim without a foot nothing is known."""
    found = claim_totals.rolls_forward(a_retained(total), {1: Decimal(before) if before else None})
    if says is None:
        assert found is None
    else:
        assert found is not None
        assert found.code is HoldCode.RETENTION_DIFFERS
        assert says in found.sentence


def a_taxed(due: str) -> Claim:
    return a_claim(
        items=[a_claim_item(WITHOUT)],
        summary={"current_payment_due": due, "tax_applicable_to_this_payment": "100.00"},
    )


@pytest.mark.parametrize(
    ("due", "meant", "shown", "by_file", "code", "says"),
    [
        (WITHOUT, "without_tax", {}, True, None, ""),
        (WITH, "with_tax", {}, True, None, ""),
        (WITH, "without_tax", {}, True, HoldCode.TOTALS_DIFFER, "as [claims] in the mapping file says"),
        (WITHOUT, "with_tax", BOTH, False, HoldCode.TOTALS_DIFFER, "as the company's claims show"),
        (WITHOUT, None, {}, False, HoldCode.DUE_UNCLEAR, "nothing shows yet"),
        (WITHOUT, None, BOTH, False, HoldCode.DUE_UNCLEAR, "24-017 claim 1 shows that it is with its tax in it"),
    ],
)
def test_what_is_due_is_meant_in_one_way(
    due: str, meant: Reading | None, shown: Shown, by_file: bool, code: HoldCode | None, says: str
) -> None:
    """As the mapping file says, or the company's claims show; and no claim goes before anybody knows."""
    found: Reason | None = claim_totals.is_meant(a_taxed(due), meant, shown, by_file=by_file)
    assert (found.code if found else None) is code
    assert says in (found.sentence if found else "")


def test_claims_that_contradict_each_other_show_nothing() -> None:
    """One reading alone is the company's."""
    assert claim_totals.reading({"with_tax": ["24-017 claim 1"]}) == "with_tax"
    assert claim_totals.reading({}) is None
    assert claim_totals.reading(BOTH) is None
