"""The task that sends messages has an end, also where a mail server drips."""

from __future__ import annotations

from tasks.reporting import MOST_MESSAGES, report
from worker.reports import mail, webhook


def test_a_look_has_the_time_for_all_its_messages() -> None:
    """Servers that do not answer cost each message its timeout; only what goes beyond that is ended."""
    assert MOST_MESSAGES * max(mail.TIMEOUT_S, webhook.TIMEOUT_S) < (report.time_limit or 0)
