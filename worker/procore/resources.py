"""What webhooks can tell of (procore-api.md §5), and which list of a project is read for it.

Names are those of Procore's list of webhook resources. Progress claims are in no confirmed list of it; they are asked
for under both names that they have elsewhere, and used where Procore names them.
"""

from __future__ import annotations

#: Not a list of a project: the project itself has changed.
PROJECTS = "projects"
#: By resource; contracts and what is paid on them are read together.
_LISTS = {
    "contract payments": "payments",
    "work order contracts": "payments",
    "purchase order contracts": "payments",
    "direct costs": "invoices",
    "company vendors": "vendors",
    "project vendors": "vendors",
    "requisitions": "claims",
    "subcontractor invoices": "claims",
    "projects": PROJECTS,
}


def list_of(resource: str) -> str | None:
    """The list that is read for it, in any case of its letters; None for what is not synced."""
    return _LISTS.get(" ".join(resource.split()).casefold())
