"""The Projects page: what it is asked for, what it shows, and what its buttons do.

The ledger is read and the jobs are started by the same functions that the command line uses. Knows nothing of HTTP
beyond the number of an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from tasks import by_hand, unparking
from worker.assembly import Parts, parts
from worker.errors import ConfigError, MissingReference, SyncError
from worker.flower.markup import Times
from worker.flower.retry import Answer
from worker.ledger.history import Run
from worker.ledger.listing import FILTERS, Listing, Wish, listing
from worker.ledger.tables import Job
from worker.local_time import goes_on, local, today, zone

#: What each filter is called on the page.
LABELS = {
    "all": "All",
    "failed": "Failed",
    "held": "Held",
    "waiting": "Waiting",
    "running": "Running",
    "parked": "Parked",
    "done": "Done",
    "paused": "Paused",
    "refused": "Not synced",
}
#: Flower's own look of a state.
BADGES = {
    "done": "text-bg-success",
    "held": "text-bg-warning",
    "failed": "text-bg-danger",
    "parked": "text-bg-warning",
    "running": "task-state-started",
}
_DIGITS = 18  # a database's whole number has no more
_NO_NUMBER = "Enter a job number first."


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: a listing, or the sentence why there is none."""

    found: Listing
    trouble: str = ""
    #: What is parked, until when and why; and why the last pass started nothing.
    banners: Sequence[str] = ()
    is_parked: bool = False
    times: Times | None = None


def wish(asked: Mapping[str, str]) -> Wish:
    """What the address asks for; what makes no sense in it is left out."""
    state = asked.get("state", "")
    return Wish(state if state in FILTERS else "all", asked.get("q", "").strip(), page_number(asked.get("page", "")))


def page_number(text: str) -> int:
    """The first page for what is no number."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 1


def query(wanted: Wish, **other: str | int) -> str:
    """The query of an address that asks for the same, but for `other`."""
    asked = {"state": wanted.state, "q": wanted.search, "page": wanted.page} | other
    said = {name: value for name, value in asked.items() if value not in ("", "all", 1)}
    return f"?{urlencode(said)}" if said else ""


def show(wanted: Wish) -> Shown:
    """The page that is wanted. Never raises: a ledger that cannot be read is said on the page."""
    try:
        ours = parts()
        found = listing(ours.engine, wanted, today(ours))
        return Shown(found, "", *_banners(ours), Times.of(ours))
    except SyncError as error:
        return Shown(Listing(wanted), f"The projects cannot be shown now. {error}")


def _banners(ours: Parts) -> tuple[list[str], bool]:
    """What keeps everything from going, and whether that is a parking. A wrong mapping file does not hide the list."""
    try:
        closed = unparking.parked(ours)
    except ConfigError as error:
        return [f"Nothing is sent. {error}"], False
    said = [f"Nothing is sent to {one.name or 'Xero'} before {one.until_then}: {one.why}" for one in closed]
    last = ours.passes.latest()
    if last is not None and last.failed and not closed:
        said.append(f"The last pass, at {local(last.started_at, zone(ours))}, started nothing. {last.message}")
    return said, bool(closed)


def press(action: str, job_number: str) -> Answer:
    """Do what a button says: 200 with what was started, 409 when there is nothing to start, 503 for later."""
    try:
        return ACTIONS[action](parts(), job_number.strip())
    except MissingReference as refused:
        return Answer(409, refused.sentence)
    except SyncError as error:
        return Answer(503, str(error))


def _send_one(ours: Parts, job_number: str) -> Answer:
    if not job_number:
        return Answer(409, _NO_NUMBER)
    job = by_hand.send(ours, by_hand.one(ours, job_number))
    return Answer(200, by_hand.said([job]), job.task_id)


def _send_all(ours: Parts, _: str) -> Answer:
    jobs = by_hand.send_all(ours)
    return Answer(200, by_hand.said(jobs)) if jobs else Answer(409, by_hand.NOTHING)


def _retry_failed(ours: Parts, _: str) -> Answer:
    jobs = by_hand.retry_failed(ours)
    return Answer(200, by_hand.said(jobs)) if jobs else Answer(409, by_hand.NONE_FAILED)


def _unpark(ours: Parts, _: str) -> Answer:
    if not unparking.parked(ours):
        return Answer(409, unparking.NOT_PARKED)
    tried = unparking.try_now(ours)
    return Answer(200 if tried.is_over else 503, " ".join(tried.sentences))


#: What a button may ask for, by the name that it posts.
ACTIONS: Mapping[str, Callable[[Parts, str], Answer]] = {
    "send": _send_one,
    "send_all": _send_all,
    "retry_failed": _retry_failed,
    "unpark": _unpark,
}


def question(action: str, count: int) -> str:
    """What is asked before many are started: the number is what somebody agrees to."""
    if action == "send_all":
        what = f"all {count:,} eligible projects" if count != 1 else "the 1 eligible project"
        return f"Send {what} to Xero now?"
    return f"Retry all {count:,} jobs that failed or are parked?" if count != 1 else "Retry the 1 job that failed?"


def state(job: Job | Run, held: int) -> str:
    """What a job has come to: "done, 2 held" where what is held is known already."""
    if job.state != "held":
        return job.state
    return f"done, {held:,} held" if held else "done"


def result(job: Job, times: Times) -> str:
    """Its line; of one that runs again later, when it goes on."""
    return goes_on(line(job), job.not_before, times.zone) if job.state == "queued" else line(job)


def line(job: Job | Run) -> str:
    """A job's line without the job number that stands before it already."""
    return job.message.removeprefix(f"{job.job_number}: ")
