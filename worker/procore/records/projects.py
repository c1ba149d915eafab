"""A project, and what a company or a project stage is called."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AliasPath, Field

from worker.procore.fields import Fields, Id, Name, Text
from worker.procore.records.reading import LONGEST_KEY, Record

LONGEST_NAME = 1000


class Project(Record):
    kind: ClassVar[str] = "projects"
    name: Name = Field(max_length=LONGEST_NAME)
    project_number: Text = Field(None, max_length=LONGEST_KEY)
    active: bool = True
    stage: Text = Field(None, max_length=LONGEST_KEY, validation_alias=AliasPath("project_stage", "name"))

    @property
    def job_number(self) -> str:
        return self.project_number or ""


class Named(Fields):
    """A company, or a project stage: what it is called."""

    id: Id
    name: Name
