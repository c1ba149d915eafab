"""A mistyped job number: every command that takes one suggests the near ones, and starts nothing."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.cli.outside import Broker
from worker.assembly import Parts
from worker.cli.arguments import job_numbers
from worker.cli.exits import Exit
from worker.nearest import did_you_mean


@pytest.mark.parametrize(
    "typed",
    ["send 24-107", "resend 24-107 claim 7", "retry 24-107", "status 24-107", "history --job 24-107"],
)
def test_the_near_numbers_are_named(run: Run, broker: Broker, typed: str) -> None:
    """The same question everywhere; the commands that read Procore are in the integration tests."""
    result = run(*typed.split())
    assert (result.exit_code, result.stdout, broker.taken) == (Exit.REFUSED, "", [])
    assert result.stderr.startswith("24-107 is not synced: ")
    assert result.stderr.endswith(" Did you mean 24-017 or 24-026?\n")


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("24-107", " Did you mean 24-017?"),
        (" ab-1 ", " Did you mean AB-1, AB-10 or AB-2?"),
        ("harbour", " Did you mean Harbourline Pty Ltd?"),
        ("ha", ""),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_only_what_looks_like_it_is_named(typed: str, question: str) -> None:
    """As it is written in Procore, three at most; a part of a name finds the whole, and nothing is near to nothing."""
    known = ["AB-2", "24-017", "", "AB-1", "AB-10", "AB-1", "Harbourline Pty Ltd"]
    assert did_you_mean(typed, known) == question


def test_a_shell_completes_job_numbers(run: Run, broker: Broker) -> None:
    """Those that begin so; without a ledger there are none, and no error."""
    assert job_numbers("24") == ["24-017", "24-026"]
    assert job_numbers("x") == []


def test_without_a_ledger_nothing_is_completed(installation: None) -> None:
    """A shell shows no error of ours at a prompt."""
    assert job_numbers("24") == []


def test_a_known_number_is_taken_however_it_is_typed(run: Run, ledger: Parts, broker: Broker) -> None:
    """Case and blanks do not count."""
    assert run("status", "  24-017 ").exit_code == Exit.DONE
