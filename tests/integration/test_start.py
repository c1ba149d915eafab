"""A company starts on running projects: nothing dated before the day it gives is carried, and nothing is taken out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tasks.audit import audit_books
from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.paid import standing
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed, a_vendor, an_invoice, an_item
from tests.integration.test_audit import RETAINED, a_retaining_claim
from tests.integration.test_present import VENDOR, a_bill_by_hand
from tests.integration.world import MAPPING, World
from worker.holds import Outcome

START = f"{MAPPING}\n[documents]\nnot_before = 2026-07-01\n"
BEFORE = "2026-06-30"


def started(a_world: MakeWorld, mapping: str = START, **seed: Any) -> World:
    world = a_world(a_seed(**seed))
    world.mapping_file.write_text(mapping)
    world.whole_pass()
    return world


def numbers(world: World) -> list[str]:
    return sorted(row["InvoiceNumber"] for row in world.documents("invoices"))


def test_what_is_dated_before_is_left_out_with_that_reason(a_world: MakeWorld) -> None:
    """Claims, what was paid on them whenever, and invoices; the day itself is carried."""
    world = started(
        a_world,
        claims=[a_claim(11, billing_date=BEFORE), a_claim(12, billing_date="2026-07-01")],
        payments=[a_payment(71, 11, "20.00"), a_payment(72, 12, "10.00")],
        invoices=[an_invoice(91, direct_cost_date=BEFORE), an_invoice(92)],
    )
    assert (numbers(world), standing(world), world.holds()) == (["DC-92", "INV-12"], ["10.00"], {})
    assert world.holds(Outcome.IGNORED) == {
        "claim 11": "before_start",
        "invoice 91": "before_start",
        "payment 71": "claim_before_start",
    }
    assert world.sentences(Outcome.IGNORED)["claim 11"] == (
        "It is dated 2026-06-30, and nothing from before 2026-07-01 is carried."
    )
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []


def test_what_is_left_out_holds_nothing_and_makes_no_contact(a_world: MakeWorld) -> None:
    """An old claim with a fault, of a supplier that nothing else names, costs nobody a look."""
    faulty = a_claim(11, billing_date=BEFORE, vendor_id=9, items=[an_item("1.00")])
    world = started(a_world, vendors=[a_vendor(), a_vendor(9)], directory=[1], claims=[faulty, a_claim(12)])
    assert (numbers(world), world.holds()) == (["INV-12"], {})
    assert [row["Name"] for row in world.documents("contacts")] == ["Supplier 1"]


def test_a_payment_that_names_its_claim_by_number_alone(a_world: MakeWorld) -> None:
    world = started(
        a_world,
        claims=[a_claim(11, billing_date=BEFORE), a_claim(12)],
        payments=[a_payment(71, None, "20.00", invoice_number="INV-11")],
    )
    assert (standing(world), world.holds()) == ([], {})
    assert world.holds(Outcome.IGNORED)["payment 71"] == "claim_before_start"


def test_a_payment_from_before_on_a_claim_that_goes_is_a_persons_to_judge(a_world: MakeWorld) -> None:
    """Left out without a word, the bill would be paid again."""
    world = started(a_world, claims=[a_claim(12)], payments=[a_payment(71, 12, "20.00", date=BEFORE)])
    assert (standing(world), world.holds()) == ([], {"payment 71": "paid_before_start"})


def test_a_later_payment_on_a_claim_that_was_left_out_in_an_earlier_pass(a_world: MakeWorld) -> None:
    world = started(a_world, claims=[a_claim(11, billing_date=BEFORE)])
    world.enter("contract_payments", a_payment(71, 11, "20.00", date="2026-09-01"))
    world.whole_pass()
    assert (standing(world), world.holds()) == ([], {})
    assert world.holds(Outcome.IGNORED)["payment 71"] == "claim_before_start"


def test_a_day_that_is_given_later_takes_nothing_out(a_world: MakeWorld) -> None:
    """What stands in Xero stays, and follows Procore as before."""
    world = started(
        a_world,
        f'{MAPPING}\n[documents]\ndeleted_in_procore = "void"\n',
        claims=[a_claim(11, billing_date=BEFORE)],
        payments=[a_payment(71, 11, "20.00")],
    )
    world.mapping_file.write_text(f'{START}deleted_in_procore = "void"\n')
    since = world.last()
    world.whole_pass()
    assert (world.writes(since), world.holds(), world.holds(Outcome.IGNORED)) == ([], {}, {})
    assert (numbers(world), standing(world)) == (["INV-11"], ["20.00"])


def test_a_claim_whose_date_moves_behind_the_start_goes(a_world: MakeWorld) -> None:
    """And so does what was paid on it."""
    world = started(a_world, claims=[a_claim(11, billing_date=BEFORE)], payments=[a_payment(71, 11, "20.00")])
    world.procore_edit("requisitions", 11, PROJECT_ID, billing_date="2026-07-02")
    world.clock.advance(86_400)
    world.whole_pass()
    assert (numbers(world), standing(world), world.holds()) == (["INV-11"], ["20.00"], {})


@pytest.mark.parametrize("text", ['"2026-07-01"', '"July"', "7"])
def test_the_day_is_written_as_a_day(a_world: MakeWorld, text: str) -> None:
    """A text that is a day is one; anything else is said before anything is sent."""
    from worker.errors import ConfigError

    world = a_world(a_seed(claims=[a_claim(11)]))
    world.mapping_file.write_text(START.replace("2026-07-01", text))
    if "2026" in text:
        assert str(world.parts.rules().documents.not_before) == "2026-07-01"
    else:
        with pytest.raises(ConfigError, match="not_before"):
            world.parts.rules()


def a_commitment() -> dict[str, Any]:
    """A claim from before that withheld 5.00, what was paid on it, and one of August that withholds 5.00 more."""
    before, since = a_retaining_claim(11) | {"billing_date": BEFORE}, a_retaining_claim(12)
    since |= {"summary": RETAINED | {"total_retainage": "10.00"}, "previous_requisition_id": 11}
    return a_seed(claims=[before, since], payments=[a_payment(71, 11, "95.00"), a_payment(72, 12, "10.00")])


def test_the_plan_shows_the_opening_balance(a_world: MakeWorld) -> None:
    """Before the first sync and after it."""
    world = a_world(a_commitment())
    world.mapping_file.write_text(MAPPING.replace("[retention]", "[documents]\nnot_before = 2026-07-01\n[retention]"))
    for _ in range(2):
        (found,) = plan(world.parts, JOB_NUMBER)
        assert found.opening == (
            "Opening balance, from before 2026-07-01: 1 claim and 0 invoices of 95.00 AUD, on which 95.00 AUD was paid "
            "(1 payment); retention held 5.00 AUD."
        )
        world.whole_pass()


def test_the_audit_agrees_beside_the_opening_balance(a_world: MakeWorld) -> None:
    """Claims, payments and retention from before the start are no differences; what goes is compared as ever."""
    world = a_world(a_commitment())
    world.mapping_file.write_text(MAPPING.replace("[retention]", "[documents]\nnot_before = 2026-07-01\n[retention]"))
    world.whole_pass()
    audited = audit_books(world.parts)
    assert [one.sentence for one in audited.differences] == []
    assert audited.results[0].agreed["retention", "AUD"] == (1, Decimal("5.00"))
    assert audited.results[0].totals["payments", "AUD"] == (Decimal("10.00"), Decimal("10.00"))


def test_the_plan_proposes_a_day_from_what_stands_in_xero(a_world: MakeWorld) -> None:
    """The day after the newest claim that a person entered; without such a claim it proposes none."""
    claims = [a_claim(11, billing_date="2026-06-30"), a_claim(12), a_claim(13, billing_date="2026-05-31")]
    world = a_world(a_seed(claims=claims, contacts=[VENDOR]))
    assert plan(world.parts, JOB_NUMBER)[0].opening == ""
    a_bill_by_hand(world, "INV-11")
    said = plan(world.parts, JOB_NUMBER)[0].opening
    assert "not_before = 2026-07-01 under [documents]" in said
    assert "1 claim or invoice of these may be in Xero already, the newest of 2026-06-30" in said
    assert "1 other record dated before it" in said
