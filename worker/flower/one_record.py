"""One record of a project's page: where it stands, and the one button that makes sense for it.

What is in Xero has no button, and neither has what may be there: the next job asks Xero first. What a person took out
of Xero goes again on purpose alone. The buttons do what `procore-xero send --only` and `resend` do.
"""

from __future__ import annotations

from dataclasses import dataclass

from tasks import by_hand, resending
from worker.assembly import Parts, parts
from worker.errors import MissingReference, SyncError
from worker.flower.retry import Answer
from worker.holds import HoldCode, Outcome
from worker.ledger.accepted import Acceptance
from worker.ledger.records import RecordState, records

#: What a button may ask for, by the name that it posts, and what it is called.
BUTTONS = {"only": "Send now", "again": "Send again"}
#: Where a record stands, what needs somebody first. `known` is held, and acknowledged.
STATES = {
    "held": "Held",
    "waiting": "Waiting",
    "sending": "Sending",
    "known": "Acknowledged",
    "sent": "Sent",
    "ignored": "Left out",
}
_MOVED_ON = "This record stands otherwise by now, so nothing was started."


@dataclass(frozen=True, slots=True)
class Row:
    """A record as the page shows it; an address is blank where it has none."""

    record: RecordState
    procore_url: str
    xero_url: str
    #: Of one that is held: who accepted that, why, and until when.
    acceptance: Acceptance | None = None

    @property
    def state(self) -> str:
        return state(self.record, self.acceptance)

    @property
    def button(self) -> str:
        return button(self.record)

    @property
    def note(self) -> str:
        """What people said of it, or what becomes of it by itself."""
        if self.acceptance is not None:
            return f"{self.acceptance.said[:1].upper()}{self.acceptance.said[1:]}"
        if self.record.state == "sending":
            return "Whether it arrived in Xero is not known yet. The next job looks there before it sends anything."
        return ""


def state(record: RecordState, acceptance: Acceptance | None) -> str:
    return "known" if acceptance is not None and record.state == Outcome.HELD else record.state


def button(record: RecordState) -> str:
    """The name of its button; blank where none makes sense."""
    if record.code == HoldCode.GONE_IN_XERO.code:
        return "again"
    is_out = record.state in (Outcome.HELD, Outcome.WAITING)
    return "only" if is_out and record.kind in by_hand.ALONE else ""


def press(project_id: int, action: str, kind: str, procore_id: str) -> Answer:
    """Do what its button says: 200 with what was started, 409 when there is nothing to start, 503 for later."""
    try:
        return _press(parts(), project_id, action, kind, procore_id)
    except MissingReference as refused:
        return Answer(409, refused.sentence)
    except (by_hand.AnotherJob, resending.NothingToResend) as refused:
        return Answer(409, str(refused))
    except SyncError as error:
        return Answer(503, str(error))


def _press(ours: Parts, project_id: int, action: str, kind: str, procore_id: str) -> Answer:
    project = ours.projects.find(project_id)
    found = records(ours.engine, project_id) if project is not None else []
    one = next((one for one in found if (one.kind, one.procore_id) == (kind, procore_id)), None)
    if project is None or one is None or button(one) != action:
        return Answer(409, _MOVED_ON)
    wanted, name = by_hand.one(ours, project.job_number), one.called.said or one.title
    if action == "only":
        job = by_hand.send_only(ours, wanted, kind, procore_id)
        return Answer(200, f"Queued: {name}, with what it names that is not in Xero yet.", job.task_id)
    resending.let_go(ours, wanted.job_number, kind, procore_id)
    job = by_hand.send(ours, wanted)
    return Answer(200, f"Queued: {wanted.job_number}, which sends {name} again.", job.task_id)
