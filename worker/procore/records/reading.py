"""What all records have in common, and how a row of Procore's answer becomes one.

A row that cannot be read becomes `Unreadable`, with a sentence; it never stops its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from worker import holds
from worker.procore.fields import Fields, Id, Moment, quoted

#: What the ledger looks a record up by is no longer: a job number, a cost code with its cost type.
LONGEST_KEY = 200


class Record(Fields):
    """One thing in Procore that is to be carried to Xero. `kind` is also the name of its stage."""

    kind: ClassVar[str]
    id: Id
    updated_at: Moment = None
    deleted_at: Moment = None

    @property
    def procore_id(self) -> str:
        """The key of its entry in the ledger."""
        return str(self.id)

    @property
    def title(self) -> str:
        """How a person would call it: "claim 58820"."""
        return holds.title(self.kind, self.procore_id)

    @property
    def page(self) -> str:
        """Its page in Procore, below the project's address."""
        return "home"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is not what the documentation says; `detail` names the field and what is wrong with it."""

    kind: str
    procore_id: str
    detail: str

    @property
    def title(self) -> str:
        return holds.title(self.kind, self.procore_id)


F = TypeVar("F", bound=Fields)

#: What a field should have been, by the beginning of pydantic's name for the mistake.
_MEANT = {
    "tuple": "a list",
    "list": "a list",
    "dict": "an object with fields",
    "model": "an object with fields",
    "int": "a whole number",
    "bool": "true or false",
    "decimal": "an amount",
    "date_": "a date",
    "datetime": "a date with a time",
    "string": "a text",
}


def read(model: type[F], row: object) -> F | Unreadable:
    """The row as a record, or why it cannot be read."""
    try:
        return model.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        named = row.get("id") if isinstance(row, Mapping) else None
        return Unreadable(getattr(model, "kind", ""), _name(named, row), f"{_place(first['loc'])} {_wrong(first)}")


def _name(named: object, row: object) -> str:
    if isinstance(named, int | str) and 0 < len(str(named)) <= LONGEST_KEY:
        return str(named)
    return f"without id ({_beginning(row)})"


def _beginning(row: object) -> str:
    """How the row begins; quoted as it is, and never more of it than is shown."""
    return row[:40] if isinstance(row, str) else quoted(row)[:40]


def _place(path: Sequence[int | str]) -> str:
    """Procore's own names of the fields on the way, and which one of a list: "items 2, taxes 1, tax_code_id"."""
    parts: list[str] = []
    for part in path:
        if isinstance(part, int) and parts:
            parts[-1] += f" {part + 1}"
        else:
            parts.append(str(part))
    return ", ".join(parts) or "the row"


def _wrong(error: ErrorDetails) -> str:
    """What is wrong with the field, in a person's words."""
    given = error.get("input")
    if error["type"] == "missing" or given is None or (given == "" and error["type"] != "value_error"):
        return "is missing"
    if error["type"] == "value_error":
        return f"is wrong: {error['msg'].removeprefix('Value error, ')}"
    if error["type"] == "string_too_long":
        return f"is longer than {error['ctx']['max_length']} characters: {quoted(given)}"
    meant = next((words for kind, words in _MEANT.items() if error["type"].startswith(kind)), "what it should be")
    return f"is not {meant}: {quoted(given)}"
