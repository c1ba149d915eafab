"""The small building company that the state machine plays with: two projects that share vendors and cost codes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.integration.mortal import Beginning, MortalWorld, fresh
from tests.integration.seeds import a_claim, a_contract, a_cost_code, a_payment, a_project, a_seed, a_vendor, an_invoice
from tests.integration.world import MAPPING
from worker.sandbox.switches import SeveralOptions

#: Project id to its job number, and to its one contract.
NUMBERS = {310: "24-017", 311: "24-018"}
CONTRACTS = {310: 501, 311: 502}
CODES = {"03-300": "Concrete", "05-100": "Steel"}
#: Records that may be entered, with their project.
CLAIMS = {11: 310, 12: 310, 21: 311}
PAYMENTS = {71: 310, 72: 310, 81: 311}
INVOICES = {91: 310, 92: 311}
WHERE = {"requisitions": CLAIMS, "contract_payments": PAYMENTS, "direct_costs": INVOICES}


#: Days on which direct costs may be paid: after the lock date, and before the machine's clock begins.
PAID_ON = ("2025-07-02", "2025-07-03")


@dataclass(frozen=True)
class Settings:
    """What the firm's mapping file says, where there is a choice."""

    status: str = "AUTHORISED"
    #: What becomes of documents of deleted records.
    deleted: str = "hold"
    credits: str = "leave"
    #: How Procore's payments are entered.
    amounts: str = "with_tax"
    #: Whether direct costs that are paid in Procore are paid in Xero, too.
    paid: str = "bill"

    @property
    def mapping(self) -> str:
        documents = f'[documents]\nstatus = "{self.status}"\ndeleted_in_procore = "{self.deleted}"\n'
        claims = f'[claims]\ncredit_notes = "{self.credits}"\n'
        paid = f'[payments]\namounts = "{self.amounts}"\n\n[invoices]\npaid = "{self.paid}"\n'
        return f"{MAPPING}\n{documents}\n{claims}\n{paid}"


@cache
def beginning(settings: Settings, synced: bool, several: SeveralOptions = "nothing") -> Beginning:
    """Two projects that share vendors and cost codes, each with a claim, a payment and an invoice; sent, or not yet.
    `several`: what Xero does with more than one new option in a request."""
    codes = [a_cost_code(code, name) for code, name in CODES.items()]
    other: dict[str, list[Any]] = {
        "project_vendors": [1, 2],
        "cost_codes": [dict(code) for code in codes],
        "work_order_contracts": [a_contract(502)],
        "requisitions": [a_claim(21, "33.33", commitment_id=502, vendor_id=2)],
        "contract_payments": [],
        "direct_costs": [],
    }
    seed = a_seed(
        projects=[a_project(id, number) for id, number in NUMBERS.items()],
        vendors=[a_vendor(1), a_vendor(2)],
        cost_codes=codes,
        claims=[a_claim(11)],
        payments=[a_payment(71, 11, "10.00")],
        invoices=[an_invoice(91, payment_date=PAID_ON[0])],
        more={311: other},
    )
    seed["xero"]["switches"] = {**seed["xero"].get("switches", {}), "several_options": several}
    unsent = fresh(seed, settings.mapping)
    if not synced:
        return unsent
    world = MortalWorld(unsent)
    world.pass_begins()
    for number in NUMBERS.values():
        world.deliver(number)
    sent = world.as_beginning()
    world.close()
    return sent
