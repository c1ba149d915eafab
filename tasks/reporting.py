"""Looking after what people are to be told: passes that are over, alarms that go on or off, and messages on their way.

Each step is a compare-and-swap in the ledger, so that any number of workers may look at any time. A mail server that
does not answer delays messages and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

import structlog

from tasks.policy import JobFailed, ends_red
from worker import procore_pages
from worker.assembly import Parts, parts
from worker.celery import app
from worker.counting import counted
from worker.errors import NotDelivered, SyncError
from worker.ledger.notices import Notices
from worker.ledger.reporting import happened
from worker.ledger.rhythm import rhythm
from worker.ledger.tables import NoticeRow
from worker.local_time import zone
from worker.reports import alarms, wording
from worker.reports.alarms import Alarm
from worker.reports.channels import Channel, channels
from worker.reports.summary import Summary, summary
from worker.settings import Settings
from worker.xero.limits import DAY_S

#: Messages sent in one look at most: the rest goes with the next.
MOST_MESSAGES = 20
#: After so long a look is ended (Celery's limit, where jobs are processes): a mail server that drips has no other end.
MOST_S = 900

log = structlog.get_logger(__name__)


def look(parts: Parts, ways: Mapping[str, Channel]) -> str:
    """Tell what is to be told; returns a line about it."""
    notices = Notices(parts.engine, parts.now)
    over = _finish_passes(parts, notices, list(ways))
    moved = _judge_alarms(parts, notices, list(ways))
    sent = _deliver(notices, ways)
    notices.forget_old()
    return (
        f"{counted(over, 'pass', 'passes')} over, {counted(moved, 'alarm')} on or off, {counted(sent, 'message')} sent"
    )


def _finish_passes(parts: Parts, notices: Notices, names: list[str]) -> int:
    count = 0
    for over in notices.over():
        found = summary(happened(parts.engine, over), parts.title, parts.settings, procore_pages.at(parts), zone(parts))
        message = wording.of_pass(found) if _is_told(found, parts.settings) else None
        if notices.finish(over, message, names):
            count += 1
            log.info("pass over", pass_id=over.id, told=message is not None, line=wording.headline(found))
    return count


def _is_told(found: Summary, settings: Settings) -> bool:
    return settings.report_when == "always" or (settings.report_when == "changes" and found.has_news)


def _judge_alarms(parts: Parts, notices: Notices, names: list[str]) -> int:
    """Put alarms on and off; returns how many moved."""
    on, at = notices.alarms(), zone(parts)
    seen = rhythm(parts.engine, alarms.WEEKS, alarms.AROUND, at)
    interval = timedelta(minutes=parts.settings.sync_every_minutes)
    judged: dict[str, Alarm | None] = {
        "late": alarms.late(seen, parts.now().astimezone(at), interval, parts.settings.alarm_after_intervals),
        "idle": alarms.idle(seen, at, is_on="idle" in on),
    }
    moved = sum(_turn(parts, notices, names, name, alarm, name in on) for name, alarm in judged.items())
    return moved + sum(_judge_calls(one, notices, names, on) for one in parts.each())


def _judge_calls(parts: Parts, notices: Notices, names: list[str], on: Collection[str]) -> bool:
    """The alarm about one organisation's calls; whether it moved."""
    used = _calls_used(parts)
    if used is None:
        return False
    name = f"calls {parts.tenant_id[:8]}" if parts.name else "calls"
    alarm = alarms.calls(used, parts.settings.xero_calls_per_day, is_on=name in on)
    return _turn(parts, notices, names, name, alarm, name in on)


def _turn(parts: Parts, notices: Notices, names: list[str], name: str, alarm: Alarm | None, is_on: bool) -> bool:
    """Whether the alarm went on or off by this look."""
    if alarm is not None and not is_on:
        log.warning("alarm", alarm=name, why=alarm.sentence)
        return notices.raise_alarm(name, alarm.sentence, wording.of_alarm(alarm, parts.title), names)
    if alarm is None and is_on:
        log.info("alarm is over", alarm=name)
        return notices.end_alarm(name, wording.of_end(name, parts.title), names)
    return False


def _calls_used(parts: Parts) -> int | None:
    """Calls to Xero of the last day; None when nobody can say."""
    try:
        left = parts.xero_budget.left().get(DAY_S)
    except SyncError as error:
        log.warning("calls cannot be counted", why=str(error))
        return None
    return None if left is None else parts.settings.xero_calls_per_day - left


def _deliver(notices: Notices, ways: Mapping[str, Channel]) -> int:
    """Send what is due. What does not go is tried again later, and is said until it has gone."""
    sent = 0
    for _ in range(MOST_MESSAGES):
        notice = notices.next()
        if notice is None:
            break
        sent += _send(notices, notice, ways.get(notice.channel))
    return sent


def _send(notices: Notices, notice: NoticeRow, way: Channel | None) -> bool:
    known = {"channel": notice.channel, "occasion": notice.occasion, "attempt": notice.attempt}
    try:
        if way is None:
            raise NotDelivered(f"There are no settings for {notice.channel} any more.")
        trouble = way.send(notice)
    except NotDelivered as error:
        again = notices.put_off(notice, str(error))
        log.warning("message not delivered" if again else "message given up", why=str(error), **known)
        return False
    notices.sent(notice, trouble)
    log.info("message delivered", **known, **({"but": trouble} if trouble else {}))
    return True


@app.task(name="report", max_retries=0, throws=(JobFailed,), time_limit=MOST_S)
def report() -> str:
    """Sent every few minutes by each worker, and not by beat: that beat is gone is one of the alarms."""
    with ends_red(log, "nothing told"):
        ours = parts()
        return look(ours, channels(ours.settings))
