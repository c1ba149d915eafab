"""Whether people are told: which channels are set, what could not be sent lately, and which alarms are on."""

from __future__ import annotations

from collections.abc import Iterator

from worker.assembly import Parts
from worker.counting import counted
from worker.doctor.finding import Finding, looked, ok, warn, wrong
from worker.ledger.notices import Notices
from worker.local_time import local, zone
from worker.reports.channels import channels

ABOUT = "Reports"
_REMEDY = "Correct SMTP_URL or REPORT_WEBHOOK_URL, or see to the server; what waits goes by itself within a day."


def check(parts: Parts) -> Iterator[Finding]:
    """From settings and ledger alone: no message is sent."""
    yield from looked(ABOUT, lambda: _told(parts))
    yield from looked("Alarms", lambda: _alarms(parts))


def _told(parts: Parts) -> Iterator[Finding]:
    names = list(channels(parts.settings))
    troubled = Notices(parts.engine, parts.now).troubled()
    if troubled:
        newest, count = troubled[0], counted(len(troubled), "message")
        given_up = sum(notice.state == "given_up" for notice in troubled)
        lost = f", {given_up} given up" if given_up else ""
        yield wrong(ABOUT, f"{count} did not go{lost}; the newest: {newest.trouble}", _REMEDY)
    elif names:
        yield ok(ABOUT, f"They go by {' and '.join(names)}; every message went.")
    else:
        yield ok(ABOUT, "Nobody is told of anything: neither REPORT_EMAIL_TO nor REPORT_WEBHOOK_URL is set.")


def _alarms(parts: Parts) -> Iterator[Finding]:
    for alarm in Notices(parts.engine, parts.now).alarms().values():
        yield warn("Alarms", f"{alarm.sentence} (since {local(alarm.raised_at, zone(parts))})")
