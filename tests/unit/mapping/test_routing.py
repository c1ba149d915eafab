"""Which organisation a project goes to: a table of rules and projects, and what the mapping file may not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from worker.errors import ConfigError
from worker.mapping import file as mapping_file
from worker.mapping import routing
from worker.mapping.routing import Choice, Route
from worker.procore.records import Project, Unreadable
from worker.procore.records import read as record

NORTH = "7e57a000-0000-4000-8000-00000000000a"
SOUTH = "7e57a000-0000-4000-8000-00000000000b"


def a_route(name: str = "North", tenant_id: str = NORTH, **rules: Any) -> Route:
    return Route(name=name, tenant_id=tenant_id, **rules)


def south(**rules: Any) -> Route:
    return a_route("South", SOUTH, **rules)


def a_project(number: str = "24-017", **fields: Any) -> Project:
    found = record(Project, {"id": 310, "name": "Tower", "project_number": number, **fields})
    assert not isinstance(found, Unreadable)
    return found


def a_field(value: object, number: int = 4711) -> dict[str, Any]:
    return {"custom_fields": {f"custom_field_{number}": {"data_type": "?", "value": value}}}


WEST: dict[str, Any] = {"project_region": {"id": 7, "name": " West  Coast"}}


@pytest.mark.parametrize(
    ("routes", "project", "fitting"),
    [
        ([a_route(job_numbers="24-*"), south(job_numbers="30-*")], a_project(), ["North"]),
        ([a_route(job_numbers=["23-*", "24-01?"])], a_project(), ["North"]),
        ([a_route(job_numbers="ab-*")], a_project("AB-1"), ["North"]),
        ([a_route(job_numbers="24-*")], a_project("124-017"), []),
        ([a_route(job_numbers="24-*"), south(job_numbers="*-017")], a_project(), ["North", "South"]),
        ([a_route(regions="west coast"), south(regions="East")], a_project(**WEST), ["North"]),
        ([a_route(regions=7)], a_project(**WEST), ["North"]),
        ([a_route(job_numbers="24-*"), south(regions="West Coast")], a_project(**WEST), ["North", "South"]),
        ([a_route(custom_fields={"4711": "Rowe Pty Ltd"})], a_project(**a_field("rowe pty ltd")), ["North"]),
        ([a_route(custom_fields={"custom_field_4711": "N"})], a_project(**a_field({"id": 2, "label": "N"})), ["North"]),
        ([a_route(custom_fields={"4711": ["M", "N"]})], a_project(**a_field([{"id": 2, "label": "N"}])), ["North"]),
        ([a_route(custom_fields={"4711": "true"})], a_project(**a_field(True)), ["North"]),
        ([a_route(custom_fields={"4711": "N"})], a_project(**a_field("N", 4712)), []),
        ([a_route(custom_fields={"4711": "N"})], a_project(**a_field(None)), []),
        ([a_route(job_numbers="30-*"), south(default=True)], a_project(), ["South"]),
        ([a_route(job_numbers="24-*"), south(default=True)], a_project(), ["North"]),
        ([a_route(regions="East"), south(default=True)], a_project(project_region=None), ["South"]),
    ],
)
def test_a_project_goes_where_one_of_the_rules_fits(routes: list[Route], project: Project, fitting: list[str]) -> None:
    """Any rule of an organisation is enough, two organisations are both named, and the default takes the rest."""
    assert routing.choose(routes, project) == Choice(tuple(fitting))


@pytest.mark.parametrize(
    ("routes", "project", "what"),
    [
        ([a_route(regions="East"), south(default=True)], a_project(), "region"),
        ([a_route(regions="East"), south(default=True)], a_project(project_region=["East"]), "region"),
        ([a_route(custom_fields={"1": "x"}), south(default=True)], a_project(), "custom fields"),
        ([a_route(custom_fields={"1": "x"}), south(default=True)], a_project(custom_fields=[]), "custom fields"),
    ],
)
def test_what_procore_does_not_say_is_not_guessed(routes: list[Route], project: Project, what: str) -> None:
    """A silent answer is not a blank field: it does not make a project the default's."""
    assert routing.choose(routes, project) == Choice((), what)


def test_what_a_rule_found_needs_no_more_said() -> None:
    """A job number decides, whether or not the region is said."""
    routes = [a_route(job_numbers="24-*"), south(regions="East")]
    assert routing.choose(routes, a_project()) == Choice(("North",))


def test_the_mark_of_the_rules_moves_with_them() -> None:
    """Not when nothing did; and it is blank where there is one organisation, so that nothing is judged anew for it."""
    assert routing.digest([]) == ""
    north, other = a_route(job_numbers="24-*"), a_route(job_numbers="25-*")
    assert routing.digest([north]) == routing.digest([a_route(job_numbers=["24-*"])])
    marks = {routing.digest(routes) for routes in ([north], [other], [north, south(default=True)])}
    assert len(marks) == 3


def organisation(name: str = "North", tenant_id: str = NORTH, rule: str = 'job_numbers = "24-*"') -> str:
    return f'[[organisations]]\nname = "{name}"\ntenant_id = "{tenant_id}"\n{rule}\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (organisation() + organisation("north ", SOUTH), "two of them have the name 'north'"),
        (organisation() + organisation("South", NORTH.upper()), f"two of them have the tenant_id '{NORTH}'"),
        (organisation(rule=""), "'North' gets no project: give it job_numbers"),
        (organisation(tenant_id="north"), "write the organisation's id"),
        (organisation(rule="job_number = '24-*'"), "job_number is not a name we know"),
        (organisation(rule='job_numbers = [""]'), "job_numbers.0"),
        (
            organisation(rule="default = true") + organisation("South", SOUTH, "default = true"),
            "only one of them can be the default",
        ),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, says: str) -> None:
    """Nothing starts on organisations that do not fit together."""
    file = tmp_path / "mapping.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        mapping_file.load(file)
    assert says in str(caught.value)


def test_a_project_goes_before_its_organisation_and_that_before_all(tmp_path: Path) -> None:
    """Three layers: tables are joined, and of a section goes what it names."""
    file = tmp_path / "mapping.toml"
    file.write_text(
        """
[accounts]
default = "300"
[accounts.cost_types]
L = "1"
M = "2"
[documents]
due_days = 14
"""
        + organisation()
        + """
[organisations.accounts.cost_types]
M = "20"
S = "30"
[organisations.documents]
status = "DRAFT"
[organisations.cost_codes]
target = "account"
[projects."24-017".accounts.cost_types]
S = "31"
"""
    )
    own = mapping_file.load(file).for_organisation("North").for_project("24-017")
    assert own.accounts.cost_types == {"L": "1", "M": "20", "S": "31"}
    assert (own.accounts.default, own.documents.status, own.documents.due_days) == ("300", "DRAFT", 14)
    assert own.cost_codes.target == "account"


def test_the_rules_of_an_organisation_have_a_mark_of_their_own(tmp_path: Path) -> None:
    """So that a project which comes from another organisation is compared as a whole."""
    file = tmp_path / "mapping.toml"
    file.write_text(organisation() + organisation("South", SOUTH, 'job_numbers = "30-*"'))
    loaded = mapping_file.load(file)
    assert len({loaded.digest, *(loaded.for_organisation(name).digest for name in ("North", "South"))}) == 3
    with pytest.raises(ConfigError, match="'West'"):
        loaded.for_organisation("West")


def test_regions_are_read_only_where_a_rule_asks_for_them() -> None:
    """Reading a project's region costs a call."""
    assert not routing.need_regions([a_route(job_numbers="24-*"), south(default=True)])
    assert routing.need_regions([a_route(job_numbers="24-*"), south(regions="East")])


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ([], ""),
        ([a_route(default=True)], ""),
        ([a_route(default=True), south(job_numbers="24-*")], ""),
        ([a_route(default=True), south(default=True)], "only one of them can be the default"),
        ([a_route(default=True), a_route("NORTH", SOUTH, job_numbers="1")], "two of them have the name 'north'"),
        ([a_route(default=True), a_route("South", job_numbers="1")], f"two of them have the tenant_id '{NORTH}'"),
    ],
)
def test_organisations_that_contradict_each_other(routes: list[Route], said: str) -> None:
    """What is wrong with them taken together is said in the words of the mapping file."""
    assert routing.mistake(routes) == said


def test_a_number_in_a_list_is_a_text() -> None:
    """A region's number may stand without quotes, alone or in a list; true and 1.5 are no names."""
    assert a_route(regions=[7, "East"]).regions == ("7", "East")
    assert a_route(regions=("7",)).regions == ("7",)
    for wrong in (True, [True], [1.5]):
        with pytest.raises(ValidationError):
            a_route(regions=wrong)


def test_names_are_in_single_spaces() -> None:
    """A name stands in sentences and in Flower."""
    assert a_route(" North \n  Coast ").name == "North Coast"
