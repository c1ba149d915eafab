"""What must be true in the end, when nothing goes wrong any more and both systems have come to rest."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.judging import pays
from tests.integration.scene import Key, Scene, called, id_of, paid_id
from worker.holds import Outcome


def open_in(scene: Scene) -> set[Key]:
    """What is held or waits, and payments of direct costs that do: what is paid is the bill as it stands."""
    said = set(scene.held(Outcome.HELD, Outcome.WAITING))
    return said | {("invoice_payments", id_) for kind, id_ in said if kind == "invoices"}


def check_equal(scene: Scene) -> None:
    """Every record's document is what the record says, but for what is held, waits, or a person touched."""
    open_ones = open_in(scene)
    for key in scene.records:
        if key not in open_ones and not scene.is_touched(key):
            assert not (found := scene.wrong(key)), f"{called(key)}: {found}"
    for id_ in scene.listed_vendors():
        contact = scene.contact_of(id_)
        named = contact["ContactID"] in scene.hands.edited or contact["Name"] == scene.vendors[id_]["name"]
        assert named, f"vendor {id_} is called {contact['Name']} in Xero"
    names = [row["Name"] for row in scene.options.values() if row["Status"] == "ACTIVE"]
    missing = {f"{code} {row['name']}" for code, row in scene.codes.items()} - set(names)
    assert not missing, f"no option in Xero: {sorted(missing)}"


def check_closed(scene: Scene) -> None:
    """What is paid in full before tax is paid in full with tax."""
    open_ones = open_in(scene)
    for key in scene.records:
        bill = scene.live(key)
        if key[0] != "claims" or bill is None or key in open_ones or scene.is_touched(key):
            continue
        paid = [other for other, (_, row) in scene.records.items() if other[0] == "payments" and pays(row) == key]
        paid = [other for other in paid if (row := scene.live(other)) is not None and paid_id(row) == id_of(bill)]
        if open_ones.isdisjoint(paid) and not any(map(scene.is_touched, paid)):
            stated = sum(abs(Decimal(scene.records[other][1]["amount"])) for other in paid)
            due = Decimal(bill.get("RemainingCredit", bill.get("AmountDue", 0)))
            assert stated != Decimal(bill["SubTotal"]) or not due, f"{called(key)} is paid, and {due} is due"


def check_credits(scene: Scene) -> None:
    """No credit and no bill of a commitment are open beside each other, where nothing of it is held or waits."""
    said = scene.held(Outcome.HELD, Outcome.WAITING)
    busy = {
        scene.records[key][1].get("commitment_id") or scene.records[key][1].get("contract_id")
        for key in said
        if key in scene.records
    }
    set_before = {pair for pair, _ in scene.credits}
    for key, (_, row) in scene.records.items():
        note = scene.live(key)
        if key[0] != "claims" or note is None or "CreditNoteID" not in note or row["commitment_id"] in busy:
            continue
        if ("allocations", key[1]) in said or note["Status"] != "AUTHORISED" or not Decimal(note["RemainingCredit"]):
            continue
        for other, (_, bill_row) in scene.records.items():
            bill = scene.live(other)
            if other[0] != "claims" or bill is None or bill_row["commitment_id"] != row["commitment_id"]:
                continue
            is_open = bill["Status"] == "AUTHORISED" and "InvoiceID" in bill and Decimal(bill["AmountDue"]) > 0
            if is_open and bill["Contact"]["ContactID"] == note["Contact"]["ContactID"]:
                assert f"{key[1]}/{other[1]}" in set_before, f"{called(key)} and {called(other)} are open"


def check_settled(scene: Scene) -> None:
    """Nothing is on its way or in doubt, but for what is held."""
    held = scene.held(Outcome.HELD)
    for entry in scene.entries:
        certain = entry.state != "planned" and not str(entry.fingerprint).startswith("unproved:")
        assert certain or (entry.kind, entry.procore_id) in held, f"{entry.kind} {entry.procore_id} is in doubt"
