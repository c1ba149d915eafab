"""Every hold code is a sentence with a remedy, and is used."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from worker.errors import MappingError
from worker.holds import HoldCode, Outcome

ROOT = Path(__file__).parents[2]


def placeholders(code: HoldCode) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(code.value.sentence) if name is not None]


@pytest.fixture(scope="module")
def source() -> str:
    """All of our own code but the page of codes itself."""
    files = [path for part in ("worker", "tasks") for path in (ROOT / part).rglob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in files if path != ROOT / "worker" / "holds.py")


@pytest.mark.parametrize("code", HoldCode)
def test_the_sentence_can_be_filled(code: HoldCode) -> None:
    """Given its facts, the sentence has them all and no gap; it ends in a full stop, or in a fact that has one."""
    facts = {name: f"«{name}»" for name in placeholders(code)}
    sentence = code.sentence(**facts)
    assert all(fact in sentence for fact in facts.values())
    assert "{" not in sentence
    assert sentence.endswith((".", "»"))
    assert sentence[0].isupper() or sentence[0] == "«"


@pytest.mark.parametrize("code", [code for code in HoldCode if placeholders(code)])
def test_a_missing_fact_is_a_programming_error(code: HoldCode) -> None:
    """A sentence with a gap in it never reaches an operator."""
    with pytest.raises(KeyError):
        code.sentence()


@pytest.mark.parametrize("code", HoldCode)
def test_the_remedy_is_a_sentence(code: HoldCode) -> None:
    """What to do is said in a whole sentence, without a gap."""
    assert code.remedy[0].isupper()
    assert code.remedy.endswith(".")
    assert "{" not in code.remedy


def test_no_two_codes_are_one() -> None:
    """Codes with the same texts would silently be the same code."""
    assert len(list(HoldCode)) == len(HoldCode.__members__)
    assert len({code.value.sentence for code in HoldCode}) == len(HoldCode.__members__)


def test_only_what_is_not_carried_has_a_code() -> None:
    """A code says why a record is not in Xero: it is held, waits, or is not meant to go."""
    assert {code.outcome for code in HoldCode} == {Outcome.HELD, Outcome.WAITING, Outcome.IGNORED}


@pytest.mark.parametrize("code", HoldCode)
def test_every_code_is_used(code: HoldCode, source: str) -> None:
    """A code that nobody raises would promise a check that is not there."""
    assert f"HoldCode.{code.name}" in source


def test_an_error_carries_code_and_sentence() -> None:
    """Whoever catches a hold can store its code and show its sentence."""
    error = MappingError(HoldCode.DATE_MISSING, field="The billing date")
    assert (error.code.code, str(error), error.sentence) == (
        "date_missing",
        "The billing date is blank.",
        "The billing date is blank.",
    )
