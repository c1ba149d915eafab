"""The foot of a claim, as the sandbox fills in what a seed does not state."""

from __future__ import annotations

from typing import Any

from worker.sandbox.procore.foot import completing


def a_claim(id: int, number: int, withheld: object, commitment: int = 501, **fields: Any) -> dict[str, Any]:
    items = [{"work_completed_retainage_retained_this_period": withheld}]
    return {"id": id, "number": number, "commitment_id": commitment, "items": items, "summary": {}, **fields}


def told(rows: list[dict[str, Any]]) -> list[tuple[object, object]]:
    complete = completing(rows)
    found = [complete(row) for row in rows]
    return [(row["summary"].get("total_retainage"), row["previous_requisition_id"]) for row in found]


def test_it_adds_up_over_the_claims_of_a_commitment() -> None:
    """By their numbers, whatever the order of the rows; deleted ones do not count, and other commitments neither."""
    rows = [
        a_claim(3, 2, "5.00"),
        a_claim(1, 1, "10.00"),
        a_claim(2, 1, "7.00", commitment=502),
        a_claim(4, 3, "1.00", deleted_at="2026-07-01T00:00:00Z"),
        a_claim(5, 4, "not an amount"),
    ]
    assert told(rows)[:3] == [("15.00", 1), ("10.00", None), ("7.00", None)]
    assert told(rows)[4] == ("15.00", 3)


def test_what_a_seed_states_stays() -> None:
    """Also null, and a foot that is none at all."""
    rows = [
        a_claim(1, 1, "10.00", summary={"total_retainage": None}, previous_requisition_id=99),
        a_claim(2, 2, "10.00", summary={"total_retainage": "3.00"}),
    ]
    assert told(rows) == [(None, 99), ("3.00", 1)]
    odd = {**rows[0], "summary": "odd"}
    assert completing([odd])(odd) is odd
