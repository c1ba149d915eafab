"""The people of the state machine: what they enter and delete in Procore, and the bills they approve in Xero."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.integration.firm import (
    CLAIMS,
    CODES,
    CONTRACTS,
    INVOICES,
    NUMBERS,
    PAID_ON,
    PAYMENTS,
    WHERE,
    Settings,
    beginning,
)
from tests.integration.mortal import MortalWorld
from tests.integration.scene import Hands, Key, Row, Scene, id_of
from tests.integration.seeds import a_claim, a_cost_code, a_payment, an_invoice, an_item
from worker.sandbox.switches import SeveralOptions

BILLS = [*(("claims", str(id)) for id in CLAIMS), *(("invoices", str(id)) for id in INVOICES)]


class People(RuleBasedStateMachine):
    """A firm at work, and how its world begins."""

    #: What happened, over all examples of this process.
    seen: ClassVar[Counter[str]] = Counter()
    #: Whether Xero holds what a run without faults would have made.
    is_untouched = True

    def __init__(self) -> None:
        super().__init__()
        self.hands = Hands()
        self.world: MortalWorld
        self.settings = Settings()
        self.has_twin = False
        #: Records entered just before a job.
        self.entered = 0

    # --- how it begins -----------------------------------------------------------------------------------------

    @initialize(
        settings=st.builds(
            Settings,
            status=st.sampled_from(("AUTHORISED", "AUTHORISED", "SUBMITTED")),
            deleted=st.sampled_from(("hold", "void")),
            credits=st.sampled_from(("leave", "allocate")),
            amounts=st.sampled_from(("with_tax", "before_tax")),
            paid=st.sampled_from(("bill", "pay")),
        ),
        synced=st.sampled_from((True, True, False)),
        twin=st.sampled_from((False, False, False, True)),
        one_machine=st.booleans(),
        lists=st.sampled_from((0, 2)),
        several=st.sampled_from(("nothing", "all", "whole", "first")),
    )
    def begin(
        self, settings: Settings, synced: bool, twin: bool, one_machine: bool, lists: int, several: SeveralOptions
    ) -> None:
        """`twin`: the books are compared with those of a run without faults, too. `lists`: read every so many hours.
        `several`: what Xero does with more than one new option in a request."""
        self.settings = settings
        self.world = MortalWorld(beginning(settings, synced, several), lists)
        self.world.on_one_machine = one_machine
        self.has_twin = twin and self.is_untouched

    def scene(self) -> Scene:
        return Scene(self.world, self.hands, self.settings)

    # --- people in Procore -------------------------------------------------------------------------------------

    @rule(
        id=st.sampled_from(sorted(CLAIMS)),
        amount=st.sampled_from(("100.00", "33.33", "120.00", "-20.00")),
        status=st.sampled_from(("approved", "approved", "approved", "revise_and_resubmit")),
        vendor=st.sampled_from((1, 2)),
        code=st.sampled_from(sorted(CODES)),
    )
    def claim(self, id: int, amount: str, status: str, vendor: int, code: str) -> None:
        fields = {"status": status, "vendor_id": vendor, "commitment_id": CONTRACTS[CLAIMS[id]]}
        row = a_claim(id, amount, items=[an_item(amount, code=code)], **fields)
        self._enter("requisitions", row)

    @rule(
        id=st.sampled_from(sorted(PAYMENTS)),
        amount=st.sampled_from(("10.00", "15.00", "60.00", "100.00", "500.00")),
        status=st.sampled_from(("paid", "paid", "failed")),
        second=st.booleans(),
    )
    def payment(self, id: int, amount: str, status: str, second: bool) -> None:
        project_id = PAYMENTS[id]
        claims = [claim for claim, own in CLAIMS.items() if own == project_id]
        claim_id = claims[-1] if second else claims[0]
        claim = self.scene().records.get(("claims", str(claim_id)))
        is_negative = claim is not None and claim[1]["summary"]["current_payment_due"].startswith("-")
        fields = {"status": status, "contract_id": CONTRACTS[project_id]}
        self._enter("contract_payments", a_payment(id, claim_id, f"-{amount}" if is_negative else amount, **fields))

    @rule(
        id=st.sampled_from(sorted(INVOICES)),
        amount=st.sampled_from(("50.00", "55.00", "-5.00")),
        status=st.sampled_from(("approved", "approved", "pending")),
        paid_on=st.sampled_from((None, *PAID_ON)),
    )
    def invoice(self, id: int, amount: str, status: str, paid_on: str | None) -> None:
        self._enter("direct_costs", an_invoice(id, amount, status=status, payment_date=paid_on))

    @rule(what=st.sampled_from((1, 2, *sorted(CODES))), name=st.sampled_from(("Concrete", "Steel", "Timber")))
    def rename(self, what: int | str, name: str) -> None:
        """A vendor, or a cost code in both projects, is called otherwise."""
        if isinstance(what, int):
            self.world.procore_edit("vendors", what, name=f"{name} {what}")
            return
        for project_id in NUMBERS:
            self.world.enter("cost_codes", a_cost_code(what, name), project_id)

    @rule(
        what=st.sampled_from([(name, id) for name, ids in WHERE.items() for id in sorted(ids)]),
    )
    def delete(self, what: tuple[str, int]) -> None:
        name, id = what
        rows = self.world.sandbox.dump()["procore"][name].get(str(WHERE[name][id]), [])
        if any(row["id"] == id and not row.get("deleted_at") for row in rows):
            self.world.procore_delete(name, id, WHERE[name][id])

    def _enter(self, collection: str, row: dict[str, Any], project_id: int = 0) -> None:
        self.world.enter(collection, {**row, "deleted_at": None}, project_id or WHERE[collection][row["id"]])

    def _enter_one(self, project_id: int, what: str) -> None:
        """A record that was not there before, or an old one with an amount that it never had."""
        self.entered += 1
        n = self.entered
        claim_id = next(id for id, own in CLAIMS.items() if own == project_id)
        payment_id = next(id for id, own in PAYMENTS.items() if own == project_id)
        contract: dict[str, Any] = {"contract_id": CONTRACTS[project_id]}
        commitment: dict[str, Any] = {"commitment_id": CONTRACTS[project_id]}
        if what in ("bill", "credit note", "credit"):
            amount = f"{n if what == 'bill' else -n}.00"
            self._enter("requisitions", a_claim(1000 + n, amount, **commitment), project_id)
        elif what == "changed claim":
            self._enter("requisitions", a_claim(claim_id, f"{200 + n}.00", **commitment))
        elif what in ("invoice", "paid invoice"):
            paid_on = PAID_ON[0] if what == "paid invoice" else None
            self._enter("direct_costs", an_invoice(2000 + n, f"{n}.00", payment_date=paid_on), project_id)
        elif what == "payment":
            self._enter("contract_payments", a_payment(3000 + n, claim_id, "1.00", **contract), project_id)
        elif what == "changed payment":
            self._enter("contract_payments", a_payment(payment_id, claim_id, f"{1 + n}.00", **contract))
        elif what == "vendor":
            self.world.procore_edit("vendors", 100 + n, name=f"Newcomer {100 + n}")
            self.world.procore_edit("project_vendors", 100 + n, project_id)
        elif what == "cost code":
            for sheet in (1, 2, 3):
                self.world.enter("cost_codes", a_cost_code(f"07-{100 + n}{sheet}", "Glass"), project_id)

    @rule(key=st.sampled_from(BILLS))
    def approve(self, key: Key) -> None:
        """A person approves a bill in Xero, as is to be done with each."""
        document = self.scene().live(key)
        if document is not None and document["Status"] == "SUBMITTED":
            self._edit(document, Status="AUTHORISED")

    def _edit(self, document: Row, **fields: Any) -> None:
        """A person changes this bill, credit note or payment in Xero."""
        collection = next(
            name
            for name, key in (("Payments", "PaymentID"), ("Invoices", "InvoiceID"), ("CreditNotes", "CreditNoteID"))
            if document.get(key)
        )
        self.world.clock.advance(1)
        self.world.xero_edit(collection, id_of(document), **fields)
