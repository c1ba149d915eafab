"""What an audit says is to be done is done, by hand or by the command beside it, and the next audit is clean."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks.audit import audit_books
from tests.integration.audited import seed
from tests.integration.conftest import MakeWorld
from tests.integration.remedies import REMEDIES, Case
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker import assembly
from worker.audit.remedies import What
from worker.audit.result import Difference
from worker.cli.app import app

#: Done in worlds of their own (test_payments_before_tax, test_same_number, test_acknowledged).
ELSEWHERE = {What.PAID_IN_PART, What.SAME_RECORD_TWICE, What.EARLIER_ACCOUNT}
CASES: Mapping[str, Case] = {
    f"{what.name} {number}": case for what, cases in REMEDIES.items() for number, case in enumerate(cases)
}


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    made = a_synced_world(a_world, seed())
    monkeypatch.setattr(assembly, "parts", lambda: made.parts)
    return made


def found(world: World, what: What) -> Difference:
    differences = audit_books(world.parts).differences
    fitting = [one for one in differences if what in one.whats]
    assert fitting, [(one.title, one.sentence, one.whats) for one in differences]
    return fitting[0]


def typed(command: str) -> str:
    """What a person types, with a reason and without the question."""
    arguments = shlex.split(command.replace("REASON", "seen, and right"))[1:]
    arguments += ["--yes"] if arguments[0] in ("acknowledge", "recode") else []
    with capture_logs():
        result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_every_kind_has_its_remedy() -> None:
    """A case for each, done for real below; and each reads as a sentence."""
    assert set(REMEDIES) | ELSEWHERE == set(What)
    for what in What:
        assert what.remedy.sentence.endswith("."), what
        assert len(what.remedy.sentence) < 320, what


@pytest.mark.parametrize("name", CASES)
def test_the_remedy_makes_the_next_audit_clean(world: World, name: str) -> None:
    """Whatever was edited: the difference says the remedy, and once it is done nothing differs any more."""
    case, what = CASES[name], What[name.rpartition(" ")[0]]
    case.edit(world)
    first = found(world, what)
    assert what.remedy.sentence in first.remedy
    for step in case.steps:
        if callable(step):
            step(world)
            continue
        (command,) = [one for one in first.commands if f" {step} " in one]
        typed(command)
        world.run_all()
    left = [f"{one.title}: {one.sentence}" for one in audit_books(world.parts).differences]
    assert left == []
