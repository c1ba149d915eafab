"""How documents change: status moves, locks, payments in the way, lines replaced."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sandbox.xero_driver import Xero, a_line, messages

MOVES = {
    "DRAFT": {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"},
    "SUBMITTED": {"SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"},
    "AUTHORISED": {"AUTHORISED", "VOIDED"},
}
STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")


@pytest.fixture
def xero() -> Xero:
    return Xero()


def change(xero: Xero, bill: dict[str, Any], **values: Any) -> dict[str, Any]:
    """POST to the bill's own address."""
    return xero.write("POST", f"Invoices/{bill['InvoiceID']}", values)[0]


@pytest.mark.parametrize("before", MOVES)
@pytest.mark.parametrize("after", STATUSES)
def test_status_moves(xero: Xero, before: str, after: str) -> None:
    """A status may go where Xero's table says, and nowhere else; a refusal echoes what was asked for."""
    bill = xero.create_bill(Status=before)
    row = change(xero, bill, Status=after)
    assert row["HasErrors"] is (after not in MOVES[before])
    assert row["Status"] == after
    assert xero.bill(bill)["Status"] == (after if after in MOVES[before] else before)


@pytest.mark.parametrize("final", ["VOIDED", "DELETED"])
def test_final_documents_stay_as_they_are(xero: Xero, final: str) -> None:
    """Nothing leaves VOIDED or DELETED."""
    bill = xero.create_bill(Status="AUTHORISED" if final == "VOIDED" else "DRAFT")
    change(xero, bill, Status=final)
    row = change(xero, bill, Status="DRAFT")
    assert messages(row) == "Invoice not of valid status for modification"


def test_voided_bill_still_shows_its_amount_due(xero: Xero) -> None:
    """The known trap: open is a matter of status, not of AmountDue."""
    row = change(xero, xero.create_bill(), Status="VOIDED")
    assert (row["Status"], row["AmountDue"]) == ("VOIDED", Decimal("110.00"))


def test_paid_bill_is_neither_edited_nor_voided(xero: Xero) -> None:
    """One payment is enough to stop both, each with its sentence."""
    bill = xero.create_bill()
    xero.pay(bill, 10)
    assert "cannot be edited as it has a payment" in messages(change(xero, bill, DueDate="2026-05-01"))
    assert "VOIDED cannot be applied" in messages(change(xero, bill, Status="VOIDED"))


def test_locked_period_stops_every_change(xero: Xero) -> None:
    """Neither a bill in the locked period nor a move into it."""
    bill = xero.create_bill(Date="2026-03-01")
    assert "end of year lock date" in messages(change(xero, bill, Date="2025-01-01"))
    xero.edit("Organisation", "-", PeriodLockDate="2026-03-31")
    for values in ({"DueDate": "2026-05-01"}, {"Status": "VOIDED"}, {"Date": "2026-04-01"}):
        assert "period lock date, currently set at 31-Mar-2026" in messages(change(xero, bill, **values))


def test_type_and_id_cannot_change(xero: Xero) -> None:
    """A bill stays a bill, and the body's id must be the address's."""
    bill = xero.create_bill()
    assert messages(change(xero, bill, Type="ACCREC"))
    other = {"InvoiceID": "7e57a000-0000-4000-8000-00000000000e"}
    assert xero.send("POST", f"Invoices/{bill['InvoiceID']}", other).status_code == 400


def test_omitted_fields_are_kept(xero: Xero) -> None:
    """An update without lines leaves the lines, one without a Url the Url."""
    bill = xero.create_bill(Url="https://example.com/claims/1")
    row = change(xero, bill, DueDate="2026-05-01")
    assert row["Url"] == "https://example.com/claims/1"
    assert [line["LineItemID"] for line in row["LineItems"]] == [line["LineItemID"] for line in bill["LineItems"]]


def test_lines_are_replaced_and_new_ones_come_first(xero: Xero) -> None:
    """Only a line named by its id is kept, keeps what is not sent, and stands after the new ones."""
    bill = xero.create_bill(LineItems=[a_line(Description="a"), a_line(Description="b")])
    kept_id = bill["LineItems"][1]["LineItemID"]
    lines = [{"LineItemID": kept_id, "UnitAmount": 50}, a_line(Description="c")]
    row = change(xero, bill, LineItems=lines)
    assert [line["Description"] for line in row["LineItems"]] == ["c", "b"]
    assert row["LineItems"][1]["LineItemID"] == kept_id
    assert row["AmountDue"] == Decimal("165.00")


def test_unknown_line_id_is_rejected(xero: Xero) -> None:
    """A line id of another document is an error, not a new line."""
    bill = xero.create_bill()
    line = a_line(LineItemID="7e57a000-0000-4000-8000-00000000000e")
    assert messages(change(xero, bill, LineItems=[line]))


def test_posting_a_used_bill_number_overwrites_that_bill(xero: Xero) -> None:
    """The known hazard: who creates with POST loses the older bill of that number."""
    old = xero.create_bill(InvoiceNumber="INV-77")
    row = xero.write("POST", "Invoices", xero.a_bill(InvoiceNumber="inv-77", LineItems=[a_line(UnitAmount=5)]))[0]
    assert row["InvoiceID"] == old["InvoiceID"]
    assert xero.bill(old)["Total"] == Decimal("5.50")


def test_posting_a_number_of_a_void_bill_creates(xero: Xero) -> None:
    """Only a live bill is overwritten."""
    old = xero.create_bill()
    change(xero, old, Status="VOIDED")
    assert xero.write("POST", "Invoices", xero.a_bill())[0]["InvoiceID"] != old["InvoiceID"]


def test_unknown_document(xero: Xero) -> None:
    """404 at its own address, an element's error in a batch."""
    missing = "7e57a000-0000-4000-8000-00000000000e"
    assert xero.send("POST", f"Invoices/{missing}", {"Status": "VOIDED"}).status_code == 404
    assert messages(xero.write("POST", "Invoices", {"InvoiceID": missing, "Status": "VOIDED"})[0])


def test_person_edits_a_bill(xero: Xero) -> None:
    """An edit by hand moves the stamp and recomputes the totals from the lines."""
    bill = xero.create_bill()
    xero.clock.advance(5)
    xero.edit("Invoices", bill["InvoiceID"], LineItems=[a_line(UnitAmount=20)])
    row = xero.bill(bill)
    assert row["Total"] == row["AmountDue"] == Decimal("22.00")
    assert row["UpdatedDateUTC"] > bill["UpdatedDateUTC"]


def test_wrong_edits_are_refused(xero: Xero) -> None:
    """The control interface names what it cannot edit."""
    assert xero.http.patch("/_sandbox/documents/Things/1", json={}).status_code == 400
    assert xero.http.patch("/_sandbox/documents/Invoices/1", json={}).status_code == 404
