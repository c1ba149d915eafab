"""A project, and what a company or a project stage is called."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AliasPath, Field

from worker.procore.fields import Fields, Text
from worker.procore.records.reading import Record


class Project(Record):
    kind: ClassVar[str] = "projects"
    name: str
    project_number: Text = None
    active: bool = True
    stage: Text = Field(None, validation_alias=AliasPath("project_stage", "name"))

    @property
    def job_number(self) -> str:
        return self.project_number or ""


class Named(Fields):
    """A company, or a project stage: what it is called."""

    id: int
    name: str
