"""A project to its option of the tracking category "Project"."""

from __future__ import annotations

from worker.mapping.references import LONGEST_OPTION, Known, fit
from worker.procore.records import Project
from worker.xero.documents import Option


def to_document(project: Project, known: Known) -> Option:
    """Job number and name, as a bookkeeper looks for it: "24-017 Harbour Street Apartments"."""
    return Option(known.project_category.id, fit(f"{project.job_number} {project.name}", LONGEST_OPTION))
