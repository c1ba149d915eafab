"""What one message of Procore's says, as far as we care: which list of which project may have moved. Pure.

Formats v2.0 to v4.0 are read (Procore's guide "How Webhooks Work"): `resource_name` is called `resource_type` in v4.0,
and its ids are texts. Which event it was does not matter, and what the record says is asked of Procore.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from worker.http import exact_json
from worker.procore.fields import LARGEST_ID
from worker.procore.resources import PROJECTS, list_of

_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hint:
    """A list that may have moved. A vendor of the company, and a project itself, are named by `record_id`."""

    name: str
    project_id: int | None
    record_id: int | None = None


class NoHint(ValueError):
    """A message that nothing follows from; its text says why."""


def read(body: bytes, company_id: int) -> Hint:
    """The hint in a message for this company. Raises NoHint for any other message, and for what is none at all."""
    try:
        said = exact_json.loads(body)
    except ValueError:
        raise NoHint("it is no JSON") from None
    if not isinstance(said, dict):
        raise NoHint("it is no JSON object")
    if _id(said.get("company_id")) != company_id:
        raise NoHint("it is about another company")
    resource = said.get("resource_name") or said.get("resource_type")
    name = list_of(resource) if isinstance(resource, str) else None
    if name is None:
        raise NoHint("it is about something that is not synced")
    project_id, record_id = _id(said.get("project_id")), _id(said.get("resource_id"))
    if name == PROJECTS:
        project_id = record_id or project_id
    if project_id is None and (name != "vendors" or record_id is None):
        raise NoHint("it names no project")
    return Hint(name, project_id, record_id if project_id is None else None)


def _id(value: object) -> int | None:
    """As a number; v4.0 writes it as a text. None where it is none."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    return value if type(value) is int and 0 < value <= LARGEST_ID else None
