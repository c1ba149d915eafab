"""A project to its option of the tracking category "Project"."""

from __future__ import annotations

from dataclasses import replace

from worker.mapping.references import LONGEST_OPTION, Known, fit
from worker.procore.records import Project
from worker.xero.documents import Option


def to_document(project: Project, known: Known) -> Option:
    """Job number and name, as a bookkeeper looks for it: "24-017 Harbour Street Apartments"."""
    return Option(known.project_category.id, fit(f"{project.job_number} {project.name}", LONGEST_OPTION))


def meanwhile(option: Option, procore_id: str) -> Option:
    """The same, called so that no other project's is: "24-018 Harbour Street Apartments (project 310)"."""
    mark = f" (project {procore_id})"
    return replace(option, name=fit(option.name, LONGEST_OPTION - len(mark)) + mark)
