"""What a sync would do, project by project: the stages of `tasks.project`, rehearsed.

The ledger is a copy in memory, of what these projects read; Xero's writes are only counted, no job is queued and no
message is published. What one project would create is there for the next one, as in a pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tasks.eligibility import judged_now, one_eligible, record_of
from tasks.project import all_stages
from tasks.stages import BY_NAME
from tasks.work import work_of
from worker import holds
from worker.assembly import Parts
from worker.called import UNNAMED, Called
from worker.errors import ProjectBusy, SyncError
from worker.facts import BEFORE_TAX, PAYEE
from worker.holds import HoldCode, Outcome
from worker.http import exact_json
from worker.ledger.copy import Copy
from worker.ledger.entries import Entries, Known
from worker.ledger.holds import Verdict, open_holds
from worker.ledger.projects import Seen
from worker.mapping import opening
from worker.mapping.payees import in_words
from worker.owner import owner_name
from worker.pipeline.one_record import carry_one
from worker.pipeline.send import allocations, several_options
from worker.pipeline.so_far import Recoding
from worker.pipeline.work import Work
from worker.plan import coding, payments, wording
from worker.plan.entries import Key, Rehearsed
from worker.plan.rehearsal import Listed, Rehearsal, unopened
from worker.plan.values import Action, Plan, Step
from worker.procore.records import Project
from worker.waiting import Tell, untold

#: Held for a document that a person entered in Xero.
_IN_XERO = (HoldCode.ALREADY_IN_XERO.code, HoldCode.MAY_BE_IN_XERO.code)


def plan(
    parts: Parts, job_number: str = "", tell: Tell = untold, *, recode: bool = False, only: Key | None = None
) -> list[Plan]:
    """Rehearse one project, or every eligible one; with `recode` as if a person had said it of all bills of the one,
    with `only` one record of it. Raises what a sync of the one project would raise."""
    parts.check()
    ours = Parts(parts.settings, clock=parts.now)
    copy = Copy(parts.engine, parts.now())
    ours.engine = copy.engine
    try:
        ours.procore, ours.fetch = parts.procore, unopened
        xeros = {real.name: _rehearsing(real, ours.at(real.name)) for real in parts.each()}
        if job_number.strip():
            project = one_eligible(ours, job_number.strip())
            _refuse_running(parts, project.job_number)
            return [_rehearsed(parts, ours, copy, xeros[project.organisation], project, recode, only)]
        projects, plans = [project for project in judged_now(ours) if project.state == "eligible"], list[Plan]()
        for project in projects:
            tell(project.job_number, len(plans), len(projects))
            plans.append(_or_why(parts, ours, copy, xeros, project))
        return plans
    finally:
        ours.engine.dispose()


def _rehearsing(real: Parts, copy: Parts) -> Rehearsal:
    """The copy of one organisation's parts rehearses."""
    copy.tenant_id = real.tenant_id  # a login, which the copy does not have, may be what knows it
    copy.xero = rehearsal = Rehearsal(real.xero)
    return rehearsal


def _or_why(parts: Parts, ours: Parts, copy: Copy, xeros: Mapping[str, Rehearsal], project: Seen) -> Plan:
    """One of several: what stops it stops it alone."""
    try:
        _refuse_running(parts, project.job_number)
        return _rehearsed(parts, ours, copy, xeros[project.organisation], project)
    except SyncError as error:
        return Plan(project.job_number, project.name, stopped=error.now, organisation=project.organisation)


def _refuse_running(parts: Parts, job_number: str) -> None:
    job = parts.jobs.latest(job_number).get(job_number)
    if job is not None and job.state == "running" and job.lease_until is not None and job.lease_until > parts.now():
        raise ProjectBusy(f"{job_number} is being synced just now; look again when that has ended.", 30.0)


def _rehearsed(
    parts: Parts,
    ours: Parts,
    copy: Copy,
    xero: Rehearsal,
    seen: Seen,
    recode: bool = False,
    only: Key | None = None,
) -> Plan:
    reads, writes = xero.api.calls, xero.writes
    ours, project = ours.at(seen.organisation), record_of(seen)
    copy.add(project.id)
    owner = owner_name()
    queued = ours.jobs.hurry(project.job_number, project.name)
    job = ours.jobs.claim(queued.task_id, owner) if queued else None
    if job is None:
        raise ProjectBusy(f"{project.job_number} is being synced just now; look again when that has ended.", 30.0)
    work = work_of(ours, job, owner, project, job.queued_at)
    xero.takes_several_options = several_options.learnt(work) == several_options.TOGETHER
    tenant_id = ours.organisation.tenant_id
    holds = Listed(ours.engine, tenant_id, project.id, ours.now)
    work.holds, work.recoding = holds, Recoding(is_asked=recode, looks=True)
    work.entries = entries = Rehearsed(copy, tenant_id, ours.jobs, job, owner, project.id, ours.now)
    really = Entries(parts.engine, tenant_id, parts.jobs, job, owner, project.id, parts.now)
    before = entries.standing(BY_NAME)
    all_stages(work) if only is None else carry_one(work, *only)
    before = entries.taken | before
    gone = before.keys() - entries.standing(BY_NAME).keys()
    verdicts = list(_final(holds.verdicts))
    judged = _Judged(entries, really, before, gone, _currencies(work, verdicts))
    steps = [judged.step(verdict) for verdict in verdicts]
    steps += [_withdrawn(*key) for key in sorted(gone - {(step.kind, step.procore_id) for step in steps})]
    if only is None:
        steps += _still_open(ours, project, {(step.kind, step.procore_id) for step in steps})
    called = work.names.of([(step.kind, step.procore_id) for step in steps])
    steps = [_called(step, called.get((step.kind, step.procore_id), UNNAMED)) for step in steps]
    ours.jobs.end(job.id, owner, "done", "", {})
    counts = (xero.writes - writes, xero.api.calls - reads)
    return Plan(
        project.job_number,
        project.name,
        steps,
        *counts,
        organisation=seen.organisation,
        opening=_opening(work, steps) if only is None else "",
        payments=payments.in_words(work),
        coding=coding.in_words(work.recoding.outdated.values(), project.job_number.strip()),
        recoding=work.recoding,
    )


def _called(step: Step, called: Called) -> Step:
    """By its name, and beside it by its number in Procore: a vendor's own title is its name once more."""
    return replace(step, called=called, title=holds.title(step.kind, step.procore_id)) if called.said else step


def _opening(work: Work, steps: Sequence[Step]) -> str:
    """The opening balance; where the mapping file gives no start, from which day one may, as far as Xero tells."""
    if (start := work.known.rules.documents.not_before) is not None:
        return work.told.opening.in_words(start)
    there = {(step.kind, step.procore_id) for step in steps if step.action is Action.ADOPT or step.code in _IN_XERO}
    out = {(step.kind, step.procore_id) for step in steps if step.action is Action.IGNORED}
    return opening.proposed({key: on for key, on in work.told.opening.new.items() if key not in out}, there)


@dataclass(frozen=True)
class _Judged:
    """What verdicts mean beside what the ledger knew before; `really` is the ledger that nothing was written to."""

    entries: Entries
    really: Entries
    before: Mapping[Key, Known]
    #: Records whose document the job took out of Xero.
    gone: Collection[Key]
    #: Of records, the organisation's own where none is known.
    currencies: Mapping[Key, str]

    def step(self, verdict: Verdict) -> Step:
        if (verdict.kind, verdict.procore_id) in self.gone:
            return _withdrawn(verdict.kind, verdict.procore_id, verdict.title, verdict.sentence)
        action = self._action(verdict)
        details: Sequence[str] = ()
        if verdict.code is not None:
            details = (verdict.sentence, verdict.code.remedy)
        elif action is Action.CHANGE:
            details = self._changes(verdict)
        elif action is Action.ADOPT and verdict.kind == "vendors":
            details = self._whom(verdict)
        elif action in (Action.CREATE, Action.ADOPT):
            body = _body(self.entries.last_body(verdict.kind, verdict.procore_id))
            currency = self.currencies[verdict.kind, verdict.procore_id]
            details = (wording.described(body, currency, self._before_tax(verdict)),) if body else ()
        code = verdict.code.code if verdict.code else ""
        return Step(verdict.kind, verdict.procore_id, verdict.title, action, tuple(details), code)

    def _action(self, verdict: Verdict) -> Action:
        known = self._known(verdict)
        if verdict.outcome is Outcome.UNCHANGED:
            return Action.UNCHANGED if known else Action.ADOPT
        if verdict.outcome is not Outcome.SENT:
            return Action(verdict.outcome)
        if known:
            return Action.CHANGE
        entry = self.entries.known(verdict.kind, [verdict.procore_id]).get(verdict.procore_id)
        return Action.ADOPT if entry is not None and entry.facts.get("adopted") else Action.CREATE

    def _before_tax(self, verdict: Verdict) -> str:
        """What Procore has of a payment on which tax comes on top."""
        entry = self.entries.known(verdict.kind, [verdict.procore_id]).get(verdict.procore_id)
        return str(entry.facts.get(BEFORE_TAX) or "") if entry else ""

    def _whom(self, verdict: Verdict) -> tuple[str, ...]:
        """Whom a vendor would be paid as."""
        entry = self.entries.known(verdict.kind, [verdict.procore_id])[verdict.procore_id]
        return (in_words(entry.facts[PAYEE]),)

    def _changes(self, verdict: Verdict) -> list[str]:
        """What we wrote last, beside what would be written now."""
        new = _body(self.entries.last_body(verdict.kind, verdict.procore_id))
        old = _body(self.really.last_body(verdict.kind, verdict.procore_id))
        known = self._known(verdict)
        if old is None and known is not None and known.facts.get("name"):
            old = {"Name": known.facts["name"]}  # an option or contact that was adopted: we never wrote it
        return wording.changes(old or {}, new, self.currencies[verdict.kind, verdict.procore_id]) if new else []

    def _known(self, verdict: Verdict) -> Known | None:
        return self.before.get((verdict.kind, verdict.procore_id))


def _currencies(work: Work, verdicts: Iterable[Verdict]) -> dict[Key, str]:
    """What is set against a bill has the currency of its credit note's claim."""
    named = {(one.kind, one.procore_id): (one.kind, one.procore_id) for one in verdicts}
    named |= {key: (allocations.CLAIMS, key[1].partition("/")[0]) for key in named if key[0] == allocations.KIND}
    known = work.names.of(list(named.values()))
    return {key: known.get(name, UNNAMED).currency or work.settings.currency() for key, name in named.items()}


def _withdrawn(kind: str, procore_id: str, title: str = "", why: str = "Procore no longer has it.") -> Step:
    details = (f"Its document in Xero is deleted or voided: {why}",)
    return Step(kind, procore_id, title or holds.title(kind, procore_id), Action.WITHDRAW, details)


def _final(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """One verdict per record: its last, but what was sent stays sent when it is looked at again."""
    found: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        key = (verdict.kind, verdict.procore_id)
        if key in found and found[key].outcome is Outcome.SENT and verdict.outcome is Outcome.UNCHANGED:
            continue
        found[key] = verdict
    yield from found.values()


def _still_open(ours: Parts, project: Project, judged: set[tuple[str, str]]) -> Iterator[Step]:
    """Records that were held before and that no verdict was about: they stay as they are."""
    for outcome in (Outcome.HELD, Outcome.WAITING):
        for hold in open_holds(ours.engine, outcome, project.id):
            if (hold.kind, hold.procore_id) not in judged:
                details = (hold.sentence, hold.remedy)
                yield Step(hold.kind, hold.procore_id, hold.title, Action(hold.outcome), details, hold.code)


def _body(found: tuple[str, int] | None) -> Mapping[str, Any] | None:
    """One document of a journalled request: the list's member, or the bare body of an option."""
    if found is None:
        return None
    text, position = found
    parsed: dict[str, Any] = exact_json.loads(text)
    (first, *rest) = parsed.values()
    if rest or not isinstance(first, list):
        return parsed
    member: Mapping[str, Any] = first[position]
    return member
