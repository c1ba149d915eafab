"""A ledger on SQLite: `migrate` alone makes it, the others say where it should be, and only its owner reads it."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.cli.conftest import NORTHBANK, Run
from tests.unit.cli.story import a_job
from worker.assembly import Parts, forget_parts, parts
from worker.cli.exits import Exit
from worker.doctor import machine
from worker.doctor.finding import State
from worker.ledger import sqlite_file
from worker.ledger.database import migrate, transaction
from worker.settings import settings

#: Everything that begins with the ledger.
COMMANDS = (
    *("status", "problems", "history", "calls", "export", "report --html -", "plan"),
    *("send 24-017", "retry 24-017", "resend 24-017 claim 1"),
)


def _rights(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_makes_a_ledger_where_there_is_none(
    run: Run, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Started in the wrong folder, it says where it looked; an empty file there would say that nothing is held."""
    monkeypatch.setenv("DATABASE_URL", "sqlite:///procore-xero.db")
    result = run(*command.split())
    assert result.exit_code == Exit.REFUSED
    assert f"There is no ledger at {tmp_path / 'procore-xero.db'}." in result.stderr
    assert "`procore-xero migrate`" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_migrate_says_where_it_made_a_new_one(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In full, however the address is written: who meant another folder sees it."""
    monkeypatch.setenv("DATABASE_URL", "sqlite:///procore-xero.db")
    made, again = run("migrate"), run("migrate")
    assert [one.exit_code for one in (made, again, run("status"))] == [Exit.DONE] * 3
    assert made.stdout.startswith("Made a new, empty ledger (revision ")
    assert again.stdout.startswith("The ledger is up to date (revision ")
    assert made.stdout.endswith(f": {tmp_path / 'procore-xero.db'}\n")
    summary = json.loads(run("migrate", "--json").stdout)["summary"]
    assert (summary["database"], summary["new"]) == (str(tmp_path / "procore-xero.db"), False)


def test_migrate_says_why_it_can_make_none(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a time to try again later: the address is to be corrected."""
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.db")
    result = run("migrate")
    assert result.exit_code == Exit.REFUSED
    assert "The ledger /nowhere/at/all.db cannot be made or opened (No such file or directory)." in result.stderr


@pytest.mark.parametrize("command", ["status", "problems", "history"])
def test_an_empty_ledger_says_which_it_is(run: Run, ledger: Parts, command: str) -> None:
    """Nothing held because nothing was ever sent is another thing than nothing held."""
    said = run(command).stdout
    assert f"There was no pass yet in this ledger:\n  {Path.cwd()}/ledger.db\n" in said
    assert "No record" not in said


def test_problems_of_a_ledger_that_was_used_are_what_they_were(run: Run, ledger: Parts) -> None:
    """A job that was sent by hand is enough."""
    a_job(ledger, NORTHBANK, "done")
    assert "No record is held." in run("problems").stdout


def test_only_its_owner_reads_it(ledger: Parts, tmp_path: Path) -> None:
    """The files that SQLite writes beside it, too, whatever the process' mask lets through."""
    before = os.umask(0)
    try:
        (tmp_path / "ledger.db").unlink()
        forget_parts()
        settings.cache_clear()
        migrate(parts().engine)
        with transaction(parts().engine):
            assert {path.name for path in tmp_path.iterdir()} == {"ledger.db", "ledger.db-wal", "ledger.db-shm"}
            assert {_rights(path) for path in tmp_path.iterdir()} == {"0o600"}
    finally:
        os.umask(before)


def test_another_user_is_told_whose_it_is(
    run: Run, ledger: Parts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A command typed by somebody else than the worker's user; SQLite would say that it cannot open a file."""
    ledger.engine.dispose()
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # who runs this may be root, who may read everything
    result = run("status")
    assert result.exit_code == Exit.REFUSED
    assert f"The ledger {tmp_path / 'ledger.db'} is closed to this user, or can only be read." in result.stderr


def test_the_doctor_warns_of_one_that_others_can_read(ledger: Parts, tmp_path: Path) -> None:
    """As a version before this made it; whose rights they are to be is not for `migrate` to change."""
    assert State.WARN not in {one.state for one in machine.check_ledger(ledger) if one.about == "Database"}
    (tmp_path / "ledger.db").chmod(0o644)
    migrate(ledger.engine)
    (warned,) = [one for one in machine.check_ledger(ledger) if one.about == "Database" and one.state is State.WARN]
    assert warned.remedy == f"chmod 600 {tmp_path / 'ledger.db'}*"


def test_another_ones_lock_is_waited_for_and_nothing_else(tmp_path: Path) -> None:
    """What is wrong with a file itself is said at once, and not after half a minute."""
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(path, timeout=0)) as other:
        one.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            other.execute("CREATE TABLE a (b)")
    with closing(sqlite3.connect(path)) as one, pytest.raises(sqlite3.OperationalError) as wrong:
        one.execute("SELECT 1 FROM nothing")
    assert (sqlite_file._is_busy(locked.value), sqlite_file._is_busy(wrong.value)) == (True, False)
