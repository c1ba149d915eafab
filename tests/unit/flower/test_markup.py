"""What pages write as markup by themselves is safe, and says what it should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from worker.flower.markup import Times, in_code

NOW = datetime(2026, 11, 29, 3, 30, tzinfo=UTC)


def test_commands_in_a_sentence_are_code_and_all_else_is_text() -> None:
    """Also where somebody wrote markup into a name, inside the backticks and outside."""
    assert in_code("Send <b>it</b> with `resend <i>`.") == (
        "Send &lt;b&gt;it&lt;/b&gt; with <code>resend &lt;i&gt;</code>."
    )
    assert in_code("One ` alone") == "One ` alone"


def test_a_day_is_not_broken_at_its_hyphens() -> None:
    """A telephone's screen ends where it likes."""
    assert in_code("due at 2026-11-30 04:19") == 'due at <span class="text-nowrap">2026-11-30</span> 04:19'


def test_times_are_told_by_how_far_away_they_are() -> None:
    """However old; the minute stands behind it, as it is where the organisation is."""
    times = Times(NOW, ZoneInfo("Australia/Sydney"))
    said = times.ago(NOW - timedelta(days=6))
    assert said.endswith('title="2026-11-23 14:30 AEDT">6 days ago</time>')
    assert times.ahead(NOW + timedelta(minutes=48)).endswith(">in 48 min</time>")
