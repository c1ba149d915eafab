"""Which of several Xero organisations a project goes to, by its job number, its region or its custom fields.

Pure. It never guesses: a project that fits none, or two, is told so, and so is one of which Procore's answer does not
say what an organisation is chosen by. What that means for the project is the caller's to decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

if TYPE_CHECKING:
    from worker.procore.records import Project


def _listed(value: object) -> object:
    """One value is a list of one; a number is its own text, as in Procore's answers."""
    values = value if isinstance(value, list | tuple) else [value]
    return [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in values]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _guid(text: str) -> str:
    try:
        return str(UUID(text.strip()))
    except ValueError:
        raise ValueError("write the organisation's id, as `procore-xero connect xero` names it") from None


Text = Annotated[str, AfterValidator(_one_line), Field(min_length=1, max_length=200)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]


class Route(BaseModel):
    """One organisation, and the projects that go to it: those that fit any of its rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: How it is called in sentences, in `status` and in Flower.
    name: Annotated[str, AfterValidator(_one_line), Field(min_length=1, max_length=100)]
    tenant_id: Annotated[str, AfterValidator(_guid)]
    #: Job numbers, or patterns with * and ?.
    job_numbers: Texts = ()
    #: Procore's project regions, by name or number.
    regions: Texts = ()
    #: Number of a custom field of the project to its value, or a list of values.
    custom_fields: dict[str, Texts] = {}
    #: Whether it gets the projects that fit no organisation's rules.
    default: bool = False

    @property
    def has_rules(self) -> bool:
        return bool(self.job_numbers or self.regions or self.custom_fields or self.default)

    def fits(self, project: Project) -> bool:
        """Whether one of its rules names this project; case does not count."""
        number = project.job_number.casefold()
        if any(fnmatchcase(number, pattern.casefold()) for pattern in self.job_numbers):
            return True
        if _meet(self.regions, project.regions or ()):
            return True
        fields = project.custom_fields or {}
        return any(_meet(values, fields.get(_number(field), ())) for field, values in self.custom_fields.items())


@dataclass(frozen=True, slots=True)
class Choice:
    """The organisations that a project fits; `unsaid` is what Procore's answer would have to say to be sure."""

    fitting: tuple[str, ...] = ()
    unsaid: str = ""


def choose(routes: Sequence[Route], project: Project) -> Choice:
    """One name when it is clear; none or several, with what is not said, when it is not."""
    fitting = tuple(route.name for route in routes if route.fits(project))
    unsaid = "" if fitting else _unsaid(routes, project)
    if not fitting and not unsaid:
        fitting = tuple(route.name for route in routes if route.default)
    return Choice(fitting, unsaid)


def need_regions(routes: Iterable[Route]) -> bool:
    """Whether a project's region has to be read to choose between these."""
    return any(route.regions for route in routes)


def digest(routes: Iterable[Route]) -> str:
    """Changes when a project may have to go elsewhere; blank where there is but one organisation."""
    said = [route.model_dump_json(include=set(Route.model_fields)) for route in routes]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16] if said else ""


def mistake(routes: Sequence[Route]) -> str:
    """What is wrong with these organisations taken together; blank when nothing is."""
    for what, values in (("name", [route.name.casefold() for route in routes]), ("tenant_id", _tenants(routes))):
        if twice := next((value for value in values if values.count(value) > 1), ""):
            return f"two of them have the {what} '{twice}'"
    if sum(route.default for route in routes) > 1:
        return "only one of them can be the default"
    if idle := next((route.name for route in routes if not route.has_rules), ""):
        return f"'{idle}' gets no project: give it job_numbers, regions or custom_fields, or default = true"
    return ""


def _number(field: str) -> str:
    """A custom field's number, also as Procore's own key has it."""
    return field.strip().removeprefix("custom_field_")


def _tenants(routes: Sequence[Route]) -> list[str]:
    return [route.tenant_id for route in routes]


def _meet(wanted: Collection[str], said: Iterable[str]) -> bool:
    names = {one.casefold() for one in wanted}
    return any(one.casefold() in names for one in said)


def _unsaid(routes: Sequence[Route], project: Project) -> str:
    """What rules look at and Procore's answer is silent about: blank would be an answer, nothing is none."""
    if project.regions is None and any(route.regions for route in routes):
        return "region"
    if project.custom_fields is None and any(route.custom_fields for route in routes):
        return "custom fields"
    return ""
