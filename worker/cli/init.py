"""`procore-xero init`: the mapping file, from what both systems really have, or without them to start from.

On a terminal it asks what the file does not say yet; without one it writes the questions into the file. What stands
there is never changed, and what nobody answered stays open: it is held, never guessed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import asking, files
from worker.cli.exits import RefusedError
from worker.cli.progress import working
from worker.cli.screen import address, paragraph
from worker.counting import counted

if TYPE_CHECKING:
    from worker.guide.both import Read
    from worker.guide.values import Question
    from worker.mapping.rules import Rules

#: Section and key to a code and its name in Xero.
Answered = dict[tuple[str, str], tuple[str, str]]

TEMPLATE = Path(__file__).with_name("mapping_template.toml")
_NEXT = (
    ("procore-xero migrate", "makes the ledger's tables, once"),
    ("procore-xero doctor", "looks at every part, and says what to click"),
    ("procore-xero plan --html plan.html", "shows what a sync would do; writes nothing to Xero"),
    ("procore-xero start", "runs everything until Ctrl-C, and begins with a pass"),
    ("procore-xero send JOB_NUMBER --wait", "sends one project meanwhile, and shows it"),
)


def command(
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there, and begin again.")] = False,
) -> None:
    """Fill the mapping file (MAPPING_FILE) from what Procore and Xero have; run again, ask only what is open."""
    from tasks.eligibility import judge_all
    from worker.assembly import parts
    from worker.guide import both
    from worker.settings import settings

    path = settings().mapping_file
    text = _text(path, force)
    rules = _rules(text, path)
    ours = parts()
    with working("Reading both systems"):
        read = both.read(ours, lambda found: judge_all(found, ours.settings, set()))
    if len(read.unread) == 2 and path.exists() and not force:
        raise RefusedError(f"{path} is there already and stays as it is. {' '.join(read.unread)}")
    paragraph(_what_was_read(read))
    answers: Answered = {}
    try:
        if sys.stdin.isatty() and sys.stdout.isatty():
            _ask(answers, path, text, read)
    except typer.Abort:
        _save(path, _text(path, force), answers, read)
        paragraph(
            f"\n{path} is written with the {counted(len(answers), 'answer')} given so far; run it again to go on."
        )
        raise
    still_open, is_new = _save(path, _text(path, force), answers, read)
    became = "is written" if is_new else "stays as it is"
    if read.calls:
        open_ones = counted(len(still_open), "question")
        paragraph(f"\n{path} {became}: {counted(len(answers), 'answer')}, {open_ones} open.")
    else:
        paragraph(f"\n{path} {became}, to start from; every line is explained.")
    _say_next(still_open, rules, read)


def _text(path: Path, force: bool) -> str:
    """What the file says now; the template where there is none, or where it is to be forgotten."""
    try:
        return TEMPLATE.read_text("utf-8") if force or not path.exists() else path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"{path} cannot be read ({error}). MAPPING_FILE says where it is.") from None


def _rules(text: str, path: Path) -> Rules:
    from worker.mapping.file import parsed

    rules = parsed(text, path)
    if rules.organisations:
        raise RefusedError(
            f"{path} names several organisations of Xero, each with codes of its own: fill in their sections by hand. "
            "`procore-xero doctor` says what is missing in each."
        )
    return rules


def _ask(answers: Answered, path: Path, text: str, read: Read) -> None:
    """Puts each answer among `answers` as it is given; one may settle or change the questions after it."""
    from worker.guide.lines import written
    from worker.guide.questions import questions
    from worker.mapping.file import parsed

    met: set[tuple[str, str]] = set()

    def rest() -> Iterator[Question]:
        while True:
            rules = parsed(written(text, answers, (), {}), path)
            found = (one for one in questions(rules, read.procore, read.xero) if one.place not in met)
            if (question := next(found, None)) is None:
                return
            met.add(question.place)
            yield question

    for question, code in asking.ask(rest()):
        answers[question.place] = code, question.name_of(code)


def _save(path: Path, text: str, answers: Answered, read: Read) -> tuple[list[Question], bool]:
    """The questions that are still open, and whether the file was written: not where it says all of it already."""
    from worker.guide.lines import written
    from worker.guide.questions import choices, questions
    from worker.mapping.file import parsed

    rules = parsed(written(text, answers, (), {}), path)
    still_open = [one for one in questions(rules, read.procore, read.xero) if one.is_needed]
    found = written(text, answers, still_open, choices(read.procore, read.xero))
    is_new = not path.is_file() or found != path.read_bytes().decode("utf-8")
    if is_new:
        try:
            files.write(path, found)
        except RefusedError as error:
            given = "; ".join(f'[{section}] "{key}" = "{code}"' for (section, key), (code, _) in answers.items())
            kept = f" Your answers: {given}" if given else ""
            raise RefusedError(f"{error} MAPPING_FILE says where it goes.{kept}") from None
    return still_open, is_new


def _what_was_read(read: Read) -> str:
    of = f" Of Procore's projects: {', '.join(read.procore.projects)}." if read.procore.projects else ""
    made = f"Read with {read.calls}.{of} " if read.calls else ""
    return " ".join([f"{made}Nothing is written to either system.", *read.unread, *read.procore.unseen])


def _say_next(still_open: Sequence[Question], rules: Rules, read: Read) -> None:
    from worker.guide.questions import untracked

    for one in still_open:
        paragraph(f"{one.about}: {one.unanswered}.", indent=2)
    if still_open:
        paragraph("The file has what is open behind #?. Answer there, or run procore-xero init again on a terminal.")
    if read.xero.organisation:
        for name in untracked(rules, read.xero):
            there = ", ".join(read.xero.categories) or "none"
            paragraph(
                f"Xero has no tracking category named '{name}'; it has {there}. Name one of them under [tracking] in "
                "the file, or let procore-xero doctor --fix create it."
            )
    if read.unread:
        paragraph("Put the settings into a file named .env (docs/setup.md tells how), and run procore-xero init again.")
    paragraph("What comes next:")
    for typed, why in _NEXT:
        address(f"{typed:<38} {why}", indent=2)
