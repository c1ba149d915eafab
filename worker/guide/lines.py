"""The mapping file with answers, open questions and choices written into it; every other line stays as it is. Pure.

Lines are put in where a person would write them, below the words that explain their section: tomlkit, which keeps
comments, puts a new key behind the comments that head the next section. What comes out is read again and must say what
the file said before and the answers, nothing else.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from worker.errors import ConfigError
from worker.guide.values import Question

#: Lines that are written anew each time: what is open, and what there is to choose from.
OPEN, CHOICE = "#?", "#|"
_HEAD = re.compile(r"\s*\[\[?(?P<name>[^\[\]]*)\]\]?\s*(#.*)?")
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)

#: Section and key to what the file is to say, and a word beside it.
Answers = Mapping[tuple[str, str], tuple[str, str]]


def written(text: str, answers: Answers, still_open: Sequence[Question], choices: Mapping[str, Sequence[str]]) -> str:
    """The file's new text. What it says already is never changed. Raises ConfigError where a section stands in a form
    that no line can be added to."""
    before = tomllib.loads(text)
    new = {place: answer for place, answer in answers.items() if place[1] not in _section(before, place[0])}
    lines = [line for line in text.splitlines() if not line.startswith((OPEN, CHOICE))]
    choices = _in_sight(choices, still_open, lines)
    for name in dict.fromkeys([*choices, *(section for section, _ in new), *(one.section for one in still_open)]):
        said = [*_answers(name, new), *_open(name, still_open)]
        at = _place(lines, name)
        if at is None and said and not _section(before, name):
            lines += ["", f"[{name}]"]
            at = len(lines)
        if at is not None:
            lines[at:at] = [*_choices(choices.get(name, ())), *said]
    found = ("\r\n" if "\r\n" in text else "\n").join([*lines, ""])
    if not _says(found, before, new):
        said = [f"[{section}] {_key(key)} = {_text(code)}" for (section, key), (code, _) in new.items()]
        raise ConfigError(
            "The mapping file is written in a form that no lines can be added to, and stays as it is. "
            f"Write there: {'; '.join(said)}"
        )
    return found


def _in_sight(
    choices: Mapping[str, Sequence[str]], still_open: Sequence[Question], lines: Sequence[str]
) -> dict[str, Sequence[str]]:
    """The choices of a section that the file does not head stand where the first of its subsections is open."""
    found = dict(choices)
    for name, own in choices.items():
        below = next((one.section for one in still_open if one.section.startswith(f"{name}.")), None)
        if below is not None and _place(lines, name) is None:
            found[below] = [*own, *found.get(below, ())]
    return found


def _answers(name: str, answers: Answers) -> Iterator[str]:
    for (section, key), (code, word) in answers.items():
        if section == name:
            yield f"{_key(key)} = {_text(code)}" + (f" # {_one_line(word)}" if word else "")


def _open(name: str, still_open: Sequence[Question]) -> Iterator[str]:
    for one in still_open:
        if one.section == name:
            why = f"{one.name_of(one.proposal)} is proposed, {one.why}. " if one.proposal else ""
            word = f"{one.about}. {why}Open: {one.unanswered}."
            yield f"{OPEN} {_key(one.key)} = {_text(one.proposal)} # {_one_line(word)}"


def _choices(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"{CHOICE} {_one_line(line)}" for line in lines)


def _place(lines: Sequence[str], name: str) -> int | None:
    """Behind a section's last key, since the first pattern that fits wins; else below the words that explain it.

    None without a head.
    """
    start = next((n for n, line in enumerate(lines, 1) if _is_head(line, name)), None)
    if start is None:
        return None
    end = next((n for n in range(start, len(lines)) if _HEAD.fullmatch(lines[n])), len(lines))
    keys = [n for n in range(start, end) if lines[n].strip() and not lines[n].lstrip().startswith("#")]
    if keys:
        return keys[-1] + 1
    return next((n for n in range(start, end) if not lines[n].strip()), end)


def _is_head(line: str, name: str) -> bool:
    found = _HEAD.fullmatch(line)
    return found is not None and "[[" not in line and ".".join(p.strip() for p in found["name"].split(".")) == name


def _section(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Any = table
    for part in name.split("."):
        found = found.get(part, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def _says(text: str, before: Mapping[str, Any], answers: Answers) -> bool:
    """Whether it says what was said before and the answers, and nothing else."""
    wanted = deepcopy(dict(before))
    for (section, key), (code, _) in answers.items():
        own = wanted
        for part in section.split("."):
            own = own.setdefault(part, {})
        own[key] = code
    try:
        after = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return bool(_without_empty(after) == _without_empty(wanted))


def _without_empty(value: Any) -> Any:
    """A section may be headed and say nothing."""
    if not isinstance(value, dict):
        return value
    return {name: inner for name, own in value.items() if (inner := _without_empty(own)) != {}}


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) and not key[0].isdigit() else _text(key)


def _text(value: str) -> str:
    """A basic string: TOML escapes as JSON does, and DEL as well."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    """A comment may hold no control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
