"""A tool that is off in a project, or closed to this app, holds itself and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.audit import audit_books
from tests.examples import each_value
from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY, standing
from tests.integration.seeds import (
    CODE,
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contract,
    a_payment,
    a_seed,
    an_invoice,
    an_item,
)
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.errors import NotPermitted

VOID = f'{MAPPING}\n[documents]\ndeleted_in_procore = "void"\n'
FILE = [{"id": 1, "filename": "claim.pdf", "content_type": "application/pdf", "text": "%PDF-1.4 x"}]
SCOPES = "accounting.invoices accounting.payments accounting.contacts accounting.settings accounting.attachments"
CLOSED = pytest.mark.parametrize("answer", [403, 404])
#: Each list of one project, the tool that is held when it is closed, and the bills that go all the same.
LISTS = {
    "project_vendors": ("tool Directory", ["DC-91", "INV-11"], ["10.00"]),
    "cost_codes": ("tool Admin", ["DC-91", "INV-11"], ["10.00"]),
    "work_order_contracts": ("tool Commitments", ["DC-91", "INV-11"], []),
    "purchase_order_contracts": ("tool Commitments", ["DC-91", "INV-11"], ["10.00"]),
    "requisitions": ("tool Commitments", ["DC-91"], []),
    "contract_payments": ("tool Commitments", ["DC-91", "INV-11"], []),
    "direct_costs": ("tool Direct Costs", ["INV-11"], ["10.00"]),
}


def a_job(a_world: MakeWorld, mapping: str = MAPPING, **settings: Any) -> World:
    """A claim with a file and a payment, and a direct invoice, none of them sent yet."""
    world = a_world(everything(), **settings)
    world.mapping_file.write_text(mapping)
    return world


def a_synced_job(a_world: MakeWorld, mapping: str = MAPPING) -> World:
    """The same, all of them sent."""
    return a_synced_world(a_world, everything(), mapping)


def everything() -> dict[str, Any]:
    claims, payments = [a_claim(11, attachments=FILE)], [a_payment(71, 11, "10.00")]
    return a_seed(claims=claims, payments=payments, invoices=[an_invoice(91)])


def close(world: World, answer: int | str, *lists: str) -> None:
    world.procore_switch(tools_off={PROJECT_ID: dict.fromkeys(lists, answer)})


def bills(world: World) -> list[str]:
    return sorted(row["InvoiceNumber"] for row in world.documents("invoices") if row["Status"] == "AUTHORISED")


# --- one hold, and everything else goes ------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "answer"), each_value(LISTS, [403, 404]))
def test_one_closed_list_is_one_hold(a_world: MakeWorld, name: str, answer: int) -> None:
    """Whichever list is closed: one line names the tool, and what does not depend on the list is in Xero."""
    # the codes that lines name are there already
    world = a_synced_job(a_world) if name == "cost_codes" else a_job(a_world)
    close(world, answer, name)
    for state in ("failed", "held"):  # the second time it is known
        world.whole_pass()
        tool, numbers, amounts = LISTS[name]
        tools = {title: code for title, code in world.holds().items() if title.startswith("tool ")}
        assert tools == {tool: "tool_closed"}
        assert (bills(world), standing(world)) == (numbers, amounts)
        assert world.job(JOB_NUMBER).state == state


def test_the_line_names_tool_project_answer_and_what_does_not_arrive(a_world: MakeWorld) -> None:
    """A bookkeeper reads what is missing, an administrator which right to give."""
    world = a_job(a_world)
    close(world, 403, "direct_costs")
    report = world.whole_pass()[JOB_NUMBER]
    assert report.line == "24-017: 1 of 6 records held: tool Direct Costs tool_closed"
    assert world.sentences() == {
        "tool Direct Costs": "Procore does not show its tool Direct Costs to this app in project 24-017 (403: You do "
        "not have permission to view this page). So these do not arrive, and stay in Xero as they are: invoices."
    }


def test_a_closed_tool_is_one_hold_for_all_its_lists(a_world: MakeWorld) -> None:
    """Commitments has claims, contracts and payments."""
    world = a_job(a_world)
    close(world, 403, "requisitions", "work_order_contracts", "purchase_order_contracts")
    world.whole_pass()
    assert world.holds() == {"tool Commitments": "tool_closed"}
    assert world.sentences()["tool Commitments"].endswith(
        "stay in Xero as they are: subcontracts, as far as payments and terms go; purchase_orders, as far as payments "
        "and terms go; claims."
    )


def test_an_address_that_is_gone_says_so(a_world: MakeWorld) -> None:
    """410 is no right that somebody could give."""
    world = a_job(a_world)
    world.procore_fault("status", "direct_costs", status=410, times=9)
    world.whole_pass()
    assert world.holds() == {"tool Direct Costs": "address_gone"}


def test_attachments_go_beside_a_closed_tool(a_world: MakeWorld) -> None:
    """Files are last in a job, and nobody's tool keeps another's from its bill."""
    world = a_job(a_world, MAPPING + "\n[attachments]\nclaims = true\n", xero_scopes=SCOPES)
    close(world, 403, "direct_costs")
    world.whole_pass()
    assert [file["FileName"] for file in world.bill("INV-11")["Attachments"]] == ["claim-1.pdf"]


def test_a_project_that_is_closed_as_a_whole_fails(a_world: MakeWorld) -> None:
    """Where nothing of it is shown it is no tool that is off: one sentence, and no hold for each list."""
    world = a_job(a_world)
    close(world, 403, *LISTS)
    with pytest.raises(NotPermitted, match="Permit the project"):
        world.whole_pass()
    assert world.holds() == {}


# --- what was sent stays ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "answer"), each_value(LISTS, [403, 404, "empty"]))
def test_what_cannot_be_seen_now_stays_in_xero(a_world: MakeWorld, name: str, answer: int | str) -> None:
    """A day later, with everything compared and deleted records voided: nothing is taken out, nothing is written, and
    when the list is there again nothing is made twice."""
    world = a_synced_job(a_world, VOID)
    since = world.last()
    close(world, answer, name)
    for _ in range(2):
        world.clock.advance(DAY)
        world.whole_pass()
    assert [title for title in world.holds() if answer != "empty" and not title.startswith("tool ")] == []
    close(world, answer)
    world.clock.advance(DAY)
    world.whole_pass()
    assert (world.holds(), world.writes(since)) == ({}, [])


def test_what_came_while_a_list_was_closed_goes_when_it_opens(a_world: MakeWorld) -> None:
    """The list is read on from where it was read last, not from where it was refused."""
    world = a_synced_job(a_world)
    close(world, 403, "requisitions", "contract_payments")
    world.enter("requisitions", a_claim(12, "30.00"))
    world.enter("contract_payments", a_payment(72, 12, "5.00"))
    for _ in range(3):
        world.clock.advance(DAY)
        world.whole_pass()
    close(world, 403)
    world.clock.advance(7200)
    world.whole_pass()
    assert (world.holds(), bills(world), standing(world)) == ({}, ["DC-91", "INV-11", "INV-12"], ["10.00", "5.00"])


def test_payments_of_one_contract_do_not_stop_those_of_others(a_world: MakeWorld) -> None:
    """A contract between two readings gone, or closed to us: the next one's payments go."""
    claims = [a_claim(11), a_claim(12, commitment_id=502)]
    payments = [a_payment(71, 11, "10.00"), a_payment(72, 12, "20.00", contract_id=502)]
    world = a_world(a_seed(contracts=[a_contract(501), a_contract(502)], claims=claims, payments=payments))
    world.procore_fault("status", "contract_payments", status=404, times=1)
    world.whole_pass()
    assert (standing(world), world.holds()) == (["20.00"], {"tool Commitments": "tool_closed"})
    world.whole_pass()
    assert (standing(world), world.holds()) == (["10.00", "20.00"], {})


def test_payments_that_were_refused_are_asked_for_in_the_next_job(a_world: MakeWorld) -> None:
    """Also where the contract's total did not move, and only the day's comparison asked."""
    world = a_synced_job(a_world)
    world.procore_fault("status", "contract_payments", status=403, times=1)
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.holds() == {"tool Commitments": "tool_closed"}
    before = len(world.procore_calls("contract_payments"))
    world.whole_pass()
    assert (world.holds(), len(world.procore_calls("contract_payments"))) == ({}, before + 1)


# --- what others need of a closed list -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "claim", "what"),
    [
        ({PROJECT_ID: {"cost_codes": 403}}, a_claim(11), f"cost code {CODE}"),
        ({PROJECT_ID: {"project_vendors": 403}, "-": {"vendors": 403}}, a_claim(11), "vendor 1 (Supplier 1)"),
        (
            {PROJECT_ID: {"wbs_codes": 403}},
            a_claim(11, items=[an_item("100.00", wbs_code={"id": 44, "flat_code": "x", "segment_items": []})]),
            "the cost code of line 1 by its number alone",
        ),
    ],
)
def test_a_record_that_names_what_cannot_be_seen_says_so(
    a_world: MakeWorld, off: dict[Any, Any], claim: dict[str, Any], what: str
) -> None:
    """Nobody is told to correct a line that is right."""
    world = a_world(a_seed(claims=[claim]))
    world.procore_switch(tools_off=off)
    world.whole_pass()
    assert world.holds()["claim 11"] == "reference_unseen"
    assert world.sentences()["claim 11"].startswith(f"It names {what}, and Procore does not show")
    world.procore_switch(tools_off={})
    world.whole_pass()
    assert "reference_unseen" not in world.holds().values()


# --- leaving a kind out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lists", "kinds"),
    [
        (["direct_costs"], ["invoices"]),
        (["purchase_order_contracts"], ["purchase_orders"]),
        (["work_order_contracts"], ["subcontracts"]),
        (["contract_payments"], ["payments"]),
        (["requisitions"], ["claims"]),
        (["project_vendors"], ["vendors"]),
    ],
)
def test_a_kind_that_is_left_out_is_not_asked_for(a_world: MakeWorld, lists: list[str], kinds: list[str]) -> None:
    """The job is green then, whatever of that kind was held before; what stands in Xero stays."""
    world = a_synced_job(a_world)
    world.enter("direct_costs", an_invoice(92, vendor_id=None))
    world.whole_pass()
    standing_before, bills_before = standing(world), bills(world)
    close(world, 403, *lists)
    world.clock.advance(DAY)
    world.whole_pass()
    assert any(title.startswith("tool ") for title in world.holds())
    address = {"project_vendors": f"projects/{PROJECT_ID}/vendors"}.get(lists[0], lists[0])
    since, calls = world.last(), len(world.procore_calls(address))
    world.mapping_file.write_text(f"{VOID}\n[records]\nleave_out = {kinds}\n")
    for _ in range(2):
        world.clock.advance(DAY)
        world.whole_pass()
    left = {} if kinds == ["invoices"] else {"invoice 92": "vendor_missing"}
    assert world.holds() == left
    assert (standing(world), bills(world), world.writes(since)) == (standing_before, bills_before, [])
    assert len(world.procore_calls(address)) == calls


def test_a_payment_of_what_is_left_out_is_held_no_more(a_world: MakeWorld) -> None:
    """It was too large; of subcontracts nobody wants to hear any more."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "999.00")]))
    world.whole_pass()
    assert world.holds() == {"payment 71": "payment_too_large"}
    world.mapping_file.write_text(f'{MAPPING}\n[records]\nleave_out = ["subcontracts"]\n')
    world.whole_pass()
    assert world.holds() == {}


def test_a_project_of_its_own_leaves_a_kind_out(a_world: MakeWorld) -> None:
    """Direct Costs is off in one project, and not in the others."""
    world = a_job(a_world, f'{MAPPING}\n[projects."{JOB_NUMBER}".records]\nleave_out = ["invoices"]\n')
    close(world, 403, "direct_costs")
    world.whole_pass()
    assert (world.holds(), bills(world)) == ({}, ["INV-11"])


def test_without_claims_no_payment_is_held_for_its_claim(a_world: MakeWorld) -> None:
    """A payment is nothing without its claim."""
    world = a_job(a_world, f'{MAPPING}\n[records]\nleave_out = ["claims"]\n')
    world.whole_pass()
    assert (world.holds(), bills(world)) == ({}, ["DC-91"])


# --- what else reads -------------------------------------------------------------------------------------------------


def test_the_audit_names_a_closed_tool_and_compares_the_rest(a_world: MakeWorld) -> None:
    """It does not take what it cannot see for missing in Procore."""
    world = a_synced_job(a_world)
    close(world, 403, "direct_costs", "work_order_contracts")
    found = audit_books(world.parts)
    assert [one.title for one in found.differences] == ["tool Commitments", "tool Direct Costs"]
    assert found.differences[1].sentence == (
        "Procore does not show it (403: You do not have permission to view this page), so nothing of it is compared."
    )
    world.mapping_file.write_text(f'{MAPPING}\n[records]\nleave_out = ["invoices", "subcontracts"]\n')
    assert audit_books(world.parts).differences == []


def test_a_direct_cost_that_is_closed_alone_is_held_alone(a_world: MakeWorld) -> None:
    """Its own address answers 403: its neighbours go."""
    world = a_world(a_seed(invoices=[an_invoice(91), an_invoice(92, line_items=[])]))
    world.procore_fault("status", "direct_costs/92", status=403, times=99)
    world.whole_pass()
    assert (bills(world), list(world.holds())) == (["DC-91"], ["invoice 92"])


def test_a_closed_tool_is_asked_for_once_a_job(a_world: MakeWorld) -> None:
    """The contracts are looked at by three stages, and refused once."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12, vendor_id=None)]))
    world.whole_pass()
    assert list(world.holds()) == ["claim 12"]
    before = len(world.procore_calls("requisitions"))
    contracts = len(world.procore_calls("work_order_contracts"))
    close(world, 403, "work_order_contracts", "requisitions")
    world.whole_pass()
    assert len(world.procore_calls("work_order_contracts")) == contracts + 1
    assert len(world.procore_calls("requisitions")) == before + 1
    assert list(world.holds()) == ["tool Commitments", "claim 12"]
