"""What a person took out of Xero is sent once more, on purpose only."""

from __future__ import annotations

import re

import pytest

from tasks.resending import NothingToResend, let_go
from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY, paid, standing
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker.errors import OutcomeUnknown
from worker.holds import Outcome


def resend(world: World, kind: str, procore_id: str) -> None:
    let_go(world.parts, JOB_NUMBER, kind, procore_id)


@pytest.mark.parametrize("changed", [False, True])
def test_a_voided_bill_is_sent_once_more_on_purpose(a_world: MakeWorld, changed: bool) -> None:
    """Held or not noticed yet: it waits until the next job, which makes one new bill; the old one stays voided."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    if changed:
        world.procore_edit("requisitions", 11, PROJECT_ID, billing_date="2026-07-30")
        world.run(JOB_NUMBER)
        assert world.holds() == {"claim 11": "gone_in_xero"}
    resend(world, "claims", "11")
    assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {"claim 11": "resend_asked"})
    for _ in range(2):
        world.run(JOB_NUMBER)
        assert sorted(row["Status"] for row in world.documents("invoices")) == ["AUTHORISED", "VOIDED"]
        assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {})


def test_a_deleted_payment_is_sent_once_more_on_purpose(a_world: MakeWorld) -> None:
    """Its contract is read again for it, though no total moved."""
    world = paid(a_world)
    world.xero_edit("Payments", world.documents("payments")[0]["PaymentID"], Status="DELETED")
    resend(world, "payments", "71")
    world.whole_pass()
    assert standing(world) == ["10.00"]
    assert world.holds(Outcome.WAITING) == {}


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
def test_sent_once_more_under_an_unknown_outcome(a_world: MakeWorld, kind: str) -> None:
    """The voided bill is not taken for the new one, and the new one is made once."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    resend(world, "claims", "11")
    world.fault(kind, "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(500)
    world.run_through(JOB_NUMBER)
    assert sorted(row["Status"] for row in world.documents("invoices")) == ["AUTHORISED", "VOIDED"]


@pytest.mark.parametrize(
    ("kind", "procore_id", "words"),
    [("claims", "11", "still in Xero (AUTHORISED)"), ("payments", "71", "still in Xero"), ("claims", "12", "sent no")],
)
def test_what_stands_or_never_went_is_not_sent_once_more(
    a_world: MakeWorld, kind: str, procore_id: str, words: str
) -> None:
    """Whoever asks: there is never a second document."""
    world = paid(a_world)
    with pytest.raises(NothingToResend, match=re.escape(words)):
        resend(world, kind, procore_id)
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.writes(since) == []
