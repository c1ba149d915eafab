"""The command as a shell runs it: with a terminal, with one that wants no colour, without one, and with completion."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.ledgers import make_tables
from worker.assembly import Parts
from worker.ledger.projects import Seen
from worker.settings import Settings

PROGRAMS = Path(sys.executable).parent
#: Escape sequences that give a colour; bold and dim are none.
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a ledger in which one job failed."""
    parts = Parts(Settings(database_url=f"sqlite:///{tmp_path}/procore-xero.db"))
    make_tables(parts.engine)
    parts.projects.record([Seen(310417, "24-017", "Northbank Apartments", "Send to Xero", "eligible")])
    job = parts.jobs.hurry("24-017", "Northbank Apartments")
    assert job is not None
    assert parts.jobs.claim(job.task_id, "a worker") is not None
    parts.jobs.end(job.id, "a worker", "failed", "24-017: 1 of 2 records held", {})
    parts.engine.dispose()
    return tmp_path


def environment(more: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": f"{PROGRAMS}:/usr/bin:/bin", "TERM": "xterm-256color", "COLUMNS": "80", **more}


def on_a_terminal(home: Path, *arguments: str, typed: str = "", **env: str) -> str:
    """What a person sees, escape sequences included, who has typed something ahead."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    command = [str(PROGRAMS / "procore-xero"), *arguments]
    with subprocess.Popen(
        command, cwd=home, env=environment(env), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ):
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
    os.close(ours)
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # on Linux this is how a terminal says that nobody writes to it any more
        return b""


def in_bash(home: Path, script: str, **env: str) -> str:
    command = ["/bin/bash", "-euc", script]
    done = subprocess.run(command, cwd=home, env=environment(env), capture_output=True, text=True, check=True)
    return done.stdout


def test_a_terminal_has_colours_unless_it_wants_none(home: Path) -> None:
    """NO_COLOR is heeded, and nothing but the colour goes with it."""
    with_colour, without = on_a_terminal(home, "status"), on_a_terminal(home, "status", NO_COLOR="1")
    assert COLOUR.search(with_colour)
    assert not COLOUR.search(without)
    assert _plain(with_colour) == _plain(without)
    assert not COLOUR.search(on_a_terminal(home, "--help", NO_COLOR="1"))


def test_without_a_terminal_there_are_no_escape_sequences(home: Path) -> None:
    """A pipe gets text, the same that a terminal shows, in lines of 80; only a path stays whole, to be copied."""
    piped = in_bash(home, "procore-xero status | cat")
    assert "\x1b" not in piped
    assert piped.split() == _plain(on_a_terminal(home, "status")).split()
    assert max(len(line) for line in piped.splitlines() if "/" not in line) <= 80


def test_a_question_is_asked_on_a_terminal(home: Path) -> None:
    """Before all failed jobs start; whoever does not say yes starts none."""
    said = on_a_terminal(home, "retry", "--all-failed", typed="n\n")
    assert "Retry the 1 job that failed? [y/N]" in said
    assert "Nothing was started." in said


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (("st",), ["start", "status"]),
        pytest.param(("re",), ["recode", "retention", "retry", "resend", "report"], marks=pytest.mark.deep),
        (("problems", "--pro"), ["--project"]),
        (("status", "24"), ["24-017"]),
        pytest.param(("problems", "--project", ""), ["24-017"], marks=pytest.mark.deep),
        pytest.param(("problems", "--outcome", "w"), ["waiting"], marks=pytest.mark.deep),
    ],
)
def test_bash_completes_commands_options_and_job_numbers(
    home: Path, words: tuple[str, ...], completed: list[str]
) -> None:
    """As bash itself would ask, with the script that --show-completion prints."""
    typed = " ".join(f"'{word}'" for word in ("procore-xero", *words))
    script = f"""
        source <(procore-xero --show-completion bash)
        COMP_WORDS=({typed}); COMP_CWORD={len(words)}
        _procore_xero_completion procore-xero
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    assert sorted(in_bash(home, script).split()) == sorted(completed)


def _plain(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "")
