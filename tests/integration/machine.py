"""Random faults: people work in both systems, workers run, and anything goes wrong at any moment.

Hypothesis draws the steps. After each one there is at most one document for each record, and after each job nothing is
silent and nothing that is said is untrue. In the end everything calms down, and the books are what Procore says.

A failure prints its steps as calls. Copied into a test they are one:

    state = Troubled()
    state.begin(...)
    ...
    state.teardown()
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.integration.firm import NUMBERS, Settings, beginning
from tests.integration.judging import check_not_silent, check_once, check_tied, is_left, untrue
from tests.integration.mortal import MortalWorld, fresh
from tests.integration.people import People
from tests.integration.resting import check_closed, check_credits, check_equal, check_settled, open_in
from tests.integration.scene import Scene
from worker.http import exact_json

READS = (
    "GET /TrackingCategories",
    "GET /Contacts",
    "GET /Invoices",
    "GET /Payments",
    "GET /rest/v1.1/requisitions",
    "GET /rest/v1.0/contract_payments",
    "GET /rest/v1.1/projects/310/vendors",
)
PLACE = st.sampled_from(("before", "after"))
#: What is entered just before a job, and where it is written to.
WORK = {
    "bill": "/Invoices",
    "credit note": "/CreditNotes",
    "credit": "/CreditNotes/.*/Allocations",  # where it is set against a bill
    "invoice": "/Invoices",
    "paid invoice": "/Payments",
    "payment": "/Payments",
    "vendor": "/Contacts",
    "cost code": "/Tracking",
    "changed claim": "/Invoices",
    "changed payment": "/Payments",
    "nothing": "",
}
ENTERED = st.sampled_from((*WORK, "bill", "credit", "payment", *2 * ("changed claim", "changed payment")))
#: Which of the writes that go there.
NTH = st.sampled_from((1, 1, 1, 2))
#: Most records are the first project's.
PROJECT = st.sampled_from((310, 310, 310, 311))
LOGINS = ("POST /connect/token", "POST /oauth/token")
#: Seconds within the life of a key, between it and the time when a request is surely done, after it, and a day.
SPANS = (20, 100, 300, 500, 25 * 3600)
DAY = SPANS[-1]
THEN = st.sampled_from((0, 100, 500, 500))
#: Minutes by which a machine's own clock is off.
OFF = st.sampled_from((0, -9, -7, 7, 9))
#: Passes after which the two systems must have come to rest.
MOST_PASSES = 5
#: Times that one job may come back in calm weather.
MOST_RETURNS = 5


class Troubled(People):
    """Workers at work, and everything that goes wrong with them. Nobody touches Xero but to approve bills."""

    def __init__(self) -> None:
        super().__init__()
        #: Things that happened while a worker was at work.
        self.between = 0

    # --- workers, and what goes wrong --------------------------------------------------------------------------

    @rule(project=PROJECT)
    def job(self, project: int) -> None:
        self._work([project])

    @rule()
    def whole_pass(self) -> None:
        self.world.pass_begins()
        self._work(sorted(NUMBERS))

    @rule(
        project=PROJECT,
        entered=ENTERED,
        write=NTH,
        what=st.sampled_from(("lost_answer", "lost_answer", "cut", "500", "503", "429")),
        times=st.sampled_from((1, 1, 2)),
        then=THEN,
    )
    def job_in_trouble(self, project: int, entered: str, write: int, what: str, times: int, then: int) -> None:
        """The answer to this write of the job, and to as many as said, is not what it should be; then time passes."""

        def happens(request: httpx.Request) -> None:
            self.seen[f"answer: {what}"] += 1
            self._fault(request.method, request.url.path, what, times)

        self._enter_one(project, entered)
        self.world.on_write("before", WORK[entered], write, happens)
        self._work([project], then)

    @rule(project=PROJECT, place=PLACE, entered=ENTERED, write=NTH, then=THEN)
    def job_killed_on_the_wire(self, project: int, place: str, entered: str, write: int, then: int) -> None:
        """Its worker dies when this write is about to arrive, or was answered."""
        self._enter_one(project, entered)
        self.world.on_write(place, WORK[entered], write, self.world.kill)
        self._work([project], then)

    @rule(project=PROJECT, entered=ENTERED, transactions=st.integers(1, 60), then=THEN)
    def job_killed_in_the_ledger(self, project: int, entered: str, transactions: int, then: int) -> None:
        """Its worker dies before it begins its transaction of this number."""
        self._enter_one(project, entered)
        self.world.fuse = transactions
        self._work([project], then)

    @rule(
        project=PROJECT,
        place=PLACE,
        entered=ENTERED,
        write=NTH,
        what=st.sampled_from(("other", "taken over", "edit")),
        off=OFF,
    )
    def job_with_another(self, project: int, place: str, entered: str, write: int, what: str, off: int) -> None:
        """While this write is on its way another worker works, with a clock of its own, or Procore changes."""

        def happens(request: httpx.Request) -> None:
            self.between += 1
            since = self.world.clock.now()
            with self.world.on_another_machine(timedelta(minutes=off)):
                self._happens(what, project)
            self.world.give_up(request, since)

        self._enter_one(project, entered)
        self.world.on_write(place, WORK[entered], write, happens)
        self._work([project])

    @rule(
        entered=st.sampled_from(("payment", "payment", "bill")),
        first=st.sampled_from(sorted(NUMBERS)),
        place=PLACE,
        fate=st.sampled_from(("nothing", "refused", "killed", "other", "lost_answer", "cut", "cut_short", "500")),
        then=THEN,
    )
    def shared_pass(self, entered: str, first: int, place: str, fate: str, then: int) -> None:
        """Each project brings a new one in the same pass. The first job hands its own over, the second takes that along
        in its request, and this happens to it."""

        def happens(request: httpx.Request) -> httpx.Request | None:
            (wrapper, documents), *_ = exact_json.loads(request.content).items()
            self.seen[f"requests of {len(documents)} from a shared pass: {fate}"] += 1
            if fate == "killed":
                self.world.kill()
            elif fate == "other":
                self.between += 1
                since = self.world.clock.now()
                self._happens("other", first)
                self.world.give_up(request, since)
            elif fate == "refused":  # what was taken along goes by its own job
                return self.world.spoil(wrapper, 1, Date="2000-01-01")(request) if len(documents) > 1 else None
            elif fate != "nothing":
                self._fault(request.method, request.url.path, fate, 1)
            return None

        for project_id in NUMBERS:
            self._enter_one(project_id, entered)
        self.world.pass_begins()
        self._one_job(first)
        self.world.on_write("before" if fate == "refused" else place, WORK[entered], 1, happens)
        self._work([other for other in NUMBERS if other != first])
        self._work([first], then)

    @rule(
        at=st.sampled_from((*READS, *LOGINS)),
        what=st.sampled_from(("cut", "500", "503", "429")),
        times=st.sampled_from((1, 5)),
    )
    def no_answer(self, at: str, what: str, times: int) -> None:
        """These reads fail, from now on: a passing trouble, or one that outlasts the job's patience."""
        method, path = at.split(" ", 1)
        if at in LOGINS:
            self.world.restart()  # which forgets the token that it has
        self._fault(method, path, what, times)

    @rule(seconds=st.sampled_from(SPANS))
    def later(self, seconds: int) -> None:
        self.world.clock.advance(seconds)

    @rule(off=OFF)
    def clock_is_set(self, off: int) -> None:
        """Of the machine that works, in the middle of everything."""
        self.seen["a clock is set"] += 1
        self.world.machine.off = timedelta(minutes=off)

    def _fault(self, method: str, path: str, what: str, times: int) -> None:
        more: dict[str, Any] = {"times": times}
        if what.isdigit():
            more["status"] = int(what)
            more["headers"] = {"Retry-After": "60"} if what == "429" else {}
        kind = "status" if what.isdigit() else what
        if path.startswith(("/rest", "/oauth")):
            self.world.procore_fault(kind, path, method=method, **more)
        else:
            self.world.fault(kind, method, path, **more)

    def _happens(self, what: str, project: int) -> None:
        self.seen[f"meanwhile: {what}"] += 1
        if what == "edit":
            self.claim(11, "77.00", "approved", 1, "03-300")
        elif what == "taken over":
            self.world.clock.advance(self.world.settings.lease_s + 1)
            self.world.deliver(NUMBERS[project])
        else:
            for number in NUMBERS.values():  # its own, too: it must be refused
                self.world.deliver(number)

    def _work(self, projects: list[int], then: int = 0) -> None:
        for project_id in projects:
            between = self.between
            ended = self._one_job(project_id)
            if not ended or between != self.between:
                continue
            scene = self.scene()
            check_not_silent(scene, project_id)
            # what is said early in a job may have been put right by the rest of it; the next one says what is so
            if untrue(scene, project_id) and self._one_job(project_id):
                assert not (found := untrue(self.scene(), project_id)), found
        self.world.clock.advance(then)

    def _one_job(self, project_id: int) -> bool:
        """Whether it came to its end."""
        self.world.wait_for_the_dead(NUMBERS[project_id])
        report = self.world.deliver(NUMBERS[project_id])
        self.world.spare()
        scene = self.scene()
        check_once(scene)
        check_tied(scene)
        self.seen["jobs" if report else "jobs that did not end"] += 1
        return report is not None

    # --- how it ends -------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Everything calms down, unless something was found already."""
        if not hasattr(self, "world"):
            return
        try:
            if sys.exc_info()[0] is None:
                self._ends_well()
        finally:
            self.seen["examples"] += 1
            self.seen["workers killed"] += self.world.deaths
            self.seen["jobs that came back"] += self.world.returns
            self.world.close()

    def _ends_well(self) -> None:
        self.world.calm()
        self._come_to_rest()
        scene = self.scene()
        check_once(scene)
        check_tied(scene)
        for project_id in NUMBERS:
            check_not_silent(scene, project_id)
            assert not (found := untrue(scene, project_id, is_calm=True)), found
        check_settled(scene)
        check_equal(scene)
        if self.settings.amounts == "before_tax":
            check_closed(scene)
        if self.settings.credits == "allocate":
            check_credits(scene)
        self.seen.update(hold.code for hold in scene.holds)
        if self.has_twin:
            self._check_twin(scene)

    def _check_twin(self, scene: Scene) -> None:
        """The same Procore, sent once and without faults into empty books, makes the same documents."""
        self.world.close()
        empty = beginning(Settings(), synced=False).seed["xero"]
        self.world = MortalWorld(fresh({"procore": scene.procore, "xero": empty}, self.settings.mapping))
        self.world.pass_begins()
        for number in NUMBERS.values():
            assert self.world.deliver(number) is not None
        twin = self.scene()
        ours, theirs = scene.as_said(), twin.as_said()
        for key in {*ours, *theirs} - open_in(scene) - open_in(twin):
            assert ours.get(key) == theirs.get(key), f"{key}: {ours.get(key)}, without faults {theirs.get(key)}"

    def _come_to_rest(self) -> None:
        """Passes, a day apart, until none changes anything; they send nothing then but what Xero refuses once more."""
        restless, sent = [*NUMBERS.values()], []
        for _ in range(MOST_PASSES):
            self.world.clock.advance(DAY)
            self.world.pass_begins()
            for number in [*restless]:
                books, since = self.scene().as_said(), self.world.last()
                self._to_its_end(number)
                sent = self.world.writes(since)
                is_quiet = not sent or (self.world.holds() and self.scene().as_said() == books)
                if is_quiet and not self._leaves(number):
                    restless.remove(number)
            if not restless:
                return
        raise AssertionError(f"still writing after {MOST_PASSES} passes: {sent[-1:]}")

    def _leaves(self, number: str) -> bool:
        """Whether the project's last job has left something to the next pass."""
        scene = self.scene()
        return any(NUMBERS[own] == number and is_left(scene, key) for key, (own, _) in scene.records.items())

    def _to_its_end(self, number: str) -> None:
        for _ in range(MOST_RETURNS):
            if self.world.deliver(number) is not None:
                return
            self.world.clock.advance(500)
        raise AssertionError(f"{number} does not come to an end: {self.world.job(number).message}")
