"""What a sync would do as a page of its own, for the bookkeeper who agrees to a first sync."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.plan.values import STOPPED, Action, Plan, Step, Total, in_calls, totals
from worker.reports import rendering
from worker.reports.causes import Cause, causes

#: What a person is needed for comes first; what is left as it is comes not at all.
SHOWN = (Action.HELD, Action.WAITING, Action.WITHDRAW, Action.CREATE, Action.CHANGE, Action.ADOPT)
HEADINGS = {
    Action.HELD: "Held: a person is needed",
    Action.WAITING: "Waits: goes by itself later",
    Action.WITHDRAW: "Taken out of Xero",
    Action.CREATE: "Created in Xero",
    Action.CHANGE: "Changed in Xero",
    Action.ADOPT: "In Xero already, and taken over",
}


@dataclass(frozen=True, slots=True)
class Group:
    """What would become of some records of a project."""

    action: Action
    heading: str
    totals: Sequence[Total]
    #: Claims, payments, invoices: what people know by a number and an amount.
    documents: Sequence[Step]
    #: Vendors, cost codes and options, of which there are many.
    others: Sequence[Step]

    @property
    def causes(self) -> Sequence[Cause[Step]]:
        """Of what is held or waits: what it has in common."""
        return causes([*self.documents, *self.others]) if self.action in STOPPED else ()


@dataclass(frozen=True)
class Page:
    title: str
    made_at: datetime
    plans: Sequence[Plan]

    @property
    def counts(self) -> dict[Action, int]:
        steps = [step for plan in self.plans for step in plan.steps]
        return {action: sum(step.action is action for step in steps) for action in Action}

    @property
    def totals(self) -> dict[Action, list[Total]]:
        """Of all projects, what has an amount."""
        found = [one for one in totals(step for plan in self.plans for step in plan.steps) if one.amount is not None]
        by_action = {action: [one for one in found if one.action is action] for action in (*SHOWN, Action.UNCHANGED)}
        return {action: some for action, some in by_action.items() if some}

    @property
    def writes(self) -> int:
        return sum(plan.writes for plan in self.plans)

    @property
    def calls(self) -> str:
        return in_calls(self.writes, sum(plan.reads for plan in self.plans))

    @property
    def is_done(self) -> bool:
        return all(plan.is_done for plan in self.plans)

    @staticmethod
    def held(plan: Plan) -> int:
        return sum(step.action is Action.HELD for step in plan.steps)

    @staticmethod
    def groups(plan: Plan) -> list[Group]:
        found = []
        for action in SHOWN:
            steps = [step for step in plan.steps if step.action is action]
            documents = [step for step in steps if step.called.amount is not None]
            others = [step for step in steps if step.called.amount is None]
            if steps:
                found.append(Group(action, HEADINGS[action], totals(steps), documents, others))
        return found


def html(plans: Sequence[Plan], title: str, made_at: datetime) -> str:
    """The file's content; `title` is what the company is called."""
    return rendering.render("plan.html", page=Page(title, made_at, plans), headings=HEADINGS)
