"""`init` against the sandbox: what both systems really have comes into the file, and what stays open is held."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    a_claim,
    a_contract,
    a_cost_code,
    a_payment,
    a_seed,
    an_item,
)
from tests.integration.test_terminal import on_a_terminal
from tests.integration.world import World
from worker import assembly
from worker.cli.app import app
from worker.cli.sandbox import environment
from worker.guide import both
from worker.sandbox import Sandbox


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """A project with a group of cost codes, two cost types in use, a paid claim and retention; no mapping file yet."""
    codes = [a_cost_code("03", "Concrete"), a_cost_code("03-300"), a_cost_code("03-100", "Formwork")]
    head = codes[0]["id"]
    codes = [codes[0], *({**code, "parent": {"id": head}} for code in codes[1:])]
    seed = a_seed(
        cost_codes=codes,
        contracts=[{**a_contract(), "total_payments": "10.00"}],
        claims=[a_claim(11), a_claim(12, "50.00", items=[an_item("50.00", cost_type="O")])],
        payments=[a_payment(21, 11, "10.00")],
    )
    made = a_world(seed)
    made.mapping_file.unlink()
    monkeypatch.setattr(assembly, "parts", lambda: made.parts)
    monkeypatch.setattr("worker.settings.settings", lambda: made.settings)
    monkeypatch.setattr(both, "has_broker", lambda parts: True)
    return made


def typed(*arguments: str) -> Result:
    with capture_logs():
        return CliRunner().invoke(app, ["init", *arguments])


def said(world: World) -> dict[str, Any]:
    return tomllib.loads(world.mapping_file.read_text())


def answered(world: World, *lines: str) -> None:
    """A person deletes the #? before these keys, and fills in a code."""
    text = world.mapping_file.read_text()
    for line in lines:
        key = line.partition(" = ")[0]
        (was,) = [one for one in text.splitlines() if one.startswith(f"#? {key} = ")]
        text = text.replace(was, line)
    world.mapping_file.write_text(text)


def test_without_a_terminal_nothing_is_chosen_for_anybody(world: World) -> None:
    """Choices and questions are comments; what a proposal says is behind #?, and the calls are counted."""
    result = typed()
    assert result.exit_code == 0, result.output
    procore, xero = len(world.procore_calls("^/rest/")), len(world.journal())
    assert f"Read with {procore} calls to Procore and {xero} to Xero." in " ".join(result.stdout.split())
    assert (procore <= 9, xero) == (True, 4)
    assert said(world)["accounts"] == {"cost_codes": {}, "cost_types": {}}
    assert "default" not in said(world)["tax"]
    lines = world.mapping_file.read_text().splitlines()
    assert '#| "325" Materials' in lines
    assert [line.partition(" # ")[0] for line in lines if line.startswith("#?")] == [
        *('#? E = ""', '#? L = ""', '#? M = "325"', '#? O = ""', '#? S = ""'),
        *('#? "GST@10%" = "INPUT"', '#? "GST Free" = ""', '#? account = "830"', '#? default = ""'),
    ]
    assert not any("340" in line or "TAX001" in line for line in lines if line.startswith("#|"))
    assert [step in result.stdout for step in ("doctor", "plan", "send")] == [True] * 3
    assert result.stdout.index("procore-xero doctor ") < result.stdout.index("procore-xero plan")


def test_what_is_open_is_held_and_an_answer_sends_it(world: World) -> None:
    """A blank leads to a hold with its reason, never to an account that somebody guessed."""
    typed()
    world.discover()
    world.run_through(JOB_NUMBER)
    assert world.writes(path="/Invoices") == []
    assert world.holds() == {
        "claim 11": "account_missing",
        "claim 12": "account_missing",
        "payment 21": "claim_not_sent",
    }
    answered(world, 'S = "320"', '"GST@10%" = "INPUT"', 'default = "090"', 'M = "325"', 'L = "335"', 'O = "429"')
    world.clock.advance(60)
    world.run(JOB_NUMBER)
    assert world.holds() == {}


def test_again_keeps_what_people_wrote(world: World) -> None:
    """Answers, comments and their order; what is open is asked by the systems as they are now."""
    typed()
    answered(world, 'S = "320" # as agreed with Ana')
    world.mapping_file.write_text("# our own words\n" + world.mapping_file.read_text())
    mine = [line for line in world.mapping_file.read_text().splitlines() if not line.startswith("#?")]
    assert typed().exit_code == 0
    again = world.mapping_file.read_text()
    assert [line for line in again.splitlines() if not line.startswith("#?")] == mine
    assert "#? S" not in again
    assert "stays as it is: 0 answers, 8 questions open." in " ".join(typed().stdout.split())
    assert world.mapping_file.read_text() == again
    world.procore_edit("tax_codes", 913, code="GST on imports", rate1=10, archived=False)
    typed()
    now = world.mapping_file.read_text().splitlines()
    assert [line for line in mine if line not in now] == []
    assert any(line.startswith('#? "GST on imports" = "INPUT"') for line in now)


def test_a_tool_that_is_closed_is_named_and_the_rest_is_read(world: World) -> None:
    """One refusal does not cost the other answers."""
    world.procore_fault("status", "/cost_codes", status=403, times=1)
    result = typed()
    assert result.exit_code == 0
    assert "24-017: cost codes were not shown" in " ".join(result.stdout.split())
    assert '#? S = ""' in world.mapping_file.read_text()


@pytest.mark.parametrize("system", ["procore", "xero"])
def test_an_outage_writes_nothing(world: World, system: str) -> None:
    """Half a reading is no reading: the file would lack what it did not see."""
    if system == "xero":
        world.fault("status", "GET", "/TaxRates", status=503, times=100)
    else:
        world.procore_fault("status", "/tax_codes", status=503, times=100)
    result = typed()
    assert (result.exit_code, "503" in result.stderr) == (3, True)
    assert not world.mapping_file.exists()


def test_several_organisations_are_left_to_people(world: World) -> None:
    """Each has a chart of accounts of its own."""
    text = '[[organisations]]\nname = "N"\ntenant_id = "00000000-0000-4000-8000-000000000001"\ndefault = true\n'
    world.mapping_file.write_text(text)
    result = typed()
    assert (result.exit_code, "several organisations" in result.stderr) == (2, True)
    assert world.mapping_file.read_text() == text


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder without anything, and the settings by which processes find the demo's two systems; no broker runs."""
    sandbox = Sandbox()
    with sandbox.serve() as served:
        no_broker = f"unix://{tmp_path}/nothing.sock"
        yield tmp_path, environment(served, sandbox.dump()) | {"REDIS_URL": no_broker}


@pytest.mark.deep
def test_a_person_answers_on_a_terminal(home: tuple[Path, dict[str, str]]) -> None:
    """A code, a name, Enter for what is proposed, - for nothing; a slip is asked again; Ctrl-D keeps what was said."""
    folder, env = home
    shown = on_a_terminal(folder, "init", typed="330\nSite Labur\nSite Labour\n\n?\n-\n320\nn\n\n\n\x04", **env)
    assert "Did you mean Site Labour?" in shown
    file = folder / "mapping.toml"
    found = tomllib.loads(file.read_text())
    assert found["accounts"] == {"cost_codes": {}, "cost_types": {"E": "330", "L": "335", "M": "325", "S": "320"}}
    assert found["tax"]["codes"] == {"GST@10%": "INPUT"}
    assert "written with the 5 answers given so far" in " ".join(shown.split())
    shown = on_a_terminal(folder, "init", typed="429\ny\n\n325\n\nEXEMPTEXPENSES\n\n\n090\n\n\n", **env)
    found = tomllib.loads(file.read_text())
    assert found["accounts"]["cost_types"]["O"] == "429"
    assert found["accounts"]["cost_codes"] == {"03-*": "325"}
    assert found["tax"]["codes"]["GST Free"] == "EXEMPTEXPENSES"
    assert (found["retention"]["account"], found["bank_accounts"]) == ("830", {"default": "090"})
    assert "0 questions open" in shown
    assert "#?" not in file.read_text().partition("[accounts]")[2]
