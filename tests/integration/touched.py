"""The same random faults while persons work in Xero too: what they did stays, and is spoken of."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.integration.firm import CLAIMS, INVOICES, PAYMENTS
from tests.integration.machine import PROJECT, THEN, Troubled
from tests.integration.people import BILLS
from tests.integration.scene import Key, Row, id_of, is_paid

BY_HAND = ("take out", "date", "lines", "pay", "call otherwise")
PAID = [*(("payments", str(id)) for id in PAYMENTS), *(("invoice_payments", str(id)) for id in INVOICES)]


class Touched(Troubled):
    """Persons void, delete, edit, pay and reconcile."""

    is_untouched = False

    @rule(
        key=st.sampled_from(BILLS),
        what=st.sampled_from(BY_HAND),
    )
    def by_hand(self, key: Key, what: str) -> None:
        """A person does this to the bill of a record, or to its contact, if it is there and Xero allows it."""
        document = self.scene().live(key)
        if document is not None:
            self.seen[f"by hand: {what}"] += 1
            done: dict[str, Callable[[Row], None]] = {
                "take out": self._take_out,
                "date": self._date,
                "lines": self._lines,
                "pay": self._pay,
                "call otherwise": self._call_otherwise,
            }
            done[what](document)

    @rule(
        project=PROJECT,
        what=st.sampled_from(BY_HAND),
        fate=st.sampled_from(("lost_answer", "cut", "500", "none")),
        then=THEN,
    )
    def on_both_sides(self, project: int, what: str, fate: str, then: int) -> None:
        """A claim that was sent changes; its job has trouble with it, or has not run yet; then a person does this."""
        if fate == "none":
            self._enter_one(project, "changed claim")
        else:
            self.job_in_trouble(project, "changed claim", 1, fate, 1, then)
        self.by_hand(("claims", str(next(id for id, own in CLAIMS.items() if own == project))), what)

    @rule(key=st.sampled_from(PAID), what=st.sampled_from(("take out", "reconcile")))
    def payment_by_hand(self, key: Key, what: str) -> None:
        """A person deletes a payment of ours, or matches it with the bank."""
        document = self.scene().live(key)
        if document is None or document["IsReconciled"]:
            return
        if what == "take out":
            self.hands.took_out.add(id_of(document))
            self._edit(document, Status="DELETED")
        else:
            self.hands.reconciled.add(id_of(document))
            self._edit(document, IsReconciled=True)

    @rule(id=st.sampled_from((0, *sorted(CLAIMS))))
    def credit_by_hand(self, id: int) -> None:
        """A person takes a credit note, or the last one that was entered, off what it is set against."""
        self._take_off(("claims", str(id or 1000 + self.entered)))

    @rule(project=PROJECT, fate=st.sampled_from(("lost_answer", "cut", "500", "none")), then=THEN)
    def credit_on_both_sides(self, project: int, fate: str, then: int) -> None:
        """The same of one that has just been set against a bill, or whose job had trouble with it."""
        if fate == "none":
            self._enter_one(project, "credit")
            self._work([project])
        else:
            self.job_in_trouble(project, "credit", 1, fate, 1, then)
        self._take_off(("claims", str(1000 + self.entered)))

    def _take_off(self, key: Key) -> None:
        scene = self.scene()
        note = scene.live(key)
        if note is None or not note.get("Allocations"):
            return
        self.seen["by hand: take a credit off"] += 1
        known = {entry.procore_id for entry in scene.entries if entry.kind == "allocations" and entry.state == "live"}
        self.hands.took_off.add(id_of(note))
        self.hands.pairs_off |= {pair for pair, _ in scene.credits if pair in known and pair.startswith(f"{key[1]}/")}
        self.world.calm()  # it comes through the same door as ours
        for one in note["Allocations"]:
            path = f"/CreditNotes/{id_of(note)}/Allocations/{one['AllocationID']}"
            self.world.parts.xero.api.write("DELETE", path, "", f"person-{self.world.last()}")

    def _take_out(self, document: Row) -> None:
        if not is_paid(document):
            self.hands.took_out.add(id_of(document))
            self._edit(document, Status="VOIDED" if document["Status"] == "AUTHORISED" else "DELETED")

    def _date(self, document: Row) -> None:
        if document.get("DueDate") and not is_paid(document):
            self.hands.edited.add(id_of(document))
            self._edit(document, DueDate="2026-12-24")

    def _lines(self, document: Row) -> None:
        if not is_paid(document):
            self.hands.edited.add(id_of(document))
            (line,) = document["LineItems"]
            self._edit(document, LineItems=[{**line, "UnitAmount": "7.00"}])

    def _pay(self, document: Row) -> None:
        """Something that Procore does not know of."""
        if Decimal(document.get("AmountDue", 0)) > 5 and document["Status"] == "AUTHORISED":
            paid = {"Invoice": {"InvoiceID": id_of(document)}, "Account": {"Code": "090"}, "Date": "2026-08-20"}
            self.world.calm()  # it comes through the same door as ours
            self.world.type_in_xero("Payments", {**paid, "Amount": Decimal("5.00")})

    def _call_otherwise(self, document: Row) -> None:
        contact = self.scene().contacts[document["Contact"]["ContactID"]]
        self.hands.edited.add(contact["ContactID"])
        name = f"Typed {contact['ContactNumber'][-1]}"
        self.world.xero_edit("Contacts", contact["ContactID"], Name=name)
