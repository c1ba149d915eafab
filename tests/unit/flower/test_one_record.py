"""Which button a record has, if any."""

from __future__ import annotations

import pytest

from worker.flower.one_record import Row, button
from worker.holds import HoldCode
from worker.ledger.accepted import Acceptance
from worker.ledger.records import RecordState


@pytest.mark.parametrize(
    ("kind", "state", "code", "shown"),
    [
        ("claims", "held", HoldCode.NO_LINES, "only"),
        ("payments", "waiting", HoldCode.BILL_AWAITING_APPROVAL, "only"),
        ("invoices", "held", HoldCode.EDITED_IN_XERO, "only"),
        ("claims", "held", HoldCode.GONE_IN_XERO, "again"),
        ("claims", "waiting", HoldCode.RESEND_ASKED, "only"),
        ("claims", "sent", None, ""),
        ("claims", "sending", None, ""),
        ("claims", "ignored", HoldCode.BEFORE_START, ""),
        ("vendors", "held", HoldCode.NO_LINES, ""),
        ("invoice_payments", "held", HoldCode.NO_LINES, ""),
    ],
)
def test_a_record_has_the_button_that_makes_sense(kind: str, state: str, code: HoldCode | None, shown: str) -> None:
    """What is in Xero or may be there has none; what a person took out goes again on purpose; the rest goes alone."""
    record = RecordState(kind, "1", "a record", state, code=code.code if code else "")
    assert button(record) == shown


def test_what_is_acknowledged_has_its_own_state() -> None:
    """A held record that somebody accepted; one that waits still waits."""
    accepted = Acceptance("ann", None, "next month")
    states = [Row(RecordState("claims", "1", "", state), "", "", accepted).state for state in ("held", "waiting")]
    assert states == ["known", "waiting"]
