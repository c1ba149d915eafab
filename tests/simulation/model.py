"""Organisations, their passes and jobs, and the processes that run them, as events on simulated time.

The policy is the worker's own: a pass every so many minutes, one job for each project that has none, stages in order,
limits waited out inside the job as long as that takes no longer than LONGEST_WAIT_S, and beyond that the organisation
parked. Nothing here is a figure of a machine; those come in as `Costs`.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import simpy

from tests.simulation import work
from tests.simulation.demand import AT_FIRST, HOUR_S, Project
from tests.simulation.limits import BUSY_RETRY_S, LONGEST_WAIT_S, Budget, BusyError, Reads, Steps, TooFarError, Window
from tests.simulation.queues import Queue
from tests.simulation.when_due import WhenDue

FOR_EVER = 1_000_000_000
#: What Procore's documentation shows in its examples; none, where the question is what Xero allows.
PROCORE_HOUR, PROCORE_SPIKE = Window(600, HOUR_S), Window(25, 10.0)
NO_LIMIT = Window(FOR_EVER, 1.0)


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of one process."""

    xero_s: float
    procore_s: float
    #: Beside its calls: of one record that goes, and of a job in which nothing did.
    record_s: float = 0.0
    job_s: float = 0.0
    #: Calls to Procore of a job in which nothing changed and that reads neither vendors nor cost codes.
    unchanged_reads: int = 5
    #: How often those are read; 0: in each pass.
    lists_every_s: float = 2 * HOUR_S


@dataclass(frozen=True, slots=True)
class Allowed:
    """The limits of one organisation, as the worker is set."""

    per_minute: int = 60
    minute_s: float = 60.25
    per_day: int = 5000
    day_s: float = 86_410.0
    at_once: int = 5
    hour: Window = NO_LIMIT
    spike: Window = NO_LIMIT

    @property
    def windows(self) -> list[Window]:
        day = [Window(self.per_day, self.day_s)] if self.per_day else []
        return [Window(self.per_minute, self.minute_s), *day]


@dataclass(slots=True)
class Seen:
    """What came of it."""

    #: When each call to Xero went.
    xero_at: array[float] = field(default_factory=lambda: array("d"))
    #: How long each changed record waited from its change until it was in the books.
    late_s: array[float] = field(default_factory=lambda: array("d"))
    first_sent: int = 0
    #: When the last record of the first sync was in the books.
    first_done_at: float = 0.0
    jobs: int = 0
    parked_s: float = 0.0
    reads: int = 0


class Organisation:
    """One organisation in Xero, its company in Procore, and its passes."""

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        projects: Sequence[Project],
        costs: Costs,
        queue: Queue,
        allowed: Allowed,
        *,
        every_s: float = 1800.0,
        begins_s: float = 0.0,
        longest_wait_s: float = LONGEST_WAIT_S,
        app: Budget | None = None,
        reads: Reads | None = None,
        is_set_up: bool = False,
        reads_when_due: bool = False,
    ) -> None:
        self.env, self.name, self.projects, self.costs, self.queue = env, name, projects, costs, queue
        self.seen = Seen()
        self.done = env.event()
        self.parked_until = 0.0
        #: When each of Xero's settings was read last, and the end of that reading.
        self._settings: dict[str, tuple[float, simpy.Event]] = {}
        self._is_set_up = is_set_up
        if is_set_up:
            self._settings = {name: (env.now, env.timeout(0)) for names in work.SETTINGS.values() for name in names}
        self.pass_at = 0.0
        self._every_s, self._begins_s = every_s, begins_s
        self._app = app
        self._xero = Budget(env, allowed.windows, allowed.at_once, longest_wait_s)
        self.reads = reads or Reads(env, (allowed.hour, allowed.spike), longest_wait_s)
        #: What each pass reads; None: everything in each (READ_LISTS=every_pass).
        self.when_due = WhenDue(len(projects), every_s, allowed.hour.calls) if reads_when_due else None
        self._first_left = sum(project.left for project in projects)
        env.process(self._discover())

    def _discover(self) -> Steps:
        yield self.env.timeout(self._begins_s)
        while True:
            if self.env.now >= self.parked_until:
                yield from self._one_pass()
            since_begin = self.env.now - self._begins_s
            yield self.env.timeout(self._every_s - since_begin % self._every_s)

    def _one_pass(self) -> Steps:
        try:
            yield from self.read(-(-len(self.projects) // work.PROJECTS_PER_PAGE))
        except TooFarError:
            return  # no pass this time
        self.pass_at = self.env.now
        planned = self.when_due.plan(self.env.now, *self.reads.hour()) if self.when_due else None
        for number, project in enumerate(self.projects):
            if not project.is_active and (planned is None or number in planned):
                project.is_active = True
                project.come(self.env.now)
                self.queue.put(Job(self, project, project.expected_calls, number, planned[number] if planned else None))

    def read(self, calls: int) -> Steps:
        self.seen.reads += calls
        if self.when_due:
            self.when_due.made(calls, self.env.now)
        yield from self.reads.calls(calls, self.costs.procore_s)

    def call(self, records: int = 0) -> Steps:
        """One call to Xero that carries so many records."""
        if records:
            yield self.env.timeout(records * self.costs.record_s)
        inner = self._timed()
        yield from self._xero.call(self._app.call(inner) if self._app else inner)

    def _timed(self) -> Iterator[simpy.Event]:
        self.seen.xero_at.append(self.env.now)
        yield self.env.timeout(self.costs.xero_s)

    def read_settings(self, kind: str, pass_at: float) -> Steps:
        """What is too old for this kind, by the job that needs it first; the others wait."""
        if not self._is_set_up:
            self._is_set_up = True
            yield from self.call()  # discovery has seen the organisation before its first job
        for name in work.SETTINGS[kind]:
            age = work.good_for(kind, name)
            not_before = pass_at if age is None else self.env.now - age.total_seconds()
            read_at, read = self._settings.get(name, (-math.inf, self.env.event()))
            if read_at < not_before:
                yield from self._read_setting(name)
            elif not read.processed:
                yield read

    def _read_setting(self, name: str) -> Steps:
        before = self._settings.get(name)
        self._settings[name] = (self.env.now, read := self.env.event())
        try:
            yield from self.call()
        except (TooFarError, BusyError):
            self._settings.pop(name)
            if before:
                self._settings[name] = before
            raise
        finally:
            read.succeed()

    def park(self, in_s: float) -> None:
        until = self.env.now + in_s
        self.seen.parked_s += max(0.0, until - max(self.parked_until, self.env.now))
        self.parked_until = max(self.parked_until, until)

    def sent(self, came: float) -> None:
        """A record is in the books."""
        if came != AT_FIRST:
            self.seen.late_s.append(self.env.now - came)
            return
        self.seen.first_sent += 1
        self._first_left -= 1
        if not self._first_left:
            self.seen.first_done_at = self.env.now
            self.done.succeed()


@dataclass(slots=True)
class Job:
    """One project's sync."""

    organisation: Organisation
    project: Project
    expected_calls: int
    number: int
    #: The lists that it reads; None: all of them.
    names: Collection[str] | None
    pass_at: float = 0.0

    def __post_init__(self) -> None:
        self.pass_at = self.organisation.pass_at

    @property
    def organisation_name(self) -> str:
        return self.organisation.name

    def run(self) -> Steps:
        """As `tasks/policy.py` has it."""
        ours, project = self.organisation, self.project
        if ours.env.now >= ours.parked_until:
            ours.seen.jobs += 1
            try:
                yield from self._sync()
            except TooFarError as far:
                ours.park(far.in_s)
            except BusyError:
                ours.env.process(self._come_back())
                return
        project.is_active = False

    def _come_back(self) -> Steps:
        yield self.organisation.env.timeout(BUSY_RETRY_S)
        self.organisation.queue.put(self)

    def _sync(self) -> Steps:
        ours, project = self.organisation, self.project
        project.come(ours.env.now)
        if ours.costs.job_s:
            yield ours.env.timeout(ours.costs.job_s)
        if self.names is not None:
            yield from self._read_when_due(self.names)
            return
        began, every_s = ours.env.now, ours.costs.lists_every_s
        is_listed = project.is_listed(began, every_s)
        if project.left or project.is_due("claims", began):
            for kind in work.KINDS:
                yield from self._stage(kind, is_listed)
        else:
            yield from ours.read(ours.costs.unchanged_reads + (work.lists(project.size) if is_listed else 0))
            if is_listed:
                project.list_read(began, every_s)

    def _read_when_due(self, names: Collection[str]) -> Steps:
        """The first time everything; later what is due."""
        ours, project = self.organisation, self.project
        assert ours.when_due is not None
        began = ours.env.now
        if project.left:
            for kind in work.KINDS:
                yield from self._stage(kind, is_listed=True)
        else:
            yield from ours.read(ours.when_due.calls(self.number, names, began))
        ours.when_due.note(self.number, names, began)

    def _stage(self, kind: str, is_listed: bool) -> Steps:
        ours, project, waiting = self.organisation, self.project, self.project.pending[kind]
        is_full, started_at = project.is_due(kind, ours.env.now), ours.env.now
        reads = work.reads(kind, project.size, ours.costs.unchanged_reads, is_full=is_full, is_listed=is_listed)
        is_old = bool(waiting) and not is_full
        yield from ours.read(reads + (len(waiting) if kind == "payments" and is_old else 0))
        if waiting:
            yield from ours.read_settings(kind, self.pass_at)
        for records in list(work.requests(kind, len(waiting), is_old=is_old)):
            yield from ours.call(records)
            for _ in range(records):
                ours.sent(waiting.popleft())
        if is_full:
            project.full_at[kind] = started_at
        if is_listed and kind == work.LISTS[-1]:
            project.list_read(started_at, ours.costs.lists_every_s)
