"""Reads the mapping file: every mistake in it is named at once, by its place and in the file's own words."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError

from worker.errors import ConfigError
from worker.mapping.rules import Rules
from worker.nearest import nearest


def load(path: Path) -> Rules:
    """Read the mapping file. Raises ConfigError when it is missing or wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(
            f"The mapping file {path} cannot be read ({why}). `procore-xero init` writes one to start from; "
            "MAPPING_FILE says where it is."
        ) from None
    return parsed(text, path)


@lru_cache(maxsize=4)  # a job looks at the file several times, and of what has not changed that must cost nothing
def parsed(text: str, path: Path) -> Rules:
    """What such a file says. Raises ConfigError when it is wrong."""
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The mapping file {path} is not valid TOML: {error}.") from None
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    try:
        return Rules.model_validate({**table, "digest": digest, "text": text})
    except ValidationError as error:
        wrong = "; ".join(_mistake(e["loc"], e["msg"]) for e in error.errors())
        raise ConfigError(f"The mapping file {path} has mistakes: {wrong}.") from None


def _mistake(place: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in place)
    if message == "Extra inputs are not permitted":
        near = nearest(str(place[-1]), _names(place[:-1]))
        return f"{where} is not a name we know" + (f" (did you mean {near}?)" if near else "")
    return f"{where}: {message.removeprefix('Value error, ')}"


def _names(place: tuple[int | str, ...]) -> Iterable[str]:
    """The names that the file may use at this place."""
    section: type[BaseModel] = Rules
    for part in place:
        if field := section.model_fields.get(str(part)):  # else a key of a table
            section = next(_sections(field.annotation))
    return section.model_fields.keys() - {"digest", "text"}


def _sections(annotation: object) -> Iterator[type[BaseModel]]:
    """The sections that a field holds: itself one, or a table or list of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _sections(part)
