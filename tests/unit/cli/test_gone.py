"""`gone`: a person says that what Procore no longer shows was deleted there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.cli.conftest import NORTHBANK, Run
from tests.unit.cli.outside import Broker
from tests.unit.cli.story import OWNER, TENANT, a_job, in_xero, is_held
from worker.assembly import Parts
from worker.called import Called
from worker.cli.exits import Exit
from worker.holds import HoldCode
from worker.ledger.entries import Entries
from worker.ledger.names import Names
from worker.ledger.tables import Job


def reasons(ledger: Parts) -> dict[str, object]:
    """Why each claim is gone, as far as somebody said so."""
    entries = Entries(ledger.engine, TENANT, ledger.jobs, Job(), OWNER, NORTHBANK.procore_id, ledger.now)
    return {id_: entry.facts.get("gone") for id_, entry in entries.live_in_project("claims").items()}


@pytest.fixture
def ledger_with_two(broker: Broker) -> Parts:
    """Two claims that are in Xero and that Procore no longer shows."""
    in_xero(broker.ledger, NORTHBANK, "claims", "58820", "58821")
    for id in ("58820", "58821"):
        is_held(broker.ledger, NORTHBANK, id, HoldCode.OUT_OF_SIGHT, why="so", document=f"bill {id}")
    there = Called("Slabs", number="INV-1", amount=Decimal("7.00"), currency="AUD")
    Names(broker.ledger.engine, NORTHBANK.procore_id).note({("claims", "58830"): there}, [])
    return broker.ledger


def test_all_of_them_after_a_yes(run: Run, broker: Broker, ledger_with_two: Parts) -> None:
    """Without a yes they are named, and nothing is written; with it the job starts."""
    result = run("gone", " 24-017 ")
    assert (result.exit_code, broker.taken) == (Exit.REFUSED, [])
    said = " ".join(result.stderr.split())
    assert "claim 58820: Procore no longer shows it" in said
    assert "Were these 2 deleted in Procore? Nobody is there to ask; say so with --yes." in said
    assert reasons(ledger_with_two) == {"58820": None, "58821": None}
    assert run("gone", "24-017", "--yes").exit_code == Exit.DONE
    assert [job.job_number for job in broker.taken] == ["24-017"]
    assert all(str(why).startswith("a person said so on ") for why in reasons(ledger_with_two).values())


def test_one_of_them(run: Run, broker: Broker, ledger_with_two: Parts) -> None:
    """By kind and number, as `problems` shows them."""
    assert run("gone", "24-017", "claim", "58821", "--yes").exit_code == Exit.DONE
    assert [id_ for id_, why in reasons(ledger_with_two).items() if why] == ["58821"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("claim",), "24-017 has no record 'claim'"),
        (("vendor", "1"), "'vendor' is no kind of record that is meant here"),
        (
            ("payment", "7"),
            "payment 7 is not held as out of Procore's sight. Where it stands: procore-xero open 24-017 pay",
        ),
        (("claim", "58830"), "Slabs, INV-1, 7.00 AUD (claim 58830) is not held as out of Procore's sight"),
    ],
)
@pytest.mark.usefixtures("ledger_with_two")
def test_what_is_not_missing_is_refused(run: Run, broker: Broker, arguments: tuple[str, ...], words: str) -> None:
    """A sentence, and nothing is started."""
    result = run("gone", "24-017", *arguments, "--yes")
    assert (result.exit_code, broker.taken) == (Exit.REFUSED, [])
    assert words in " ".join(result.stderr.split())


def test_nothing_is_missing(run: Run, broker: Broker) -> None:
    """All of none is refused, too; whether a record is in Xero already is another question."""
    in_xero(broker.ledger, NORTHBANK, "claims", "58820")
    assert "No record of 24-017 is held because Procore no longer shows it." in run("gone", "24-017").stderr
    said = run("match", "24-017", "claim", "58820").stderr
    assert "claim 58820 is not held as in Xero already, so there is nothing to match." in said
    assert "procore-xero open 24-017 claim 58820" in said


def test_not_while_its_job_runs(run: Run, broker: Broker, ledger_with_two: Parts) -> None:
    """It is about to find out by itself."""
    a_job(ledger_with_two, NORTHBANK, "running")
    result = run("gone", "24-017", "--yes")
    assert (result.exit_code, broker.taken) == (Exit.REFUSED, [])
    assert "is running just now" in result.stderr
    assert reasons(ledger_with_two) == {"58820": None, "58821": None}
