"""What a claim and its lines are called on a bill."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import a_claim, a_claim_item, known
from worker.mapping.claims import to_document
from worker.pipeline.decide.fingerprint import fingerprint

PERIOD = {"requisition_start": "2026-07-01", "requisition_end": "2026-07-31"}
SC = {701973: "SC-001"}


@pytest.mark.parametrize(
    ("claim", "item", "commitments", "text"),
    [
        (PERIOD, {}, SC, "Slab on ground (SC-001 claim 3, 2026-07-01 to 2026-07-31, line 1, contract)"),
        (PERIOD, {"item_type": "change_order_item", "line_number": "2.1"}, SC,
         "Slab on ground (SC-001 claim 3, 2026-07-01 to 2026-07-31, line 2.1, variation)"),
        ({}, {"item_type": None, "line_number": None}, SC, "Slab on ground (SC-001 claim 3)"),
        ({"requisition_end": "2026-07-31"}, {}, SC, "Slab on ground (SC-001 claim 3, 2026-07-31, line 1, contract)"),
        ({"contract_name": "Contract SC-001"}, {}, {}, "Slab on ground (Contract SC-001 claim 3, line 1, contract)"),
        ({"number": None}, {"item_type": None, "line_number": None, "description_of_work": None}, {}, "Line 341256"),
    ],
)  # fmt: skip
def test_a_line_says_where_it_comes_from(
    claim: dict[str, Any], item: dict[str, Any], commitments: dict[int, str], text: str
) -> None:
    """Commitment, claim, period, line and kind, as far as Procore shows them."""
    bill = to_document(a_claim(items=[a_claim_item(**item)], **claim), known(commitments=commitments))
    assert bill.body()["LineItems"][0]["Description"] == text


def test_retention_says_whose_it_is() -> None:
    """It is of the whole claim."""
    item = a_claim_item(work_completed_retainage_retained_this_period="1.00")
    lines = to_document(a_claim("9.00", items=[item]), known(commitments=SC)).body()["LineItems"]
    assert lines[1]["Description"] == "Retention withheld (SC-001 claim 3)"


def test_what_is_too_long_is_cut_and_the_source_stays() -> None:
    """Xero takes 4,000 characters."""
    claim = a_claim(items=[a_claim_item(description_of_work="x" * 5000, line_number="7" * 900)])
    (line,) = to_document(claim, known(commitments=SC)).body()["LineItems"]
    assert len(line["Description"]) == 4000
    assert "x (SC-001 claim 3, line 777" in line["Description"]


@pytest.mark.parametrize(
    ("fields", "commitments", "number"),
    [
        ({"invoice_number": "INV-9"}, SC, "INV-9"),
        ({"invoice_number": ""}, SC, "24-017 SC-001 claim 3"),
        ({"invoice_number": ""}, {701973: "SC-24-017-01"}, "SC-24-017-01 claim 3"),
        ({"invoice_number": "発票7"}, SC, "24-017 SC-001 claim 3"),
        ({"invoice_number": "", "number": None}, SC, "PC-58820"),
        ({"invoice_number": ""}, {}, "PC-58820"),
        ({"invoice_number": ""}, {701973: "発"}, "PC-58820"),
    ],
)
def test_a_blank_number_becomes_commitment_and_claim(
    fields: dict[str, Any], commitments: dict[int, str], number: str
) -> None:
    """With the job number, unless the commitment's has it: two jobs may number their commitments alike."""
    assert to_document(a_claim(**fields), known(commitments=commitments)).number == number


def test_what_a_record_is_called_is_no_change_of_it() -> None:
    """A commitment that is renumbered, or not shown, and a period that is corrected send no bill again."""
    item = a_claim_item(work_completed_retainage_retained_this_period="1.00")
    plain = a_claim("9.00", items=[item], invoice_number="")
    named = a_claim("9.00", items=[item], invoice_number="", **PERIOD)
    assert fingerprint(to_document(plain, known())) == fingerprint(to_document(named, known(commitments=SC)))
    assert fingerprint(to_document(plain, known())) != fingerprint(to_document(a_claim("9.00", items=[item]), known()))
