"""The command line as the documentation tells of it: every command, and none that is not there."""

from __future__ import annotations

import re
import shlex
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from worker.cli.app import app
from worker.cli.helping import EXAMPLES

ROOT = Path(__file__).parents[2]
#: Decisions tell also of what was, and is no more.
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "decisions.md"),
]
TEXTS = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in PAGES}
GROUP: Any = get_command(app)
#: By command; the program's own options go by the blank name.
OPTIONS: dict[str, set[str]] = {
    name: {"--help", *(option for parameter in command.params for option in parameter.opts)}
    for name, command in [*GROUP.commands.items(), ("", GROUP)]
}
_OPTION = re.compile(r"--[a-z][a-z-]*")
_CODE = re.compile(r"`([^`\n]+)`")
#: What a shell would take for itself; a blank that may be filled stands in brackets.
_SHELL = re.compile(r" [<>|].*")
CODES = sorted({code for text in TEXTS.values() for code in _CODE.findall(text)})
#: A command by its name alone is spoken of; with arguments or options it can be typed.
TYPED = [code for code in CODES if re.match(r"procore-xero [a-z-]+ ", code)]
OTHERS = [code for code in CODES if re.match(r"make |\S*python -m tests", code)]


def table() -> dict[str, list[str]]:
    """The rows of the table of commands, by command."""
    rows: dict[str, list[str]] = {}
    for name, row in re.findall(r"^\| `procore-xero ([a-z-]+)([^\n]*)$", TEXTS["docs/commands.md"], re.MULTILINE):
        rows.setdefault(name, []).append(row)
    return rows


def named(text: str) -> list[tuple[str, set[str]]]:
    """Every time that a text names the program: which command, and with which options."""
    typed = [code for code in _CODE.findall(text) if code.startswith("procore-xero")]
    typed += re.findall(r"^[^`\n]*?(procore-xero [^\n]*)$", "\n".join(_blocks(text)), re.MULTILINE)
    found = []
    for line in typed:
        words = line.split()[1:]
        command = words[0] if words and not words[0].startswith("-") else ""
        found.append((command, set(_OPTION.findall(line))))
    return found


def _blocks(text: str) -> list[str]:
    return re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)


def test_every_command_has_a_row() -> None:
    """A command that is not in the table does not exist for an operator."""
    assert set(table()) == set(GROUP.commands)


@pytest.mark.parametrize("name", table())
def test_every_option_of_a_row_is_there(name: str) -> None:
    """What a row of the table says can be typed."""
    told = {option for row in table()[name] for code in _CODE.findall(f"`{row}") for option in _OPTION.findall(code)}
    assert told <= OPTIONS[name]


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_that_is_named_is_there(name: str) -> None:
    """No page sends anybody to a command or an option that was renamed."""
    found = named(TEXTS[name])
    assert {command for command, _ in found} <= set(OPTIONS)
    assert [(command, options) for command, options in found if not options <= OPTIONS[command]] == []


@pytest.mark.parametrize("line", TYPED)
def test_what_a_page_types_can_be_typed(line: str) -> None:
    """The command's own parser takes it: its options and the number of its arguments are right."""
    _, name, *rest = shlex.split(re.sub(r"[][]", "", _SHELL.sub("", line)))
    GROUP.commands[name].make_context(name, rest)


@pytest.mark.parametrize("line", OTHERS)
def test_what_is_typed_in_a_checkout_is_there(line: str) -> None:
    """No page names a target of make, or a module of the tests, that was renamed."""
    words = line.split()
    if words[0] == "make":
        done = subprocess.run(["make", "--dry-run", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    else:
        assert find_spec(words[2]) is not None


@pytest.mark.parametrize("text", ["`procore-xero sned`", "`procore-xero send --every`", "```\nprocore-xero sned\n```"])
def test_a_wrong_one_is_seen(text: str) -> None:
    """The check itself is checked."""
    ((command, options),) = named(text)
    assert command not in OPTIONS or not options <= OPTIONS[command]


@pytest.mark.parametrize(
    "name", sorted(set(GROUP.commands) - {"connect", "init", "listen", "sandbox", "demo", "start"})
)
def test_every_command_that_reports_speaks_json(name: str) -> None:
    """The others write a file, or go on until somebody ends them."""
    assert "--json" in OPTIONS[name]


def test_every_command_has_examples() -> None:
    """Who reads `--help` sees a line to copy."""
    assert set(EXAMPLES) == set(GROUP.commands)
    assert all(EXAMPLES.values())


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line in lines])
def test_an_example_can_be_typed(line: str) -> None:
    """It is read by the very parser of the command: its options and the number of its arguments are right."""
    name, *rest = shlex.split(line.partition(">")[0])
    GROUP.commands[name].make_context(name, rest)
