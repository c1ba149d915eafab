"""`resend`: what it refuses before it asks Xero anything."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import NORTHBANK, Run
from worker.assembly import Parts
from worker.cli.exits import Exit
from worker.ledger.projects import Organisations


@pytest.fixture(autouse=True)
def a_known_project(ledger: Parts) -> None:
    ledger.projects.record([NORTHBANK])
    Organisations(ledger.engine, ledger.now).record("tenant", ledger.settings.xero_client_id, "Redgum", "!")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("24-017", "vendor", "1"), "'vendor' is no kind of record that is meant here"),
        (("24-017", "claim", "58820"), "Project 24-017 has sent no claim 58820."),
        (("24-017", "Payments", " 7 "), "Project 24-017 has sent no payment 7."),
    ],
)
def test_what_never_went_is_not_sent_once_more(run: Run, arguments: tuple[str, ...], words: str) -> None:
    """A kind that nobody owes, or a record that is not in Xero by our hand: a sentence, and nothing is queued."""
    result = run("resend", *arguments)
    assert result.exit_code == Exit.REFUSED
    assert words in " ".join(result.stderr.split())
