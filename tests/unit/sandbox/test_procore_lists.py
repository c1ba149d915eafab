"""Lists of the sandbox's Procore: pages, filters, ranges, deleted rows."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.procore import COMPANY, Procore, a_project, a_seed


def many_projects(count: int) -> Procore:
    return Procore(a_seed(projects=[a_project(number) for number in range(1, count + 1)]))


def test_pages_are_linked_until_the_last() -> None:
    """`next` is there until the last page; Total and Per-Page say the rest."""
    procore = many_projects(250)
    first = procore.get("v1.1/projects", company_id=COMPANY, view="compact")
    assert set(first.links) == {"first", "next", "last"}
    assert (first.headers["Total"], first.headers["Per-Page"]) == ("250", "100")
    seen = [row["id"] for row in first.json()]
    answer = first
    while "next" in answer.links:
        answer = procore.http.get(answer.links["next"]["url"])
        seen += [row["id"] for row in answer.json()]
    assert seen == list(range(1, 251))
    assert set(answer.links) == {"first", "prev", "last"}


def test_links_keep_the_filters() -> None:
    """The next page asks for the same rows."""
    procore = many_projects(5)
    first = procore.get("v1.1/projects", company_id=COMPANY, per_page=2, filters__id="[1,2,3,4]")
    second = procore.http.get(first.links["next"]["url"])
    assert [row["id"] for row in second.json()] == [3, 4]
    assert "next" not in second.links


def test_one_page_has_an_empty_link() -> None:
    """A list that fits on one page links nowhere."""
    answer = many_projects(3).get("v1.1/projects", company_id=COMPANY)
    assert answer.headers["Link"] == ""


def test_page_size_is_cut_down_silently() -> None:
    """Asking for more than an endpoint allows gives what it allows: projects 300."""
    answer = many_projects(301).get("v1.1/projects", company_id=COMPANY, per_page=2000)
    assert (len(answer.json()), answer.headers["Per-Page"]) == (300, "300")


@pytest.mark.parametrize("name", ["page", "per_page"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5"])
def test_unusable_page(name: str, value: str) -> None:
    """Pages count from 1 in whole numbers."""
    assert many_projects(1).get("v1.1/projects", company_id=COMPANY, **{name: value}).status_code == 400


def test_a_page_that_repeats() -> None:
    """The fault: page 2 answers page 1's rows and still links on."""
    procore = many_projects(3)
    procore.script(kind="repeat_page", times=9)
    second = procore.get("v1.1/projects", company_id=COMPANY, per_page=2, page=2)
    assert [row["id"] for row in second.json()] == [1, 2]
    assert "page=3" in second.links["next"]["url"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-01T00:00:00Z...2026-01-31T00:00:00Z", [1]),
        ('"2026-01-01T00:00:00Z...2026-01-31T00:00:00Z"', [1]),
        ("2026-01-15T10:00:00Z...2026-02-15T10:00:00Z", [1, 2]),
        ("2026-01-15T20:00:00+10:00...2026-01-15T10:00:00Z", [1]),
        ("2026-02-15...2026-02-15", [2]),
        ("2026-02-16...2026-02-28", []),
    ],
)
def test_range_of_updated_at(value: str, expected: list[int]) -> None:
    """A range has three dots and both ends included; quotes around it make no difference."""
    rows = [
        a_project(1, updated_at="2026-01-15T10:00:00Z"),
        a_project(2, updated_at="2026-02-15T10:00:00Z"),
    ]
    procore = Procore(a_seed(projects=rows))
    found = procore.rows("v1.1/projects", company_id=COMPANY, filters__updated_at=value)
    assert [row["id"] for row in found] == expected


@pytest.mark.parametrize(
    "value", ["2026-01-01", "2026-01-01T00:00:00Z...", "...2026-01-01", "a...b", "2026-01-01..2026-01-02"]
)
def test_malformed_range(value: str) -> None:
    """An open or unreadable range is a 400, in the shape field → list."""
    answer = many_projects(1).get("v1.1/projects", company_id=COMPANY, filters__updated_at=value)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["filters[updated_at]"]


def test_ids_in_each_documented_way() -> None:
    """One id, a JSON-like list, or the parameter with brackets several times."""
    procore = many_projects(4)
    assert len(procore.rows("v1.1/projects", company_id=COMPANY, filters__id="2")) == 1
    assert len(procore.rows("v1.1/projects", company_id=COMPANY, filters__id="[2,3]")) == 2
    query = f"company_id={COMPANY}&filters[id][]=1&filters[id][]=4"
    answer = procore.http.get(f"/rest/v1.1/projects?{query}")
    assert [row["id"] for row in answer.json()] == [1, 4]
    assert procore.get("v1.1/projects", company_id=COMPANY, filters__id="x").status_code == 400


def test_project_number_is_compared_as_it_stands() -> None:
    """A filter on the job number does not trim: who looks for duplicates with it misses one."""
    procore = Procore()
    found = procore.rows("v1.1/projects", company_id=COMPANY, filters__project_number="24-030")
    assert [row["id"] for row in found] == [310530]


def test_projects_by_status_and_stage() -> None:
    """Only active projects come unasked; a stage is filtered by id."""
    procore = Procore()
    assert len(procore.rows("v1.1/projects", company_id=COMPANY)) == 7
    assert len(procore.rows("v1.1/projects", company_id=COMPANY, filters__by_status="All")) == 8
    inactive = procore.rows("v1.1/projects", company_id=COMPANY, filters__by_status="Inactive")
    assert [row["project_number"] for row in inactive] == ["23-009"]
    staged = procore.rows("v1.1/projects", company_id=COMPANY, filters__by_stage="507")
    assert {row["project_stage"]["name"] for row in staged} == {"Send to Xero"}
    assert procore.get("v1.1/projects", company_id=COMPANY, filters__by_status="active").status_code == 400


def test_undocumented_filter_is_ignored() -> None:
    """Direct costs have no filter on status: asking for it gives everything."""
    rows = Procore().rows("v1.1/projects/310417/direct_costs", filters__status="approved")
    assert {row["status"] for row in rows} == {"approved", "pending"}


def test_claim_filters() -> None:
    """Status is a single documented value; a commitment is named by id."""
    procore = Procore()
    path = "v1.1/requisitions"
    assert len(procore.rows(path, project_id=310417, filters__status="approved_as_noted")) == 1
    assert len(procore.rows(path, project_id=310417, filters__commitment_id=701902)) == 2
    assert procore.get(path, project_id=310417, filters__status="paid").status_code == 400


def test_vendors_are_searched_by_abn_and_name() -> None:
    """`filters[search]` looks into name and ABN."""
    procore = Procore()
    [vendor] = procore.rows("v1.0/vendors", company_id=COMPANY, filters__search="kestrel")
    abn = vendor["business_register"]["identifier"]
    assert procore.rows("v1.0/vendors", company_id=COMPANY, filters__search=abn) == [vendor]


def test_sorting() -> None:
    """`sort=-name` comes from behind."""
    procore = Procore()
    names = [row["name"] for row in procore.rows("v1.0/vendors", company_id=COMPANY, sort="-name")]
    assert names == sorted(names, key=str.casefold, reverse=True)


def test_edited_record_moves_its_time() -> None:
    """An edit through the control interface sets updated_at to now, so that a range finds it."""
    procore = Procore()
    before = procore.clock.now()
    procore.edit("requisitions", 310417, 58823, status="approved")
    found = procore.rows(
        "v1.1/requisitions",
        project_id=310417,
        filters__updated_at=f"{before.replace(microsecond=0).isoformat()}...2099-01-01T00:00:00Z",
    )
    assert [(row["id"], row["status"]) for row in found] == [(58823, "approved")]


def test_given_time_is_kept() -> None:
    """An edit may say when it happened."""
    procore = Procore()
    procore.edit("vendors", "-", 161201, updated_at="2026-10-01T00:00:00Z")
    vendor = procore.row("v1.0/vendors/161201", company_id=COMPANY)
    assert vendor["updated_at"] == "2026-10-01T00:00:00Z"
    assert vendor["name"] == "Harbourline Concreting Pty Ltd"


def test_deleted_rows_are_not_listed() -> None:
    """A deleted record is gone from lists and shows; contracts can be asked for with their deleted ones."""
    procore = Procore()
    procore.delete("direct_costs", 310417, 9301)
    rows = procore.rows("v1.1/projects/310417/direct_costs")
    assert 9301 not in [row["id"] for row in rows]
    assert procore.get("v1.1/projects/310417/direct_costs/9301").status_code == 404
    lines = procore.rows("v1.0/projects/310417/direct_costs/line_items")
    assert 9301 not in {line["holder"]["id"] for line in lines}
    procore.delete("work_order_contracts", 310417, 701901)
    path = "v1.0/work_order_contracts"
    assert len(procore.rows(path, project_id=310417)) == 1
    assert len(procore.rows(path, project_id=310417, filters__include_deleted="with")) == 2
    assert len(procore.rows(path, project_id=310417, filters__include_deleted="only")) == 1


def test_wrong_control_requests() -> None:
    """The control interface says what is wrong instead of doing nothing."""
    procore = Procore()
    for path in ("no_such/-/1", "vendors/310417/1", "requisitions/1/1"):
        assert procore.http.put(f"/_sandbox/records/{path}", json={}).status_code == 400
    no_time = {"updated_at": "yesterday"}
    assert procore.http.put("/_sandbox/records/vendors/-/1", json=no_time).status_code == 400
    assert procore.http.delete("/_sandbox/records/vendors/-/1").status_code == 404
