"""`init` and `migrate`: the first two commands of an installation."""

from __future__ import annotations

import re
from pathlib import Path

from tests.unit.cli.conftest import Run
from worker.cli.exits import Exit
from worker.cli.init import TEMPLATE
from worker.mapping import file as mapping_file
from worker.mapping.rules import Accounts, Rules


def test_the_template_is_a_valid_mapping_file_that_guesses_no_account() -> None:
    """What a newcomer gets can be loaded as it is, and sends nothing to an account nobody chose."""
    loaded = mapping_file.load(TEMPLATE)
    assert loaded.accounts == Accounts()
    assert loaded.retention.account is None
    assert loaded.bank_accounts == {}


def test_every_example_in_the_template_is_valid_too(tmp_path: Path) -> None:
    """Deleting the # before an example is enough."""
    file = tmp_path / "mapping.toml"
    example = r'^# (?=("[^"]+"|\w+) = |\[projects|\[+organisations)'
    file.write_text(re.sub(example, "", TEMPLATE.read_text(), flags=re.M))
    loaded = mapping_file.load(file)
    assert loaded.accounts.default == "300"
    assert loaded.accounts.find("03-300", "M") == "325"
    assert loaded.accounts.find("03-300", "L") == "310"
    assert loaded.accounts.cost_types == {"L": "335", "M": "325", "S": "320", "E": "330", "O": "340"}
    assert loaded.tax.codes == {"GST@10%": "INPUT"}
    assert loaded.retention.account == "830"
    assert loaded.bank_accounts == {"default": "090", "check": "091"}
    assert loaded.for_project("24-017").accounts.cost_types["S"] == "321"
    assert loaded.for_project("24-017").retention.account == "831"
    assert [one.name for one in loaded.organisations] == ["North", "South"]
    assert loaded.for_organisation("North").bank_accounts == {"default": "091", "check": "091"}
    assert loaded.for_organisation("South").tracking.project == "Job"


def test_every_section_of_the_mapping_file_is_explained() -> None:
    """A section that the program knows stands in the file that explains it."""
    text = TEMPLATE.read_text()
    names = set(Rules.model_fields) - {"digest", "text"}
    assert {name for name in names if f"[{name}" not in text} == set()


def test_init_writes_the_file_and_says_what_comes_next(run: Run, tmp_path: Path) -> None:
    """After `init` a newcomer knows the next step."""
    result = run("init")
    assert result.exit_code == Exit.DONE
    assert (tmp_path / "mapping.toml").read_text() == TEMPLATE.read_text()
    said = " ".join(result.stdout.split())
    assert "Procore was not read: Not set: PROCORE_CLIENT_ID" in said
    assert "Xero was not read: Not set: XERO_CLIENT_ID" in said
    assert "procore-xero migrate" in said


def test_init_never_overwrites_unasked(run: Run, tmp_path: Path) -> None:
    """A mapping file that somebody filled in is not lost by a repeated command."""
    file = tmp_path / "mapping.toml"
    file.write_text("# mine\n")
    refused = run("init")
    assert refused.exit_code == Exit.REFUSED
    assert refused.stderr.startswith("mapping.toml is there already and stays as it is. Procore was not read: Not set")
    assert file.read_text() == "# mine\n"
    file.write_text("mine")
    assert "is not valid TOML" in run("init").stderr
    assert file.read_text() == "mine"
    assert run("init", "--force").exit_code == Exit.DONE
    assert file.read_text() == TEMPLATE.read_text()


def test_init_says_why_it_cannot_write(run: Run) -> None:
    """A directory that is not there is a sentence."""
    Path("mapping.toml").mkdir()
    result = run("init", "--force")
    assert result.exit_code == Exit.REFUSED
    assert "mapping.toml cannot be written (Is a directory)." in result.stderr
    assert "MAPPING_FILE says where it goes." in result.stderr
