"""Records of the sandbox's Procore: what each address shows of a row, and who may see it."""

from __future__ import annotations

from decimal import Decimal

import pytest
import simplejson

from tests.unit.sandbox.procore import COMPANY, Procore, a_project, a_seed
from worker.sandbox.seed import read_seed

BELOW_A_PROJECT = [
    "v1.1/projects/{}/vendors",
    "v1.0/cost_codes?project_id={}",
    f"v1.0/line_item_types?company_id={COMPANY}&project_id={{}}",
    "v1.0/projects/{}/work_breakdown_structure/wbs_codes",
    "v1.0/work_order_contracts?project_id={}",
    "v1.0/purchase_order_contracts?project_id={}",
    "v1.1/requisitions?project_id={}",
    "v1.1/projects/{}/direct_costs",
    "v1.0/projects/{}/direct_costs/line_items",
    "v1.0/contract_payments?project_id={}&contract_id=701901",
]


@pytest.mark.parametrize("path", BELOW_A_PROJECT)
def test_every_address_below_a_project(path: str) -> None:
    """Answers for a known project, 404 for an unknown one, 403 for one that is not permitted."""
    procore = Procore()
    assert procore.http.get("/rest/" + path.format(310417)).status_code == 200
    assert procore.http.get("/rest/" + path.format(999)).status_code == 404
    forbidden = Procore(a_seed(projects=[a_project(1)], forbidden_projects=[1]))
    answer = forbidden.http.get("/rest/" + path.format(1))
    assert answer.status_code == 403
    assert isinstance(answer.json()["errors"], list)


@pytest.mark.parametrize(
    "path",
    [
        "v1.1/projects",
        "v1.0/projects/310417",
        "v1.0/vendors",
        "v1.0/tax_codes",
        "v1.0/cost_codes",
        "v1.1/requisitions",
        "v1.0/contract_payments",
    ],
)
def test_scope_is_demanded(path: str) -> None:
    """The company or project must be named beside the header."""
    answer = Procore().get(path)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Missing Project or Company ID"


@pytest.mark.parametrize("scope", [{"company_id": COMPANY}, {"project_id": 310417}])
def test_cost_types_want_both_scopes(scope: dict[str, int]) -> None:
    """Documented in two ways (procore-api.md §4.4): whoever names both is answered either way."""
    assert Procore().get("v1.0/line_item_types", **scope).status_code == 400


def test_payments_want_the_contract_too() -> None:
    """There is no list of all payments of a project; an unknown contract is a 404."""
    procore = Procore()
    assert procore.get("v1.0/contract_payments", project_id=310417).status_code == 400
    missing = procore.get("v1.0/contract_payments", project_id=310417, contract_id=1)
    assert missing.status_code == 404
    rows = procore.rows("v1.0/contract_payments", project_id=310417, contract_id=701901)
    assert {row["requisition_id"] for row in rows} == {58801, 58807}
    assert all("payment_method" not in row for row in rows)


@pytest.mark.parametrize(
    ("view", "shown", "hidden"),
    [
        (None, {"summary"}, {"items", "item_packages", "summary_text", "tax_summary", "accounting_method"}),
        ("default", {"summary"}, {"items", "tax_summary"}),
        ("items", {"summary", "items", "item_packages"}, {"summary_text", "tax_summary"}),
        ("header_only", {"summary", "summary_text", "tax_summary"}, {"items", "item_packages"}),
        ("extended", {"summary", "items", "item_packages", "summary_text", "tax_summary"}, set()),
    ],
)
def test_views_of_a_claim(view: str | None, shown: set[str], hidden: set[str]) -> None:
    """Lines come only when asked for, in the list and in the show alike."""
    procore = Procore()
    query = {"project_id": 310417} | ({"view": view} if view else {})
    for row in (
        procore.rows("v1.1/requisitions", **query)[0],
        procore.row("v1.1/requisitions/58801", **query),
    ):
        assert shown <= row.keys()
        assert not hidden & row.keys()


def test_claims_come_30_at_a_time() -> None:
    """The list of claims has a page size of its own."""
    rows = [{"id": number} for number in range(1, 32)]
    procore = Procore(a_seed(projects=[a_project(1)], requisitions={"1": rows}))
    assert len(procore.rows("v1.1/requisitions", project_id=1)) == 30


def test_simplified_claim_has_no_summary_text() -> None:
    """`summary_text` exists only for progressive invoicing."""
    claim = {"id": 5, "contract_invoicing_method": "simplified", "summary_text": {}, "items": []}
    procore = Procore(a_seed(projects=[a_project(1)], requisitions={"1": [claim]}))
    [row] = procore.rows("v1.1/requisitions", project_id=1, view="extended")
    assert "summary_text" not in row
    assert "items" in row


def test_unknown_view() -> None:
    """A view that an endpoint does not have is a 400."""
    assert Procore().get("v1.1/requisitions", project_id=310417, view="full").status_code == 400


def test_direct_cost_list_and_show_differ() -> None:
    """The list has a bare vendor name and no lines; the show has a vendor object, lines and no `amount`."""
    procore = Procore()
    listed = procore.rows("v1.1/projects/310417/direct_costs")[0]
    assert listed["vendor"] == listed["vendor_name"] == "Merri Timber Supplies Pty Ltd"
    assert "line_items" not in listed
    shown = procore.row("v1.1/projects/310417/direct_costs/9301")
    assert shown["vendor"] == {"id": 161209, "name": "Merri Timber Supplies Pty Ltd"}
    assert len(shown["line_items"]) == shown["line_items_count"] == 3
    assert "amount" not in shown


def test_lines_of_all_direct_costs() -> None:
    """One list holds the lines of a whole project, each naming its holder."""
    procore = Procore()
    lines = procore.rows("v1.0/projects/310417/direct_costs/line_items")
    assert len(lines) == 9
    assert lines[0]["holder"] == {"id": 9301, "holder_type": "DirectCost::Item"}
    assert lines[0]["project"] == {"id": 310417, "name": "Northbank Apartments"}
    one = procore.rows("v1.0/projects/310417/direct_costs/line_items", filters__direct_cost_id=9302)
    assert {line["holder"]["id"] for line in one} == {9302}


def test_contract_shows_what_the_list_leaves_out() -> None:
    """Lines and payments are in the show; its payments carry neither status nor claim."""
    procore = Procore()
    listed = procore.rows("v1.0/work_order_contracts", project_id=310417)[0]
    assert not {"line_items", "payments_issued"} & listed.keys()
    shown = procore.row("v1.0/work_order_contracts/701901", project_id=310417)
    assert len(shown["line_items"]) == 4
    assert len(shown["payments_issued"]) == 3
    assert not {"status", "requisition_id"} & shown["payments_issued"][0].keys()


def test_total_payments_follow_the_payments() -> None:
    """It is the sum of the payments, moves with them, and not with their status."""
    procore = Procore()

    def total() -> str:
        rows = procore.rows("v1.0/work_order_contracts", project_id=310417)
        return next(str(row["total_payments"]) for row in rows if row["id"] == 701902)

    assert total() == "4000.00"
    payment = {"contract_id": 701902, "amount": "12.34", "status": "in_review", "project_id": 310417}
    procore.edit("contract_payments", 310417, 77, **payment)
    assert total() == "4012.34"
    procore.edit("contract_payments", 310417, 77, status="paid")
    assert total() == "4012.34"
    procore.delete("contract_payments", 310417, 77)
    assert total() == "4000.00"


def test_total_payments_of_the_seed_wins() -> None:
    """A seed may state another total, to try a worker that trusts it."""
    contract = {"id": 3, "total_payments": "9.99"}
    procore = Procore(a_seed(projects=[a_project(1)], work_order_contracts={"1": [contract]}))
    assert procore.rows("v1.0/work_order_contracts", project_id=1)[0]["total_payments"] == "9.99"


def test_the_terms_of_a_contract_stand_in_the_extended_list() -> None:
    """What the compact list leaves out is not documented, so nothing may rely on it."""
    orders = {"1": [{"id": 3, "payment_terms": "Net 30"}]}
    procore = Procore(a_seed(projects=[a_project(1)], purchase_order_contracts=orders))
    path = "v1.0/purchase_order_contracts"
    assert "payment_terms" not in procore.rows(path, project_id=1)[0]
    assert procore.rows(path, project_id=1, view="extended")[0]["payment_terms"] == "Net 30"


def test_unreadable_amount_does_not_break_the_total() -> None:
    """A seed with a bad amount is for the worker to stumble over, not for the sandbox."""
    payments = [{"id": 1, "contract_id": 3, "amount": "10%"}, {"id": 2, "contract_id": 3, "amount": "1.00"}]
    seed = a_seed(projects=[a_project(1)], work_order_contracts={"1": [{"id": 3}]}, contract_payments={"1": payments})
    procore = Procore(seed)
    assert procore.rows("v1.0/work_order_contracts", project_id=1)[0]["total_payments"] == "1.00"
    assert procore.rows("v1.0/contract_payments", project_id=1, contract_id=3)[0]["amount"] == "10%"


def test_project_vendors_are_those_of_the_directory() -> None:
    """A project lists its own vendors; a vendor can be added to it and taken out."""
    procore = Procore()
    path = "v1.1/projects/310503/vendors"
    assert [row["id"] for row in procore.rows(path)] == [161208, 161210, 161202]
    procore.edit("project_vendors", 310503, 161201)
    assert 161201 in [row["id"] for row in procore.rows(path)]
    procore.delete("project_vendors", 310503, 161201)
    assert 161201 not in [row["id"] for row in procore.rows(path)]


def test_inactive_vendor_is_shown_but_not_listed() -> None:
    """Inactive vendors are a separate list in Procore."""
    procore = Procore()
    procore.edit("vendors", "-", 161203, is_active=False)
    assert procore.rows("v1.0/vendors", company_id=COMPANY, filters__id=161203) == []
    assert procore.row("v1.0/vendors/161203", company_id=COMPANY)["is_active"] is False


def test_views_of_projects_and_vendors() -> None:
    """`ids` is a list of numbers, `compact` id and name, the rest as documented."""
    procore = Procore()
    assert procore.get("v1.1/projects", company_id=COMPANY, view="ids").json()[0] == 310417
    compact = procore.rows("v1.1/projects", company_id=COMPANY, view="compact")[0]
    assert set(compact) == {"id", "name"}
    assert "tz_name" not in procore.rows("v1.1/projects", company_id=COMPANY)[0]
    assert "project_ids" not in procore.rows("v1.0/vendors", company_id=COMPANY, view="normal")[0]
    assert "project_ids" in procore.rows("v1.0/vendors", company_id=COMPANY)[0]


def test_shown_project_names_its_stage_twice() -> None:
    """The show adds the stage's id; an inactive project is shown, an unknown one is not."""
    procore = Procore()
    project = procore.row("v1.0/projects/310309", company_id=COMPANY)
    assert project["project_stage_id"] == project["project_stage"]["id"]
    assert procore.get("v1.0/projects/1", company_id=COMPANY).status_code == 404


def test_project_of_another_company_looks_unknown() -> None:
    """Procore answers 404 for what the company in the header must not see."""
    foreign = a_project(2, company={"id": 9, "name": "Other"})
    procore = Procore(a_seed(projects=[foreign], requisitions={"2": []}))
    assert procore.get("v1.0/projects/2", company_id=COMPANY).status_code == 404
    assert procore.get("v1.1/requisitions", project_id=2).status_code == 404


def test_company_lists() -> None:
    """Companies, stages, cost types, tax codes and currency belong to the company."""
    procore = Procore()
    assert procore.rows("v1.0/companies")[0]["id"] == COMPANY
    stages = procore.rows(f"v1.0/companies/{COMPANY}/project_stages")
    assert "Send to Xero" in [stage["name"] for stage in stages]
    types = procore.rows("v1.0/line_item_types", company_id=COMPANY, project_id=310417)
    assert [row["code"] for row in types] == ["L", "M", "S", "E", "O"]
    assert procore.rows("v1.0/tax_codes", company_id=COMPANY)[0]["rate1"] == 10
    currency = procore.row(f"v1.0/companies/{COMPANY}/currency_configuration")
    assert currency["currency_iso_code"] == "AUD"


def test_numbers_leave_as_exact_decimals() -> None:
    """A Decimal in the state is a JSON number with the same digits."""
    procore = Procore()
    [claim] = procore.rows("v1.1/requisitions", project_id=310417, view="extended", filters__id=58801)
    assert claim["tax_summary"][0]["applied_amount"] == Decimal("1582.62")
    assert str(claim["items"][0]["taxes"][0]["tax_code_rate"]) == "0.1"


def test_dump_is_a_seed_again() -> None:
    """What the control interface dumps can be loaded, and gives the same state."""
    procore = Procore()
    procore.edit("vendors", "-", 1, name="New")
    dump = simplejson.loads(procore.http.get("/_sandbox/dump").text, use_decimal=True)
    assert read_seed({"procore": dump})["procore"] == dump == procore.half.dump()
    assert Procore({"procore": dump}).half.dump() == dump
