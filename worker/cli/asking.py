"""The questions of `init` on a terminal: a code is typed, Enter takes what is proposed or leaves it open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from worker.cli.screen import paragraph
from worker.nearest import did_you_mean

if TYPE_CHECKING:
    from worker.guide.values import Choice, Question

#: The section that is asked about only where somebody wants it.
_GROUPS = "accounts.cost_codes"
#: Leaves open what something is proposed for.
_OPEN, _LIST = "-", "?"


def ask(questions: Iterable[Question]) -> Iterator[tuple[Question, str]]:
    """Each answered question with its code, one by one. Raises Abort when Ctrl-C or the end of input ends it."""
    shown: Sequence[Choice] = ()
    skips: set[str] = set()
    for one in questions:
        if one.section == _GROUPS and not skips:
            skips.add("" if typer.confirm("\nDo groups of cost codes have accounts of their own?") else _GROUPS)
        if one.section in skips or not one.choices:
            continue
        if one.choices != shown:
            _show(shown := one.choices)
        if code := _answer(one):
            yield one, code


def _show(choices: Sequence[Choice]) -> None:
    typer.echo()
    for choice in choices:
        paragraph(str(choice), indent=4, style="dim")
    typer.echo()


def _answer(question: Question) -> str:
    """A code among its choices; blank where it stays open."""
    paragraph(f"{question.about}", style="bold")
    if question.proposal:
        said = (
            f"Enter takes {question.proposal} ({question.name_of(question.proposal)}), {question.why}; - leaves it open"
        )
    else:
        said = f"Enter leaves it open: {question.unanswered}"
    paragraph(f"{said}; ? lists the codes.", indent=2)
    while True:
        typed = str(typer.prompt(">", default="", show_default=False, prompt_suffix=" ")).strip()
        if typed == _LIST:
            _show(question.choices)
        elif typed in ("", _OPEN):
            return "" if typed == _OPEN else question.proposal
        elif code := _meant(typed, question.choices):
            typer.echo(f"  {code}  {question.name_of(code)}")
            return code
        else:
            names = [word for choice in question.choices for word in (choice.code, choice.name)]
            paragraph(f"'{typed}' is none of them.{did_you_mean(typed, names)}", indent=2, style="red")


def _meant(typed: str, choices: Sequence[Choice]) -> str:
    """By its code, else by its name where only one has it."""
    named = [choice.code for choice in choices if choice.name.casefold() == typed.casefold()]
    exact = [choice.code for choice in choices if choice.code.casefold() == typed.casefold()]
    return exact[0] if exact else named[0] if len(named) == 1 else ""
