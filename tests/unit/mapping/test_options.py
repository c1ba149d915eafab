"""Projects and cost codes to tracking options, whose names have 100 characters and must be unique and stable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import a_cost_code, a_project, known
from tests.unit.mapping.outcomes import is_held
from worker.holds import HoldCode
from worker.mapping import cost_codes, projects
from worker.mapping.references import LONGEST_OPTION, fit
from worker.xero.documents import ITEMS, Item, Option


def test_a_project_is_its_job_number_and_name() -> None:
    """A bookkeeper looks for the job number first."""
    option = projects.to_document(a_project(), known())
    assert (option.category_id, option.name) == ("category-project", "24-017 Harbour Street Apartments")
    assert option.endpoint.path == "/TrackingCategories/category-project/Options"


def test_a_cost_code_is_its_code_and_name() -> None:
    """A bookkeeper looks for the code first."""
    option = cost_codes.to_document(a_cost_code("03-300", " Concrete  works "), known())
    assert option == Option("category-code", "03-300 Concrete works")


@pytest.mark.parametrize(
    ("cost_types", "expected"),
    [
        (
            [{"code": "L", "name": "Labour"}, {"code": "M", "name": "Materials"}],
            [("03-300 L", "Concrete Labour"), ("03-300 M", "Concrete Materials")],
        ),
        ([], [("03-300", "Concrete")]),
    ],
)
def test_a_cost_code_is_an_item_of_each_cost_type(
    cost_types: list[dict[str, str]], expected: list[tuple[str, str]]
) -> None:
    """Items tell labour from materials of one cost code; a code without cost types is one item."""
    records = list(a_cost_code(line_item_types=cost_types).items())
    made = [cost_codes.to_document(one, known()) for one in records]
    assert [(item.code, item.name) for item in made if isinstance(item, Item)] == expected
    assert len({one.procore_id for one in records} | {"03-300"}) == len(records) + 1
    assert {item.endpoint for item in made} == {ITEMS}


def test_long_item_codes_stay_different() -> None:
    """Xero takes 30 characters of a code, by which alone items are told apart, and 50 of a name."""
    made = [
        cost_codes.to_document(one, known())
        for end in ("01", "02")
        for one in a_cost_code("1234567890-1234567890-123456789-" + end, "x" * 80).items()
    ]
    items = [item for item in made if isinstance(item, Item)]
    assert len({item.code for item in items}) == 2
    assert all(len(item.code) <= 30 and len(item.name) <= 50 for item in items)


def test_headings_are_no_items() -> None:
    """A heading cannot be charged, as an item neither, whatever cost types it lists."""
    (heading,) = a_cost_code(is_header=True, line_item_types=[{"code": "L"}, {"code": "M"}]).items()
    with is_held(HoldCode.HEADER_CODE):
        cost_codes.to_document(heading, known())


def test_headings_and_deleted_codes_are_left_out() -> None:
    """A heading cannot be charged, and a deleted code is not for new lines."""
    with is_held(HoldCode.HEADER_CODE):
        cost_codes.to_document(a_cost_code(is_header=True), known())
    with is_held(HoldCode.DELETED):
        cost_codes.to_document(a_cost_code(deleted_at="2026-08-01T00:00:00Z"), known())


def test_long_names_that_differ_at_the_end_stay_different() -> None:
    """Two projects whose names differ only past the hundredth character are two options."""
    names = [projects.to_document(a_project("Harbour Street " * 10 + end), known()).name for end in ("North", "South")]
    assert len(set(names)) == 2
    assert all(len(name) <= LONGEST_OPTION for name in names)


def test_a_cut_name_never_changes() -> None:
    """The name is the option's key: what was cut one way in one pass is cut the same way in the next."""
    assert fit("24-017 " + "x" * 100, 100) == "24-017 " + "x" * 85 + " …459c70"


@given(st.text(max_size=300), st.integers(min_value=20, max_value=120))
def test_names_fit(text: str, longest: int) -> None:
    """Whatever the name, it fits, has no doubled or outer spaces, and comes out the same again."""
    name = fit(text, longest)
    assert len(name) <= longest
    assert name == " ".join(name.split()) == fit(text, longest) == fit(name, longest)


def test_a_name_that_just_fits_stays_and_a_cut_one_has_no_blank_before_its_mark() -> None:
    """Nothing is cut without need; and the cut may fall behind a blank."""
    assert fit("x" * 100, 100) == "x" * 100
    assert fit("x" * 91 + " " + "y" * 20, 100).startswith("x" * 91 + " …")
