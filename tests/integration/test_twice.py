"""One invoice that Procore has twice, both new: they are named, or the later one waits for a person."""

from __future__ import annotations

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import a_claim, a_seed, an_invoice
from tests.integration.world import MAPPING, World
from worker.holds import Outcome


def entered(a_world: MakeWorld, mapping: str = MAPPING, amount: str = "50.00") -> World:
    claims = [a_claim(11, "50.00", invoice_number="A1"), a_claim(12, "50.00", invoice_number="a1")]
    world = a_world(a_seed(claims=claims, invoices=[an_invoice(41, amount, invoice_number="A1")]))
    world.mapping_file.write_text(mapping)
    world.whole_pass()
    return world


def test_by_default_they_go_and_are_named(a_world: MakeWorld) -> None:
    """Two claims, and a direct cost; the first of them is in the sentence, and it stays said."""
    world = entered(a_world)
    for _ in range(2):
        assert (len(world.documents("invoices")), world.holds()) == (3, {})
        assert world.holds(Outcome.IGNORED) == {"claim 12": "sent_twice", "invoice 41": "sent_twice"}
        assert world.sentences(Outcome.IGNORED)["invoice 41"] == (
            "It went with the supplier, number and amount of claim 11 of 24-017, A1 for 50.00 AUD before tax: it may "
            "be one invoice that Procore has twice."
        )
        world.whole_pass()


def test_another_amount_is_another_invoice(a_world: MakeWorld) -> None:
    world = entered(a_world, amount="60.00")
    assert world.holds(Outcome.IGNORED) == {"claim 12": "sent_twice"}


def test_with_hold_the_later_ones_wait(a_world: MakeWorld) -> None:
    """And in later passes, too, since the first one stands in Xero."""
    world = entered(a_world, f'{MAPPING}\n[documents]\nsame_number = "hold"\n')
    for _ in range(2):
        assert len(world.documents("invoices")) == 1
        held = world.holds()
        assert (held["claim 12"], held["invoice 41"]) == ("number_twice", "number_twice")
        world.whole_pass()
