"""Tracking categories and options, and what a line's Tracking becomes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.xero_driver import Xero, a_line, messages, read


@pytest.fixture
def xero() -> Xero:
    return Xero()


def option(xero: Xero, category: str, name: str) -> dict[str, str]:
    """An option by all four fields."""
    found = xero.category(category)
    row = next(row for row in found["Options"] if row["Name"] == name)
    return {
        "Name": category,
        "Option": name,
        "TrackingCategoryID": found["TrackingCategoryID"],
        "TrackingOptionID": row["TrackingOptionID"],
    }


def tracked(xero: Xero, *tracking: dict[str, Any]) -> dict[str, Any]:
    """A bill with this Tracking on its one line, as Xero answered it."""
    return xero.write("PUT", "Invoices", xero.a_bill(LineItems=[a_line(Tracking=list(tracking))]))[0]


def new_option(xero: Xero, body: object, category: str = "Project") -> Any:
    """PUT of an option."""
    return xero.send("PUT", f"TrackingCategories/{xero.category(category)['TrackingCategoryID']}/Options", body)


def test_option_is_created_by_its_name(xero: Xero) -> None:
    """The answer carries the new id."""
    answer = new_option(xero, {"Name": "25-003"})
    assert read(answer)["Options"][0]["TrackingOptionID"]
    assert "25-003" in [row["Name"] for row in xero.category("Project")["Options"]]


@pytest.mark.parametrize("body", [{"Options": [{"Name": "25-003"}]}, [{"Name": "25-003"}], {"Option": "25-003"}])
def test_body_of_another_shape_makes_nothing_and_says_ok(xero: Xero, body: object) -> None:
    """The known trap: 200 without an option."""
    answer = new_option(xero, body)
    assert (answer.status_code, read(answer)["Options"]) == (200, [])
    assert len(xero.category("Project")["Options"]) == 2


@pytest.mark.parametrize("name", ["24-017", "22-001", "", "x" * 101])
def test_used_empty_or_long_names_are_refused(xero: Xero, name: str) -> None:
    """Unique in the category, archived ones included; at most 100 characters."""
    assert new_option(xero, {"Name": name}).status_code == 400


def test_option_names_are_compared_without_case(xero: Xero) -> None:
    """The stricter reading of an open point; in another category the name is free."""
    assert new_option(xero, {"Name": "03-100 CONCRETE"}, "Cost Codes").status_code == 400
    assert new_option(xero, {"Name": "03-100 CONCRETE"}, "Project").status_code == 200


def test_renamed_option_keeps_its_id(xero: Xero) -> None:
    """Bills that carry it show the new name."""
    bill = tracked(xero, option(xero, "Project", "24-017"))
    ids = option(xero, "Project", "24-017")
    path = f"TrackingCategories/{ids['TrackingCategoryID']}/Options/{ids['TrackingOptionID']}"
    assert xero.send("POST", path, {"Name": "24-018"}).status_code == 200
    assert xero.bill(bill)["LineItems"][0]["Tracking"][0]["Option"] == "24-018"


def test_used_option_can_be_archived_but_not_deleted(xero: Xero) -> None:
    """Delete is for options that no line uses."""
    ids = option(xero, "Project", "24-017")
    tracked(xero, ids)
    path = f"TrackingCategories/{ids['TrackingCategoryID']}/Options/{ids['TrackingOptionID']}"
    assert xero.send("DELETE", path).status_code == 400
    assert xero.send("POST", path, {"Status": "ARCHIVED"}).status_code == 200
    unused = option(xero, "Cost Codes", "03-100 Concrete")
    path = f"TrackingCategories/{unused['TrackingCategoryID']}/Options/{unused['TrackingOptionID']}"
    assert xero.send("DELETE", path).status_code == 200
    assert xero.category("Cost Codes")["Options"] == []


def test_two_active_and_four_categories_at_most(xero: Xero) -> None:
    """A third active category is refused, and a fifth of any status."""
    assert xero.send("PUT", "TrackingCategories", {"Name": "Third"}).status_code == 400
    region = xero.category("Region")["TrackingCategoryID"]
    assert xero.send("POST", f"TrackingCategories/{region}", {"Status": "ACTIVE"}).status_code == 400
    for name in ("Cost Codes", "Project"):
        path = f"TrackingCategories/{xero.category(name)['TrackingCategoryID']}"
        assert xero.send("POST", path, {"Status": "ARCHIVED"}).status_code == 200
    assert xero.send("PUT", "TrackingCategories", {"Name": "Fourth"}).status_code == 200
    assert xero.send("PUT", "TrackingCategories", {"Name": "Fifth"}).status_code == 400


def test_names_or_ids_find_the_option(xero: Xero) -> None:
    """All four fields, ids only, and names in any case mean the same."""
    full = option(xero, "Project", "24-017")
    ids = {key: value for key, value in full.items() if key.startswith("Tracking")}
    for given in (full, ids, {"Name": "PROJECT", "Option": "24-017"}):
        assert tracked(xero, given)["LineItems"][0]["Tracking"] == [full]


@pytest.mark.parametrize(
    "given",
    [
        {"Name": "Project", "Option": "99-999"},
        {"Name": "Nothing", "Option": "24-017"},
        {"Name": "Project", "Option": "22-001"},
        {"Name": "Region", "Option": "North"},
    ],
)
def test_unknown_or_archived_names_are_dropped_silently(xero: Xero, given: dict[str, str]) -> None:
    """The known trap: the bill is accepted, and its line has no tracking."""
    bill = tracked(xero, given)
    assert not bill["HasErrors"]
    assert bill["LineItems"][0]["Tracking"] == []


def test_wrong_ids_are_rejected(xero: Xero) -> None:
    """An id that names no active option rejects the element."""
    full = option(xero, "Project", "24-017")
    wrong = "7e57a000-0000-4000-8000-00000000000e"
    for given in (
        {**full, "TrackingOptionID": wrong},
        {**full, "TrackingCategoryID": wrong},
        option(xero, "Project", "22-001"),
        {**option(xero, "Cost Codes", "03-100 Concrete"), "TrackingCategoryID": full["TrackingCategoryID"]},
    ):
        assert "Unknown tracking details" in messages(tracked(xero, given))


def test_at_most_two_elements_one_per_category(xero: Xero) -> None:
    """Three elements, or two of one category, reject the element."""
    project, code = option(xero, "Project", "24-017"), option(xero, "Cost Codes", "03-100 Concrete")
    assert not tracked(xero, project, code)["HasErrors"]
    assert tracked(xero, project, project)["HasErrors"]
    assert tracked(xero, project, code, {"Name": "Region", "Option": "North"})["HasErrors"]


def test_cut_off_guid_refuses_the_whole_call(xero: Xero) -> None:
    """ErrorNumber 14, and the good bill beside it is not saved."""
    bad = xero.a_bill(LineItems=[a_line(Tracking=[{"TrackingOptionID": "7e57a000"}])])
    answer = xero.send("PUT", "Invoices", {"Invoices": [xero.a_bill(), bad]}, summarizeErrors="false")
    assert (answer.status_code, read(answer)["ErrorNumber"]) == (400, 14)
    assert xero.rows("Invoices") == []


def test_archived_option_stays_on_a_kept_line(xero: Xero) -> None:
    """Archiving stops new lines, not the line that already has the option."""
    full = option(xero, "Project", "24-017")
    line = tracked(xero, full)["LineItems"][0]
    bill = xero.rows("Invoices")[0]
    path = f"TrackingCategories/{full['TrackingCategoryID']}/Options/{full['TrackingOptionID']}"
    xero.send("POST", path, {"Status": "ARCHIVED"})
    kept = {"LineItemID": line["LineItemID"], "Description": "changed", "Tracking": [full]}
    changed = xero.write("POST", f"Invoices/{bill['InvoiceID']}", {"LineItems": [kept]})[0]
    assert not changed["HasErrors"]
    assert changed["LineItems"][0]["Tracking"] == [full]


def test_an_option_may_go_by_its_name(xero: Xero) -> None:
    """Where names win, a renamed option is unknown by its old name, and found by the new one whatever the id says."""
    given = option(xero, "Project", "24-017")
    renamed = f"TrackingCategories/{given['TrackingCategoryID']}/Options/{given['TrackingOptionID']}"
    xero.send("POST", renamed, {"Name": "24-017 Tower"})
    xero.switch(tracking_by="name")
    assert "Unknown tracking details" in messages(tracked(xero, given))
    other = {
        **given,
        "Option": "24-017 tower",
        "TrackingOptionID": option(xero, "Cost Codes", "03-100 Concrete")["TrackingOptionID"],
    }
    (kept,) = tracked(xero, other)["LineItems"][0]["Tracking"]
    assert kept["Option"] == "24-017 Tower"


def test_a_name_that_was_given_to_another_option_is_that_one(xero: Xero) -> None:
    """Where names win, the cost goes where the name is now; where both must agree, it goes nowhere."""
    given = option(xero, "Project", "24-017")
    address = f"TrackingCategories/{given['TrackingCategoryID']}/Options"
    xero.send("POST", f"{address}/{given['TrackingOptionID']}", {"Name": "old"})
    new_id = read(new_option(xero, {"Name": "24-017"}))["Options"][0]["TrackingOptionID"]
    (kept,) = tracked(xero, given)["LineItems"][0]["Tracking"]
    assert kept["Option"] == "old"
    xero.switch(tracking_by="both")
    assert "Unknown tracking details" in messages(tracked(xero, given))
    xero.switch(tracking_by="name")
    (kept,) = tracked(xero, given)["LineItems"][0]["Tracking"]
    assert kept["TrackingOptionID"] == new_id


def test_a_deleted_option_that_is_put_back_is_another(xero: Xero) -> None:
    """Its name is free, its id unknown for ever; whether it is still listed is a switch."""
    made = read(new_option(xero, {"Name": "25-003"}))["Options"][0]["TrackingOptionID"]
    category_id = xero.category("Project")["TrackingCategoryID"]
    xero.send("DELETE", f"TrackingCategories/{category_id}/Options/{made}")
    assert made not in [row["TrackingOptionID"] for row in xero.category("Project")["Options"]]
    xero.switch(lists_deleted_options=True)
    (deleted,) = [row for row in xero.category("Project")["Options"] if row["TrackingOptionID"] == made]
    assert (deleted["Status"], deleted["IsDeleted"], deleted["IsActive"]) == ("DELETED", True, False)
    again = read(new_option(xero, {"Name": "25-003"}))["Options"][0]["TrackingOptionID"]
    assert again != made
    by_old_id = {"TrackingCategoryID": category_id, "TrackingOptionID": made}
    assert "Unknown tracking details" in messages(tracked(xero, by_old_id))


def test_a_category_is_deleted_only_while_unused(xero: Xero) -> None:
    """One that lines use is refused; an unused one is gone with its options, and its name is free."""
    tracked(xero, option(xero, "Project", "24-017"))
    used, unused = (xero.category(name)["TrackingCategoryID"] for name in ("Project", "Cost Codes"))
    assert xero.send("DELETE", f"TrackingCategories/{used}").status_code == 400
    assert read(xero.send("DELETE", f"TrackingCategories/{unused}"))["TrackingCategories"][0]["Status"] == "DELETED"
    assert xero.send("PUT", "TrackingCategories", {"Name": "Cost Codes"}).status_code == 200
    assert xero.category("Cost Codes")["Options"] == []
