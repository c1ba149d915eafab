"""`sandbox`: what is refused before anything is served. Serving itself is tested with a real process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from worker.cli.exits import Exit


def test_a_wrong_seed_is_one_sentence_that_names_the_place(run: Run, tmp_path: Path) -> None:
    """Whoever writes a seed is told which value is wrong."""
    seed = tmp_path / "seed.json"
    seed.write_text('{"procore": {"projects": [{"id": "x"}]}}')
    result = run("sandbox", "--seed", str(seed))
    assert result.exit_code == Exit.REFUSED
    assert result.stderr == "Seed: procore.projects[0].id: Input should be a valid integer.\n"


def test_a_seed_that_is_not_there_is_one_sentence(run: Run) -> None:
    """A mistyped file name is not a traceback."""
    result = run("sandbox", "--seed", "nowhere.json")
    assert result.exit_code == Exit.REFUSED
    assert result.stderr.startswith("The seed file nowhere.json cannot be read")


@pytest.mark.parametrize("place", ["nowhere/books.json", "."])
def test_a_dump_that_cannot_be_written_is_refused_at_the_start(run: Run, place: str) -> None:
    """The books of a long session are not lost at its end."""
    result = run("sandbox", "--dump", place)
    assert result.exit_code == Exit.REFUSED
    assert f"cannot be written to {place}" in result.stderr
