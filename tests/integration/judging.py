"""What must be true at every moment and after every job, whatever happened before; in the end: `resting`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from tests.integration.scene import (
    APPROVED,
    PAYMENTS,
    VOID,
    Key,
    Row,
    Scene,
    called,
    id_of,
    is_due,
    is_paid,
    paid_id,
    total_of,
)
from worker.holds import Outcome
from worker.ledger.tables import Hold
from worker.pipeline.decide.came_to_nothing import LEFT

# --- always ----------------------------------------------------------------------------------------------------


def check_once(scene: Scene) -> None:
    """At most one live document for each record."""
    for key, rows in scene.documents.items():
        standing = [row for row in rows if row["Status"] not in VOID]
        assert len(standing) <= 1, f"{called(key)} is {len(standing)} times in Xero"
    for what, names in (
        ("vendor", [row.get("ContactNumber") for row in scene.contacts.values()]),
        ("option", [row["Name"].split()[0] for row in scene.options.values() if row["Status"] == "ACTIVE"]),
    ):
        twice = {name for name in names if name and names.count(name) > 1}
        assert not twice, f"{what} more than once in Xero: {sorted(twice)}"
    check_credits_once(scene)


def check_credits_once(scene: Scene) -> None:
    """No pair twice, none that a person took off, and the ledger knows each, or it is on its way."""
    pairs = [pair for pair, _ in scene.credits]
    assert len(set(pairs)) == len(pairs), f"set against a bill twice: {pairs}"
    assert scene.hands.pairs_off.isdisjoint(pairs), f"a person took these off: {scene.hands.pairs_off & set(pairs)}"
    ours = {entry.procore_id: entry for entry in scene.entries if entry.kind == "allocations"}
    for pair, amount in scene.credits:
        entry = ours.get(pair)
        assert entry is not None, f"{pair} is set in Xero and the ledger does not know it"
        assert entry.state != "free", f"{pair} is set in Xero and the ledger thinks that it is not"
        assert entry.state == "planned" or Decimal(entry.facts["amount"]) == amount, f"{pair} is {amount} in Xero"
    took_off = {id_ for id_, entry in ours.items() if entry.facts.get("note_id") in scene.hands.took_off}
    lost = {id_ for id_, entry in ours.items() if entry.state == "live"} - set(pairs) - took_off
    assert not lost, f"the ledger names what is not set in Xero: {lost}"


def check_tied(scene: Scene) -> None:
    """What stands in Xero is in the ledger, or on its way; and what is in the ledger is in Xero."""
    ours = {entry.xero_id for entry in scene.entries if entry.xero_id}
    on_its_way = {(entry.kind, entry.procore_id) for entry in scene.entries if entry.state == "planned"}
    for key in scene.documents:
        document = scene.live(key)
        known = document is None or id_of(document) in ours or key in on_its_way
        assert known, f"{called(key)} stands in Xero and the ledger does not know it"
    there = {id_of(row) for rows in scene.documents.values() for row in rows} | {*scene.contacts, *scene.options}
    named = [entry for entry in scene.entries if entry.xero_id not in (None, *there)]
    lost = sorted(f"{entry.kind} {entry.procore_id}" for entry in named)
    assert not lost, f"the ledger names documents that Xero does not have: {lost}"


# --- after a job -----------------------------------------------------------------------------------------------


def check_not_silent(scene: Scene, project_id: int) -> None:
    """Every record of the project is in Xero, or something says why it is not, or its list has not been read since."""
    live = {(entry.kind, entry.procore_id) for entry in scene.entries if entry.state == "live"}
    said = scene.held(*Outcome)
    for key, (own, row) in scene.records.items():
        if own == project_id and not row.get("deleted_at") and not _is_out_of_sight(scene, key, row):
            is_said = key in live or key in said or is_left(scene, key)
            assert is_said, f"nothing says what became of {called(key)}"
    listed = [("vendors", str(vendor_id)) for vendor_id in scene.procore["project_vendors"].get(str(project_id), [])]
    listed += [("cost_codes", row["full_code"]) for row in scene.procore["cost_codes"].get(str(project_id), [])]
    for key in listed:
        is_said = key in live or key in said or (project_id, key[0]) in scene.not_due
        assert is_said, f"nothing says what became of {called(key)}"


def is_left(scene: Scene, key: Key) -> bool:
    """Whether it came after its job had handed over what was new: then it is the next pass's (decision 153)."""
    project_id, row = scene.records[key]
    until = scene.left_after.get((project_id, key[0]))
    return until is not None and datetime.fromisoformat(row["updated_at"]) > until


def _is_out_of_sight(scene: Scene, key: Key, row: Row) -> bool:
    """A new payment whose contract's total is what it was: it is seen within a day (docs/decisions.md, 6). A direct
    cost is paid once it is to be paid and its bill is in Xero, of which its own entry speaks."""
    if key[0] == "invoice_payments":
        return not is_due(key, row) or scene.live(("invoices", key[1])) is None
    if key[0] != "payments":
        return False
    rows = (other for _, (_, other) in scene.records.items() if other.get("contract_id") == row["contract_id"])
    total = sum((Decimal(other["amount"]) for other in rows if not other.get("deleted_at")), Decimal(0))
    return scene.cursors.get(f"payments:{row['contract_id']}") == f"{total:.2f}"


def untrue(scene: Scene, project_id: int, *, is_calm: bool = False) -> list[str]:
    """What is said of this project's records and is not so. Unless all is calm for hours, requests with a document may
    have come to nothing again and again."""
    mine = [hold for hold in scene.holds if hold.project_id == project_id]
    mine = [hold for hold in mine if is_calm or hold.sentence != LEFT.sentence]
    return [f"{hold.title} {hold.code}: {hold.sentence}" for hold in mine if not _is_true(scene, hold)]


def _is_true(scene: Scene, hold: Hold) -> bool:
    key = (hold.kind, hold.procore_id)
    if hold.kind == "allocations":
        check, key = _TRUE_OF_CREDITS.get(hold.code), ("claims", hold.procore_id)
        return check is not None and check(scene, key, scene.records[key][1])
    if hold.kind == "in_xero":
        kind, _, procore_id = hold.procore_id.partition("/")
        if hold.code == "paid_in_xero":
            paid = [row for row in scene.payments if row["PaymentID"] == procore_id.partition("/")[2]]
            return bool(paid) and not paid[0]["Reference"]
        return hold.code == "changed_in_xero" and _was_edited(scene, (kind, procore_id))
    if hold.kind == "vendors":
        return hold.code == "edited_in_xero" and scene.contact_of(hold.procore_id)["ContactID"] in scene.hands.edited
    if key not in scene.records:
        return False  # nothing is ever wrong with the cost codes that are entered here
    check = _TRUE.get(hold.code)
    return check is not None and check(scene, key, scene.records[key][1])


def _was_edited(scene: Scene, key: Key) -> bool:
    """Whether a person changed its document, which may be gone since."""
    return any(id_of(row) in scene.hands.edited for row in scene.documents[key])


def _not_approved(scene: Scene, key: Key, row: Row) -> bool:
    return not is_due(key, row) or bool(row.get("deleted_at"))  # that it was deleted since is seen within a day


def _deleted(scene: Scene, _: Key, row: Row) -> bool:
    return bool(row.get("deleted_at"))


def _sent_back(scene: Scene, key: Key, row: Row) -> bool:
    document = scene.live(key)
    return not is_due(key, row) and document is not None and document["Status"] in ("DRAFT", "SUBMITTED")


def _sent_back_too_late(scene: Scene, key: Key, row: Row) -> bool:
    document = scene.live(key)
    return not is_due(key, row) and document is not None and document["Status"] in APPROVED


def _bill_awaiting_approval(scene: Scene, _: Key, row: Row) -> bool:
    bill = _paid(scene, row)
    return bill is not None and bill["Status"] in ("DRAFT", "SUBMITTED")


def _claim_not_sent(scene: Scene, _: Key, row: Row) -> bool:
    return _paid(scene, row) is None


def _bill_differs(scene: Scene, _: Key, row: Row) -> bool:
    """A person was at it, and the claim's own hold says how."""
    bill = _paid(scene, row)
    return bill is not None and id_of(bill) in scene.hands.edited and pays(row) in scene.held(Outcome.HELD)


def _rejected(scene: Scene, key: Key, row: Row) -> bool:
    """Only payments on what a person has taken out are tried in vain."""
    bills = scene.documents[pays(row)] if key[0] in PAYMENTS else []
    return bool(bills) and all(id_of(bill) in scene.hands.took_out for bill in bills)


def _payment_too_large(scene: Scene, key: Key, row: Row) -> bool:
    bill, own = _paid(scene, row), scene.live(key)
    if bill is None:
        return False
    due = Decimal(bill.get("RemainingCredit", bill.get("AmountDue", 0)))
    if own is not None and paid_id(own) == id_of(bill):
        due += Decimal(own["Amount"])
    if key[0] == "invoice_payments":
        return abs(total_of(key, row)) > due
    return scene.with_tax(key, id_of(bill)) + scene.slack(id_of(bill)) > due


def _value_unknown(scene: Scene, key: Key, row: Row) -> bool:
    bill = _paid(scene, row) if key[0] == "payments" else None
    return bill is not None and ("CreditNoteID" in bill) != (Decimal(row["amount"]) < 0)


def _gone_in_xero(scene: Scene, key: Key, _: Row) -> bool:
    return scene.live(key) is None and any(id_of(row) in scene.hands.took_out for row in scene.documents[key])


def _edited_in_xero(scene: Scene, key: Key, _: Row) -> bool:
    document = scene.live(key)
    return document is not None and id_of(document) in scene.hands.edited


def _changed_after_sending(scene: Scene, key: Key, row: Row) -> bool:
    document = scene.live(key)
    if document is None:
        return False
    if key[0] in PAYMENTS:
        bill = _paid(scene, row)
        is_left = id_of(document) in scene.hands.reconciled or bill is None or bill["Status"] not in APPROVED
        return is_left or _is_paid_by_a_person(scene, bill)
    if row.get("deleted_at"):
        return scene.settings.deleted == "hold" or is_paid(document)
    other_kind = ("CreditNoteID" in document) != (total_of(key, row) < 0)
    differs = bool(scene.wrong(key)) or id_of(document) in scene.hands.edited
    return differs and (other_kind or is_paid(document))


def _is_paid_by_a_person(scene: Scene, bill: Row | None) -> bool:
    """What a person entered there may be what a payment has become since it was sent."""
    standing = [row for row in scene.payments if row["Status"] not in VOID and not row["Reference"]]
    return bill is not None and any(paid_id(row) == id_of(bill) for row in standing)


def _out_of_sight(scene: Scene, key: Key, row: Row) -> bool:
    """Deleted, and nothing in its list by which that could be told."""
    return bool(row.get("deleted_at")) and scene.live(key) is not None


def pays(row: Row) -> Key:
    """The claim that a payment pays; a direct cost that was paid pays itself."""
    return ("claims", str(row["requisition_id"])) if "requisition_id" in row else ("invoices", str(row["id"]))


def _paid(scene: Scene, payment: Row) -> Row | None:
    """The document that it pays."""
    return scene.live(pays(payment))


def _not_paid(_: Scene, __: Key, row: Row) -> bool:
    return row.get("payment_date") is None


def _of_its_commitment(scene: Scene, row: Row) -> list[Row]:
    same = [key for key, (_, other) in scene.records.items() if other.get("commitment_id") == row["commitment_id"]]
    return [document for key in same if (document := scene.live(key)) is not None]


def _credit_touched(scene: Scene, key: Key, _: Row) -> bool:
    document = scene.live(key)
    return document is not None and id_of(document) in scene.hands.took_off


def _credit_awaiting_approval(scene: Scene, _: Key, row: Row) -> bool:
    return any(document["Status"] in ("DRAFT", "SUBMITTED") for document in _of_its_commitment(scene, row))


def _credited_differs(scene: Scene, _: Key, row: Row) -> bool:
    return any(id_of(document) in scene.hands.edited for document in _of_its_commitment(scene, row))


_TRUE_OF_CREDITS: Mapping[str, Callable[[Scene, Key, Row], bool]] = {
    "credit_touched": _credit_touched,
    "credit_awaiting_approval": _credit_awaiting_approval,
    "bill_differs": _credited_differs,
}
_TRUE: Mapping[str, Callable[[Scene, Key, Row], bool]] = {
    "not_approved": _not_approved,
    "not_paid": _not_paid,
    "deleted": _deleted,
    "sent_back": _sent_back,
    "sent_back_too_late": _sent_back_too_late,
    "bill_awaiting_approval": _bill_awaiting_approval,
    "claim_not_sent": _claim_not_sent,
    "bill_differs": _bill_differs,
    "rejected": _rejected,
    "payment_too_large": _payment_too_large,
    "value_unknown": _value_unknown,
    "gone_in_xero": _gone_in_xero,
    "edited_in_xero": _edited_in_xero,
    "proof_failed": _edited_in_xero,
    "out_of_sight": _out_of_sight,
    "changed_after_sending": _changed_after_sending,
}
