"""Which lists of which projects a pass reads, within the calls that Procore gives in an hour (`READ_LISTS=when_due`).

Every eligible project has its job all the same; one of which no list is due makes no call. What does not fit is due in
the next pass. A job that a person starts reads everything, whatever is planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from worker.assembly import Parts
from worker.ledger.at_rest import Next
from worker.ledger.calls import calls_since
from worker.ledger.holds import projects_with
from worker.ledger.lists import Listed, lists_to_plan
from worker.ledger.projects import Seen
from worker.local_time import local
from worker.pipeline.read import closed_tools, new_projects, rhythm
from worker.pipeline.read.rhythm import ListAt
from worker.procore import limits

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Turns:
    """Project to what its job reads, as a job notes it; a project that is missing here reads everything."""

    lists: Mapping[int, str | None] = field(default_factory=dict)
    #: A word for the pass's line.
    line: str = ""


def turns(parts: Parts, projects: Sequence[Seen], open_ones: Sequence[Parts]) -> Turns:
    """What the jobs of these projects read in the pass that begins now."""
    settings = parts.settings
    if settings.read_lists == "every_pass":
        return Turns()
    now, every = parts.now(), timedelta(minutes=settings.sync_every_minutes)
    rules = {one.name: one.rules().digest for one in open_ones}
    wanted = {project.procore_id: rules.get(project.organisation, "") for project in projects}
    known = lists_to_plan(parts.engine, wanted, now + every, now - rhythm.BUSY)
    said = limits.hour(settings, parts.broker).said()
    made = calls_since(parts.engine, now - max(timedelta(), _HOUR - every), now - _HOUR, "procore")
    usable = rhythm.usable(said.calls, every, made, said.left, timedelta(seconds=said.reset_in_s))

    due = [
        list_at(one, now, is_anew=one.rules != wanted[one.project_id], claimed=one.project_id in known.claimed)
        for one in known.due
    ]
    new = sorted(wanted.keys() - known.project_ids)
    usual = -(-known.calls // max(1, len(known.project_ids)))
    begun = new_projects.begun(new, due, usual, now, every, usable)
    found = rhythm.turn(due, now, every, usable.less(begun.calls), known.others)
    closed = projects_with(parts.engine, closed_tools.KIND)
    first = frozenset(begun.project_ids)
    chosen: dict[int, str | None] = {}
    for id_ in wanted:
        names = found.lists.get(id_, ())
        chosen[id_] = None if id_ in first or (names and id_ in closed) else " ".join(names)
    waiting = found.put_off + len(rhythm.CAPS | dict.fromkeys(rhythm.WHOLE)) * (len(new) - len(begun.project_ids))
    they = f"{waiting} lists that are due wait" if waiting > 1 else "a list that is due waits"
    line = f"; {they} for a later pass: Procore gives {said.calls} calls an hour"
    return Turns(chosen, line if waiting else "")


def list_at(one: Listed, now: datetime, *, is_anew: bool = False, claimed: bool = False) -> ListAt:
    """As it is planned; `is_anew`: the rules changed, so that everything in it is compared; `claimed`: a claim of its
    project moved lately."""
    due_at, compare_at = (now, now) if is_anew else (one.due_at, one.compare_at)
    calls, is_awaited = max(1, one.calls), claimed and one.name == "payments"
    return ListAt(one.project_id, one.name, one.read_at, one.changed_at, due_at, compare_at, calls, is_awaited)


def next_turn(following: Next, now: datetime, zone: tzinfo) -> str:
    """What a job says of which no list was planned: when the next list is read, and why it is not now."""
    if following.due_at is None:
        return "no list is read in this pass: the hour's calls to Procore go to others first"
    name = following.name.replace("_", " ")
    if following.due_at <= now:
        return f"{name} are due and wait for a later pass: the hour's calls to Procore go to others first"
    return f"no list is due; the next, {name}, is due at {local(following.due_at, zone)}"
