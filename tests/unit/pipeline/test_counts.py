"""What a job did, counted over all its attempts."""

from __future__ import annotations

from tasks.counts import records, with_earlier, with_landed


def test_what_an_earlier_attempt_sent_stays_sent() -> None:
    """It is unchanged to the later one, which is at the last of the kinds."""
    earlier = {"vendors": {"sent": 1}, "claims": {"sent": 2, "held": 1}}
    assert with_earlier({"claims": {"unchanged": 3, "sent": 1}}, earlier) == {
        "vendors": {"sent": 1, "unchanged": 0},
        "claims": {"unchanged": 1, "sent": 3},
    }


def test_what_an_earlier_attempt_took_out_is_not_forgotten() -> None:
    """Its record is not there any more, so that no later attempt meets it."""
    earlier = {"claims": {"withdrawn": 2}, "payments": {"withdrawn": 1}}
    found = with_earlier({"claims": {"unchanged": 3, "withdrawn": 1}}, earlier)
    assert found == {"payments": {"withdrawn": 1}, "claims": {"unchanged": 3, "withdrawn": 3}}
    assert records(found) == 3


def test_what_went_with_other_projects_was_sent_by_its_own_job() -> None:
    """To the attempt that comes after it is unchanged, as what an earlier one has sent."""
    assert with_landed({"claims": {"unchanged": 3, "held": 1}}, {"claims": {"11", "12"}}) == {
        "claims": {"unchanged": 1, "held": 1, "sent": 2}
    }
    assert with_landed({"claims": {"unchanged": 3}}, {}) == {"claims": {"unchanged": 3}}
