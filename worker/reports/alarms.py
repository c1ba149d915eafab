"""When people are to be told that something is wrong though no pass says so. Pure: what was seen comes as arguments.

late   no pass has come to its end for `alarm_after_intervals` intervals
idle   the last pass moved nothing, although every pass at this time of the week did in each of the four weeks before
calls  four fifths of the calls to Xero that a day allows are used up

Each goes on once, and off once. What is judged idle is so on purpose hard to reach: a false alarm each evening is soon
no alarm at all. It needs four weeks of passes, and ends with the first pass that moves something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from worker.ledger.rhythm import Rhythm
from worker.local_time import local

#: Weeks that are compared, and how far from the same time a pass of theirs may have begun.
WEEKS, AROUND = 4, timedelta(hours=1)
#: What is said when an alarm goes off.
ENDED: Mapping[str, str] = {
    "late": "passes finish again",
    "idle": "a pass has sent something again",
    "calls": "calls to Xero are free again",
}
#: Shares of the day's calls at which the warning goes on, and off: calls of a day ago come back one by one.
WARN_SHARE, CALM_SHARE = 0.8, 0.7


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong: a title for the subject, a sentence, and what to do."""

    name: str
    title: str
    sentence: str
    remedy: str


def late(seen: Rhythm, now: datetime, interval: timedelta, after: float) -> Alarm | None:
    """No pass has finished for so many intervals; said in the time zone of `now`. Before the very first pass nobody is
    expected to have."""
    since = seen.last_finished_at or seen.first_began_at
    if since is None or now - since <= after * interval:
        return None
    at = local(since, now.tzinfo or UTC)
    why = f" The last one said: {seen.trouble}" if seen.trouble else ""
    return Alarm(
        "late",
        f"no pass has finished since {at}",
        f"No pass has finished since {at}; one is due every {interval.total_seconds() / 60:g} minutes.{why}",
        "procore-xero doctor says what is wrong; see that worker and beat run.",
    )


def idle(seen: Rhythm, zone: tzinfo, *, is_on: bool) -> Alarm | None:
    """One that is on stays on until something is moved. Times are told in this zone."""
    usual = len(seen.weeks) == WEEKS and all(week and min(week) > 0 for week in seen.weeks)
    if seen.last_began_at is None or seen.last_moved or not (usual or is_on):
        return None
    return Alarm(
        "idle",
        "a pass moved nothing that usually does",
        f"The pass of {local(seen.last_began_at, zone)} sent nothing, although every pass at this time of the week did "
        f"for {WEEKS} weeks.",
        "If nobody works today, nothing is wrong. Else see in Procore that the app is still permitted to the projects "
        "and their tools, and that their stage is still the one that is synced; procore-xero doctor looks at both.",
    )


def calls(used: int, most: int, *, is_on: bool) -> Alarm | None:
    """Most of the day's calls are used. `most` is 0 where there is no limit."""
    share = CALM_SHARE if is_on else WARN_SHARE
    if not most or used < share * most:
        return None
    return Alarm(
        "calls",
        f"{used / most:.0%} of the day's calls to Xero are used",
        f"{used:,} of the {most:,} calls that Xero allows in a day are used. At the limit jobs stop, and go on by "
        "themselves when calls come free.",
        "Nothing at once. If it comes often: let passes begin less often (SYNC_EVERY_MINUTES), send fewer attachments, "
        "and see which other programs call this organisation.",
    )
