"""How answers come into the mapping file: every line of a person's stays, and the file says what it said and they."""

from __future__ import annotations

import tomllib

import pytest

from worker.cli.init import TEMPLATE
from worker.errors import ConfigError
from worker.guide.lines import written
from worker.guide.values import Choice, Question

OPEN = Question("accounts.cost_types", "O", "Account for cost type O", (Choice("429", "General"),), "it is held")
ANSWERS = {
    ("accounts", "default"): ("429", "General Expenses"),
    ("accounts.cost_types", "L"): ("335", "Site Labour"),
    ("tax.codes", 'G"S\\T 10%'): ("INPUT", ""),
    ("retention", "account"): ("830", "Retention\nPayable"),
}
MINE = """# my file
[accounts.cost_codes] # mine
"03-300" = "326"

# below a blank line
"0*" = "310"

[accounts.cost_types]
L = "999"   # as we agreed
"""


def kept(text: str, new: str) -> bool:
    """Whether every line is there still, in its order."""
    lines = iter(new.splitlines())
    return all(line in lines for line in text.splitlines())


def test_answers_stand_in_their_sections_of_the_template() -> None:
    """Below the words that explain the section, and above those of the next one."""
    text = TEMPLATE.read_text()
    found = written(text, ANSWERS, [OPEN], {"accounts.cost_types": ["Something:"]})
    assert kept(text, found)
    section = found.partition("[accounts.cost_types]\n")[2].partition("\n\n")[0].splitlines()
    assert section[-3:] == [
        "#| Something:",
        'L = "335" # Site Labour',
        '#? O = "" # Account for cost type O. Open: it is held.',
    ]
    said = tomllib.loads(found)
    assert said["accounts"] == {"default": "429", "cost_codes": {}, "cost_types": {"L": "335"}}
    assert said["tax"]["codes"] == {'G"S\\T 10%': "INPUT"}
    assert said["retention"]["account"] == "830"


def test_choices_stand_where_a_section_is_open() -> None:
    """A file of one's own heads only what it needs: the accounts are listed above the cost type that has none."""
    found = written(MINE, {}, [OPEN], {"accounts": ["Accounts:"], "accounts.cost_types": ["Cost types:"]})
    assert found.splitlines()[-3:-1] == ["#| Accounts:", "#| Cost types:"]


def test_what_a_person_wrote_is_never_changed() -> None:
    """Neither a code nor a comment; a new pattern comes last, since the first that fits wins."""
    answers = {
        ("accounts.cost_types", "L"): ("335", ""),
        ("accounts.cost_codes", "03-*"): ("325", ""),
        ("tax.codes", "GST"): ("INPUT", ""),
    }
    found = written(MINE, answers, (), {})
    assert kept(MINE, found)
    said = tomllib.loads(found)
    assert said["accounts"]["cost_types"] == {"L": "999"}
    assert list(said["accounts"]["cost_codes"]) == ["03-300", "0*", "03-*"]
    assert said["tax"]["codes"] == {"GST": "INPUT"}


def test_the_same_again_changes_no_byte() -> None:
    """A file that changes has every record compared anew; what was open and is answered is not open any more."""
    choices = {"accounts.cost_types": ["Accounts:", '  "335" Site Labour']}
    first = written(MINE, {}, [OPEN], choices)
    assert written(first, {}, [OPEN], choices) == first
    answered = written(first, {("accounts.cost_types", "O"): ("429", "General")}, (), choices)
    assert answered.count("O = ") == 1


def test_lines_end_as_the_file_has_them() -> None:
    """A file from Windows stays one."""
    found = written(MINE.replace("\n", "\r\n"), {("accounts.cost_types", "M"): ("325", "")}, (), {})
    assert found.count("\n") == found.count("\r\n")


@pytest.mark.parametrize(
    "text",
    [
        'accounts.cost_types.M = "325"\n',
        'accounts = { cost_types = { M = "325" } }\n',
        '[accounts]\ncost_types = { M = "325" }\n',
        '[retention]\n"account-of" = """\n[accounts.cost_types]\n"""\n',
        'x = """\n#? kept\n"""\n[accounts.cost_types]\n',
    ],
)
def test_a_form_that_takes_no_lines_stays_as_it_is(text: str) -> None:
    """What would change the file's meaning is refused, with the answers, so that none is lost."""
    with pytest.raises(ConfigError, match=r'\[accounts.cost_types\] L = "335"'):
        written(text, {("accounts.cost_types", "L"): ("335", "")}, (), {})


def test_a_name_cannot_leave_its_comment() -> None:
    """What somebody called a cost type in Procore is words, whatever is in it."""
    evil = Question("retention", "account", 'R\n[tax]\ndefault = "X"\x00', (), "held")
    found = written("[retention]\n", {}, [evil], {"retention": ["\n[tax]\ndefault = 'X'"]})
    assert tomllib.loads(found) == {"retention": {}}
