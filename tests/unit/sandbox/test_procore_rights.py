"""What a Procore does not show: tools that are off, private contracts, hidden records; by a refusal or by silence."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.procore import COMPANY, Procore, a_project, a_seed

PROJECT = 310
TOOL_OFF = {"errors": "You do not have permission to view this page"}
#: Each collection of a project, as it is listed and, where there is one, a single record of it.
ADDRESSES = [
    ("project_vendors", "v1.1/projects/310/vendors", ""),
    ("cost_codes", "v1.0/cost_codes", ""),
    ("wbs_codes", "v1.0/projects/310/work_breakdown_structure/wbs_codes", ""),
    ("work_order_contracts", "v1.0/work_order_contracts", "/501"),
    ("requisitions", "v1.1/requisitions", "/11"),
    ("contract_payments", "v1.0/contract_payments", "/71"),
    ("direct_costs", "v1.1/projects/310/direct_costs", "/91"),
    ("direct_costs", "v1.0/projects/310/direct_costs/line_items", ""),
]


def a_project_with_everything() -> Procore:
    lists = {
        "cost_codes": [{"id": 1, "full_code": "03-300"}],
        "wbs_codes": [{"id": 1, "status": "active"}],
        "work_order_contracts": [{"id": 501}, {"id": 502}],
        "purchase_order_contracts": [{"id": 601}],
        "requisitions": [{"id": 11, "commitment_id": 501}, {"id": 12, "commitment_id": 502}],
        "contract_payments": [
            {"id": 71, "contract_id": 501, "amount": "10.00"},
            {"id": 72, "contract_id": 502, "amount": "20.00"},
        ],
        "direct_costs": [{"id": 91, "line_items": [{"id": 910}]}],
    }
    by_project = {name: {str(PROJECT): rows} for name, rows in lists.items()}
    directory = {str(PROJECT): [1]}
    return Procore(
        a_seed(projects=[a_project(PROJECT)], vendors=[{"id": 1, "name": "V"}], project_vendors=directory, **by_project)
    )


def ids(procore: Procore, path: str, **query: object) -> list[int]:
    return [row["id"] for row in procore.rows(path, project_id=PROJECT, **query)]


@pytest.mark.parametrize(("collection", "path", "one"), ADDRESSES)
@pytest.mark.parametrize(("how", "body"), [(403, TOOL_OFF), (404, {"error": "Not Found"})])
def test_a_tool_that_is_off_refuses_all_its_addresses(
    collection: str, path: str, one: str, how: int, body: object
) -> None:
    """403 or 404, for its list and for each of its records; the other tools of the project answer."""
    procore = a_project_with_everything()
    query = {"project_id": PROJECT, "contract_id": 501}
    assert procore.get(path, **query).status_code == 200
    procore.switch(tools_off={str(PROJECT): {collection: how}})
    for address in (path, f"{path}{one}"):
        answer = procore.get(address, **query)
        assert (answer.status_code, answer.json()) == (how, body)
    others = [other for name, other, _ in ADDRESSES if name != collection]
    assert {procore.get(other, **query).status_code for other in others} == {200}
    procore.switch(tools_off={})
    assert procore.get(path, **query).status_code == 200


@pytest.mark.parametrize(("collection", "path", "one"), ADDRESSES)
def test_missing_access_may_be_an_empty_list(collection: str, path: str, one: str) -> None:
    """Nothing says that it is not all: 200, no rows, and 404 for a record by its id."""
    procore = a_project_with_everything()
    query = {"project_id": PROJECT, "contract_id": 501}
    assert procore.rows(path, **query) != []
    procore.switch(tools_off={PROJECT: {collection: "empty"}})
    assert procore.rows(path, **query) == []
    if one:
        assert procore.get(f"{path}{one}", **query).status_code == 404


def test_the_company_has_tools_too() -> None:
    """`-` stands for the company's own collections."""
    procore = a_project_with_everything()
    procore.switch(tools_off={"-": {"vendors": 403, "projects": "empty"}})
    assert procore.get("v1.0/vendors", company_id=COMPANY).status_code == 403
    assert procore.rows("v1.1/projects", company_id=COMPANY) == []
    assert procore.get("v1.0/vendors/1", company_id=COMPANY).status_code == 403


def test_a_private_contract_takes_its_claims_and_payments_along() -> None:
    """It is not listed, its address is a 404, its claims are gone, and the list of its payments is empty."""
    procore = a_project_with_everything()
    procore.edit("work_order_contracts", PROJECT, 502, private=True)
    assert ids(procore, "v1.0/work_order_contracts") == [501]
    assert procore.get("v1.0/work_order_contracts/502", project_id=PROJECT).status_code == 404
    assert ids(procore, "v1.1/requisitions") == [11]
    assert procore.get("v1.1/requisitions/12", project_id=PROJECT).status_code == 404
    assert ids(procore, "v1.0/contract_payments", contract_id=502) == []
    assert ids(procore, "v1.0/contract_payments", contract_id=501) == [71]
    procore.edit("work_order_contracts", PROJECT, 502, private=False)
    assert ids(procore, "v1.0/contract_payments", contract_id=502) == [72]


@pytest.mark.parametrize("how", [403, 404])
def test_payments_of_a_hidden_contract_may_be_refused(how: int) -> None:
    """Which of the three comes is not documented."""
    procore = a_project_with_everything()
    procore.switch(hidden={"work_order_contracts": [502]}, payments_of_hidden=how)
    query = {"project_id": PROJECT, "contract_id": 502}
    assert procore.get("v1.0/contract_payments", **query).status_code == how
    assert procore.get("v1.0/contract_payments/72", **query).status_code == how
    assert ids(procore, "v1.1/requisitions") == [11]


def test_hidden_records() -> None:
    """Lists leave them out, filters by id too, and their own address answers 404; their neighbours stay."""
    procore = a_project_with_everything()
    procore.switch(hidden={"requisitions": [11], "contract_payments": [71], "vendors": [1]})
    assert ids(procore, "v1.1/requisitions", filters__id="11") == []
    assert ids(procore, "v1.1/requisitions") == [12]
    assert ids(procore, "v1.0/contract_payments", contract_id=501) == []
    assert procore.get("v1.0/contract_payments/71", project_id=PROJECT, contract_id=501).status_code == 404
    assert procore.get("v1.0/vendors/1", company_id=COMPANY).status_code == 404
    assert procore.rows("v1.1/projects/310/vendors") == []
    (contract,) = [row for row in procore.rows("v1.0/work_order_contracts", project_id=PROJECT) if row["id"] == 501]
    assert contract["total_payments"] == "10.00"  # the contract goes on to say what was paid


def test_a_deleted_payment_is_not_found_while_its_neighbours_are() -> None:
    """Reading one record by id tells a deleted one from a tool that is off."""
    procore = a_project_with_everything()
    procore.edit("contract_payments", PROJECT, 73, contract_id=501, amount="5.00")
    procore.delete("contract_payments", PROJECT, 71)
    query = {"project_id": PROJECT, "contract_id": 501}
    assert procore.get("v1.0/contract_payments/71", **query).json() == {"error": "Not Found"}
    assert procore.row("v1.0/contract_payments/73", **query)["amount"] == "5.00"


def test_lists_without_paging() -> None:
    """They come whole whatever page is asked for, and no header says how many there are."""
    codes = [{"id": n, "full_code": f"03-{n}"} for n in range(1, 151)]
    procore = Procore(a_seed(projects=[a_project(PROJECT)], cost_codes={str(PROJECT): codes}))
    assert len(procore.rows("v1.0/cost_codes", project_id=PROJECT, per_page=100)) == 100
    procore.switch(unpaged=["cost_codes"])
    for page in (1, 2):
        answer = procore.get("v1.0/cost_codes", project_id=PROJECT, per_page=100, page=page)
        assert len(answer.json()) == 150
        assert not {"Link", "Total", "Per-Page"} & set(answer.headers)
    assert "Total" in procore.get("v1.1/requisitions", project_id=PROJECT).headers


def test_a_list_that_is_too_large() -> None:
    """More rows than an answer may hold is a 408, which smaller pages avoid; a list without pages stays one."""
    codes = [{"id": n, "full_code": f"03-{n}"} for n in range(1, 151)]
    procore = Procore(a_seed(projects=[a_project(PROJECT)], cost_codes={str(PROJECT): codes}))
    procore.switch(rows_at_once=60)
    assert procore.get("v1.0/cost_codes", project_id=PROJECT).status_code == 408
    assert len(procore.rows("v1.0/cost_codes", project_id=PROJECT, per_page=60)) == 60
    procore.switch(unpaged=["cost_codes"])
    assert procore.get("v1.0/cost_codes", project_id=PROJECT, per_page=10).status_code == 408


def test_procore_pay_dates_its_states() -> None:
    """With external_payment_id the money leaves at processing and arrives at paid; without, neither is dated."""
    procore = a_project_with_everything()
    query = {"project_id": PROJECT, "contract_id": 501}
    for status, dated in [("approved", set()), ("processing", {"initiated"}), ("paid", {"initiated", "settled"})]:
        procore.edit("contract_payments", PROJECT, 71, external_payment_id="2169c3f0", status=status)
        payment = procore.row("v1.0/contract_payments/71", **query)
        assert {step for step in ("initiated", "settled") if payment.get(f"date_payment_{step}")} == dated
    procore.edit("contract_payments", PROJECT, 72, status="paid")
    other = procore.row("v1.0/contract_payments/72", project_id=PROJECT, contract_id=502)
    assert "date_payment_settled" not in other


def test_company_base_url() -> None:
    """The zone of the header's company, and where its pages are."""
    base = {"zone": "us02", "web_base_url": "https://us02.procore.com"}
    assert Procore(a_seed(company_base_url=base)).row("v1.0/company_base_url") == base
    assert Procore(a_seed()).row("v1.0/company_base_url")["zone"] == "us01"


def test_null_lists_and_times_without_zone_are_rows_like_others() -> None:
    """`items: null` is answered as it is; a time without its zone is UTC for the filters."""
    rows = [{"id": 11, "items": None, "updated_at": "2026-07-31T10:00:00"}]
    procore = Procore(
        a_seed(
            projects=[a_project(PROJECT)],
            requisitions={str(PROJECT): rows},
            direct_costs={str(PROJECT): [{"id": 91, "line_items": None}]},
        )
    )
    query = {"filters__updated_at": "2026-07-31T10:00:00Z...2026-07-31T10:00:01Z"}
    (claim,) = procore.rows("v1.1/requisitions", project_id=PROJECT, view="extended", **query)
    assert (claim["items"], claim["updated_at"]) == (None, "2026-07-31T10:00:00")
    assert procore.rows("v1.0/projects/310/direct_costs/line_items") == []
    assert procore.row("v1.1/projects/310/direct_costs/91")["line_items_count"] == 0


def test_the_documented_examples_are_the_limits() -> None:
    """600 calls an hour and 25 in ten seconds, of which the headers describe the nearer."""
    procore = Procore(a_seed())
    first = procore.get("v1.0/companies").headers
    assert (first["X-Rate-Limit-Limit"], first["X-Rate-Limit-Remaining"]) == ("25", "24")
    for _ in range(24):
        procore.get("v1.0/companies")
    assert procore.get("v1.0/companies").status_code == 429
    for _ in range(23):
        procore.clock.advance(11)
        for _ in range(25):
            procore.get("v1.0/companies")
    procore.clock.advance(11)
    assert procore.get("v1.0/companies").headers["X-Rate-Limit-Limit"] == "600"
    assert procore.get("v1.0/companies").status_code == 429


def test_switches_are_checked_kept_and_dumped() -> None:
    """A wrong one is refused and changes nothing; the dump holds them, so that it can be a seed again."""
    procore = Procore(a_seed(switches={"unpaged": ["cost_codes"]}))
    wrong = procore.http.post("/_sandbox/switches", json={"tools_off": {"310": {"direct_costs": 500}}})
    assert wrong.status_code == 400
    assert procore.http.post("/_sandbox/switches", json={"no_such": 1}).status_code == 400
    procore.switch(rows_at_once=5)
    shown = procore.http.get("/_sandbox/switches").json()
    assert (shown["unpaged"], shown["rows_at_once"]) == (["cost_codes"], 5)
    assert procore.half.dump()["switches"] == shown
