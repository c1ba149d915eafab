"""What a plan adds up: by action, kind and currency, and never across two of them."""

from __future__ import annotations

from decimal import Decimal

from worker.called import Called
from worker.plan.values import Action, Plan, Step, totals


def a_step(action: Action, kind: str, amount: str = "", currency: str = "AUD") -> Step:
    called = Called(amount=Decimal(amount), currency=currency) if amount else Called()
    return Step(kind, "1", f"{kind} 1", action, called=called)


def test_currencies_and_actions_are_added_up_apart() -> None:
    """A credit takes off; what is held is no part of what is created."""
    steps = [
        a_step(Action.HELD, "claims", "5.00"),
        a_step(Action.CREATE, "claims", "100.10"),
        a_step(Action.CREATE, "claims", "-20.00"),
        a_step(Action.CREATE, "claims", "7.00", "NZD"),
        a_step(Action.CREATE, "cost_codes"),
    ]
    assert [(str(one.action), one.said) for one in totals(steps)] == [
        ("create", "2 claims 80.10 AUD"),
        ("create", "1 claim 7.00 NZD"),
        ("create", "1 cost code"),
        ("held", "1 claim 5.00 AUD"),
    ]


def test_nothing_is_to_do_only_where_nothing_is_open() -> None:
    """What is held or waits is something, and so is a project that could not be looked at."""
    done = [a_step(Action.UNCHANGED, "claims", "1.00"), a_step(Action.IGNORED, "claims")]
    assert Plan("1", "", done).is_done
    assert Plan("1", "").is_done
    assert not Plan("1", "", done, stopped="403").is_done
    assert not any(
        Plan("1", "", [*done, a_step(action, "claims")]).is_done for action in set(Action) - {"unchanged", "ignored"}
    )
