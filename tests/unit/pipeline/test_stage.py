"""What a stage is: an order that is checked, and a fingerprint that changes when Xero would hold something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import CONCRETE, PROJECT, a_bill, a_line
from worker.mapping import vendors
from worker.pipeline.decide.fingerprint import fingerprint
from worker.pipeline.work import Stage, in_order
from worker.xero.documents import Bill, Line, Payment

BILL = a_bill(a_line("10.00"), a_line("-1.00", account_code="820", tracking=(PROJECT,)))
PAYMENT = Payment("bill-1", "090", date(2026, 8, 14), Decimal("10.00"), "Procore payment 7", method="check")


def first_line(**changes: Any) -> Bill:
    line: Line = replace(BILL.lines[0], **changes)
    return replace(BILL, lines=(line, *BILL.lines[1:]))


@pytest.mark.parametrize(
    ("credit", "mark"),
    [
        (False, "4f562c0c3051781f4aca7a25a5406c9b9ed898185501a7a53d76aad85e840ed4"),
        (True, "057e5e7a9f6ed9c517bac0fb61476387ccd1f70aa710e1026b96c6896fb579a5"),
    ],
)
def test_a_fingerprint_is_for_ever(credit: bool, mark: str) -> None:
    """Ledgers have these of earlier versions: were they others now, every bill would be looked at as changed."""
    lines = (
        a_line(description="x" * 4100, source="SC-001 claim 3"),
        a_line(item_code="B", item_first="A"),
        a_line(item_code="C", tax_type=None),
    )
    named = {"number": "24-017 SC-001 claim 3", "plain_number": "PC-58820", "stated_tax": Decimal("3.00")}
    assert fingerprint(a_bill(*lines, credit=credit, **named)) == mark


@pytest.mark.parametrize(
    "changed",
    [
        replace(BILL, number="INV-9"),
        replace(BILL, on=date(2026, 8, 1)),
        replace(BILL, contact_id="contact-9"),
        replace(BILL, credit=True),
        replace(BILL, stated_tax=Decimal("1.00")),
        replace(BILL, lines=BILL.lines[:1]),
        first_line(amount=Decimal("11.00")),
        first_line(account_code="999"),
        first_line(tax_type="NONE"),
        first_line(description="Another text"),
        first_line(tracking=(PROJECT,)),
        first_line(tracking=(PROJECT, replace(CONCRETE, option_id="another"))),
    ],
)
def test_a_change_of_what_xero_would_hold_changes_the_fingerprint(changed: Bill) -> None:
    """A record that would go otherwise is never taken for unchanged."""
    assert fingerprint(changed) != fingerprint(BILL)


def test_another_stated_tax_is_a_change() -> None:
    """The bill has Procore's figure, and follows it by a cent."""
    one, other = (replace(BILL, stated_tax=Decimal(tax)) for tax in ("1.00", "1.01"))
    assert fingerprint(one) != fingerprint(other)


def test_a_renamed_option_is_no_change() -> None:
    """An option keeps its id when a person renames it; no bill is sent anew for that."""
    assert fingerprint(first_line(tracking=(PROJECT, replace(CONCRETE, option="Renamed")))) == fingerprint(BILL)


def test_a_payments_bank_account_is_no_change_but_its_method_is() -> None:
    """Another account in the mapping file is for payments to come; what was made stays where it is."""
    assert fingerprint(replace(PAYMENT, account_code="091")) == fingerprint(PAYMENT)
    for changed in (
        replace(PAYMENT, method="electronic"),
        replace(PAYMENT, amount=Decimal("11.00")),
        replace(PAYMENT, on=date(2026, 8, 15)),
        replace(PAYMENT, bill_id="bill-2"),
        replace(PAYMENT, reference="Procore payment 8"),
    ):
        assert fingerprint(changed) != fingerprint(PAYMENT)


def a_stage(name: str, *needs: str) -> Stage:
    return Stage(name=name, needs=needs, read=lambda _: iter(()), to_document=vendors.to_document)


def test_stages_stand_after_what_they_need() -> None:
    """A wrong order fails at import, and the message names the stage and what is missing."""
    project, claims, payments = a_stage("projects"), a_stage("claims", "projects"), a_stage("payments", "claims")
    assert in_order(project, claims, payments) == (project, claims, payments)
    assert in_order(claims, given=("projects",)) == (claims,)
    with pytest.raises(ValueError, match=r"^Stage payments stands before what it needs: claims\.$"):
        in_order(project, payments, claims)
    with pytest.raises(ValueError, match=r"^Stage last stands before what it needs: a, b\.$"):
        in_order(a_stage("last", "a", "b"))
