"""How a state machine is played: so many examples, drawn from a seed, each independent of the one before."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

#: Draws like Hypothesis itself. But what is drawn by another backend is not varied: Hypothesis's own would play five
#: variants of each example, which differ in a step.
BACKEND = "independent"
STEPS = 7
#: Seeds with their numbers of examples: a few for `make test`; `make soak` plays as many as one likes.
SEEDS = [(0, 2), *(pytest.param(number, 50, marks=pytest.mark.deep) for number in range(1, 6))]


def explore(machine: type[RuleBasedStateMachine], number: int, examples: int, steps: int = STEPS) -> None:
    """Play examples of the seed of this number; the first that fails is made small, printed and raised."""
    AVAILABLE_PROVIDERS[BACKEND] = HypothesisProvider
    drawn = settings(
        backend=BACKEND,
        max_examples=examples,
        stateful_step_count=steps,
        phases=(Phase.generate, Phase.shrink),
        deadline=None,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    seeded: type[RuleBasedStateMachine] = seed(number)(type(machine.__name__, (machine,), {}))
    gc.collect()
    gc.freeze()  # what was imported stays, and is not looked at again after each few steps
    try:
        run_state_machine_as_test(seeded, settings=drawn)
    finally:
        gc.unfreeze()
