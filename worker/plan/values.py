"""What a sync would do, as values: of each record and of a project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from worker.called import UNNAMED, Called
from worker.counting import counted, money
from worker.pipeline.so_far import Recoding
from worker.sought import Sought


class Action(StrEnum):
    """What would become of a record."""

    CREATE = "create"
    CHANGE = "change"
    ADOPT = "adopt"
    WITHDRAW = "withdraw"
    UNCHANGED = "unchanged"
    HELD = "held"
    WAITING = "waiting"
    IGNORED = "ignored"


#: What is counted only: there is nothing to look at, or nothing to do about it.
SETTLED = (Action.UNCHANGED, Action.IGNORED)
#: What is told by its cause.
STOPPED = (Action.HELD, Action.WAITING)


@dataclass(frozen=True, slots=True)
class Step:
    """One record: what would become of it and, in lines, what of it or why."""

    kind: str
    procore_id: str
    title: str
    action: Action
    details: tuple[str, ...] = ()
    code: str = ""
    #: What people call it.
    called: Called = UNNAMED

    @property
    def sentence(self) -> str:
        """Why it would be held or wait."""
        return self.details[0]

    @property
    def remedy(self) -> str:
        return self.details[1]


@dataclass(frozen=True)
class Plan:
    """One project's steps and what they cost."""

    job_number: str
    name: str
    steps: Sequence[Step] = ()
    #: Calls to Xero that write, and those that this look made, which the sync makes too.
    writes: int = 0
    reads: int = 0
    #: Why the project could not be looked at to its end.
    stopped: str = ""
    #: The organisation that it goes to, where there are several.
    organisation: str = ""
    #: What is left out as dated before the start, in words; or from which day one may start.
    opening: str = ""
    #: How the amounts of payments are taken, and what the claims say about that.
    payments: str = ""
    #: How many bills the mapping file of now would code otherwise and does not, in words; and which.
    coding: str = ""
    recoding: Recoding = field(default_factory=Recoding)

    @property
    def is_done(self) -> bool:
        """Whether a sync would do nothing, and nothing is held or waits."""
        return not self.stopped and all(step.action in SETTLED for step in self.steps)

    def fitting(self, wanted: Sought) -> Plan:
        """The same with those steps alone that are looked for; what it costs is that of all."""
        found = [step for step in self.steps if wanted.fits(step.called, step.title, step.procore_id, step.code)]
        return replace(self, steps=found)

    @property
    def counts(self) -> dict[str, dict[Action, int]]:
        """Kind to how many of each action."""
        found: dict[str, dict[Action, int]] = {}
        for step in self.steps:
            row = found.setdefault(step.kind, {})
            row[step.action] = row.get(step.action, 0) + 1
        return found


@dataclass(frozen=True, slots=True)
class Total:
    """Records of one action and one currency, added up as Procore states them; blank: those without an amount."""

    action: Action
    kind: str
    currency: str
    count: int
    amount: Decimal | None

    @property
    def said(self) -> str:
        """ "3 claims 12,345.60 AUD" """
        much = "" if self.amount is None else f" {money(self.amount, self.currency)}"
        kind = self.kind.replace("_", " ")
        return f"{self.count} {kind.removesuffix('s') if self.count == 1 else kind}{much}"


def totals(steps: Iterable[Step]) -> list[Total]:
    """In the order of the actions, then of the kinds as they come; amounts of different currencies are never added."""
    found: dict[tuple[Action, str, str, bool], list[Decimal]] = {}
    for step in steps:
        amount = step.called.amount
        key = (step.action, step.kind, step.called.currency if amount is not None else "", amount is not None)
        found.setdefault(key, []).append(amount or Decimal(0))
    order = list(Action)
    return [
        Total(action, kind, currency, len(amounts), sum(amounts, Decimal(0)) if has_amount else None)
        for (action, kind, currency, has_amount), amounts in sorted(
            found.items(), key=lambda one: order.index(one[0][0])
        )
    ]


def in_calls(writes: int, reads: int) -> str:
    """ "3 calls to Xero that write, and 2 that read" """
    if not writes + reads:
        return "no call to Xero"
    said = [f"{counted(writes, 'call')} to Xero that write{'s' if writes == 1 else ''}"] if writes else []
    many = f"{reads:,}" if writes else f"{counted(reads, 'call')} to Xero"
    said += [f"{many} that read{'s' if reads == 1 else ''}"] if reads else []
    return " and ".join(said)
