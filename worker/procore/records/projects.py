"""A project, and what a company or a project stage is called."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import AliasPath, BeforeValidator, Field

from worker.procore.fields import Fields, Id, Name, Text
from worker.procore.records.reading import LONGEST_KEY, Record

LONGEST_NAME = 1000
_FIELD = "custom_field_"


def _names(value: object) -> tuple[str, ...]:
    """By what a region or an entry of a list can be called: its name or label, and its number."""
    if isinstance(value, Mapping):
        said = (value.get(name) for name in ("name", "label", "id"))
        return tuple(name for one in said for name in _names(one))
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, list):
        return tuple(name for one in value if not isinstance(one, list) for name in _names(one))
    return (" ".join(str(value).split()),) if isinstance(value, str | int | Decimal) and str(value).strip() else ()


def _regions(value: object) -> tuple[str, ...] | None:
    """None where the answer is no region at all: nothing is concluded from it."""
    return _names(value) if value is None or isinstance(value, Mapping | str | int) else None


def _custom_fields(value: object) -> dict[str, tuple[str, ...]] | None:
    """Number of the field to its values, as texts (procore-api.md §10)."""
    if not isinstance(value, Mapping):
        return None
    rows = {str(key).removeprefix(_FIELD): row for key, row in value.items() if isinstance(row, Mapping)}
    return {key: _names(row.get("value")) for key, row in rows.items()}


class Project(Record):
    kind: ClassVar[str] = "projects"
    name: Name = Field(max_length=LONGEST_NAME)
    project_number: Text = Field(None, max_length=LONGEST_KEY)
    active: bool = True
    stage: Text = Field(None, max_length=LONGEST_KEY, validation_alias=AliasPath("project_stage", "name"))
    #: How its region is called, by name and by number; None: the answer does not say.
    regions: Annotated[tuple[str, ...] | None, BeforeValidator(_regions)] = Field(
        None, validation_alias="project_region"
    )
    #: Number of a custom field to its values; None: the answer does not say.
    custom_fields: Annotated[dict[str, tuple[str, ...]] | None, BeforeValidator(_custom_fields)] = None

    @property
    def job_number(self) -> str:
        return self.project_number or ""


class Named(Fields):
    """A company, or a project stage: what it is called."""

    id: Id
    name: Name
