"""The seed: what is refused and how, and that the demo's figures add up as Procore's own would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from worker.sandbox.seed import SeedError, read_seed, read_seed_file

CENT = Decimal("0.01")
GST = Decimal("0.1")
TO_BE_SENT = ("approved", "approved_as_noted")
Rounding = Callable[[list[dict[str, Any]]], Decimal]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@cache
def demo() -> dict[str, Any]:
    return read_seed()


def rows(collection: str) -> Iterator[dict[str, Any]]:
    for listed in demo()["procore"][collection].values():
        yield from listed


def number(row: dict[str, Any], *fields: str) -> Decimal:
    return sum((Decimal(row[field]) for field in fields), Decimal())


def gross(item: dict[str, Any]) -> Decimal:
    """This period's value of a line: work, and materials newly stored. Nothing is moved in the demo."""
    before = number(item, "materials_presently_stored_from_previous_progress")
    return number(item, "work_completed_this_period", "materials_presently_stored") - before


def retained(item: dict[str, Any]) -> Decimal:
    return number(item, "work_completed_retainage_retained_this_period", "materials_stored_retainage_new_materials")


def released(item: dict[str, Any]) -> Decimal:
    return number(
        item, "work_completed_retainage_released_this_period", "materials_stored_retainage_released_this_period"
    )


def withheld(item: dict[str, Any]) -> Decimal:
    """This period's retention of a line, negative when more is released than retained."""
    return retained(item) - released(item)


def on_the_total(items: list[dict[str, Any]]) -> Decimal:
    return cents(sum((gross(item) - withheld(item) for item in items), Decimal()) * GST)


def line_by_line(items: list[dict[str, Any]]) -> Decimal:
    return sum((cents((gross(item) - withheld(item)) * GST) for item in items), Decimal())


def retention_apart(items: list[dict[str, Any]]) -> Decimal:
    taxes = ([gross(item) * GST, -retained(item) * GST, released(item) * GST] for item in items)
    return sum((cents(one) for three in taxes for one in three), Decimal())


def computed(items: list[dict[str, Any]]) -> Decimal:
    """As Xero computes it: the demo's retention is one line of each bill."""
    kept = cents(sum((withheld(item) for item in items), Decimal()) * GST)
    return sum((cents(gross(item) * GST) for item in items), Decimal()) - kept


#: How Procore rounds is not documented, so the demo has each way, by project.
ROUNDINGS: dict[str, Rounding] = {
    "310417": line_by_line,
    "310421": retention_apart,
    "310503": on_the_total,
    "310426": on_the_total,
}


def due_with_tax(claim: dict[str, Any]) -> Decimal:
    return number(claim["summary"], "current_payment_due", "tax_applicable_to_this_payment")


def test_every_claim_adds_up() -> None:
    """Lines less retention withheld plus retention released are what the summary says is due."""
    for claim in rows("requisitions"):
        due = sum((gross(item) - withheld(item) for item in claim["items"]), Decimal())
        assert due == Decimal(claim["summary"]["current_payment_due"]), claim["id"]


def test_every_line_carries_on_from_the_claim_before() -> None:
    """The cumulative columns of a line start where the line stood after the previous claim."""
    stood: dict[int, Decimal] = defaultdict(Decimal)
    for claim in rows("requisitions"):
        for item in claim["items"]:
            line = item["line_item_id"]
            assert number(item, "total_completed_and_stored_to_date_from_previous") == stood[line]
            stood[line] += gross(item)
            assert number(item, "total_completed_and_stored_to_date") == stood[line]


def test_every_summary_is_cumulative() -> None:
    """A summary holds the contract to date; the claim's own part is the difference to the one before."""
    earned: dict[int, Decimal] = defaultdict(Decimal)
    retained: dict[int, Decimal] = defaultdict(Decimal)
    for claim in rows("requisitions"):
        contract, summary = claim["commitment_id"], claim["summary"]
        assert number(summary, "less_previous_certificates_for_payment") == earned[contract]
        retained[contract] += sum((withheld(item) for item in claim["items"]), Decimal())
        assert number(summary, "total_retainage") == retained[contract]
        to_date = number(summary, "total_completed_and_stored_to_date")
        assert to_date == sum(
            (number(item, "total_completed_and_stored_to_date") for item in claim["items"]), Decimal()
        )
        earned[contract] = to_date - retained[contract]
        assert number(summary, "total_earned_less_retainage") == earned[contract]


@pytest.mark.parametrize(("project", "rounding"), ROUNDINGS.items())
def test_tax_is_stated_as_procore_may_round_it(project: str, rounding: Rounding) -> None:
    """10 % half up, in summary and tax summary alike."""
    for claim in demo()["procore"]["requisitions"][project]:
        tax = rounding(claim["items"])
        assert tax == Decimal(claim["summary"]["tax_applicable_to_this_payment"]), claim["id"]
        assert [part["applied_amount"] for part in claim["tax_summary"]] == [tax]
        assert {part["tax_code_rate"] for item in claim["items"] for part in item["taxes"]} == {GST}


@pytest.mark.parametrize(("project", "rounding"), ROUNDINGS.items())
def test_some_tax_differs_from_what_xero_computes(project: str, rounding: Rounding) -> None:
    """Xero rounds each line, and retention as one line; where no claim told the two apart, nobody would notice."""
    claims = [one["items"] for one in demo()["procore"]["requisitions"][project] if one["status"] in TO_BE_SENT]
    assert any(rounding(items) != computed(items) for items in claims)


def test_the_demo_has_claims_that_each_way_of_rounding_taxes_otherwise() -> None:
    """One that is a cent less on the total than line by line, and one that is a cent more with retention apart."""
    claims = [one["items"] for one in rows("requisitions") if one["status"] in TO_BE_SENT]
    assert any(on_the_total(items) != line_by_line(items) for items in claims)
    assert any(retention_apart(items) != line_by_line(items) for items in claims)


def test_direct_costs_add_up() -> None:
    """Quantity times unit cost, half up; tax per line; and the breakdown agrees, its rate being a percent."""
    for cost in rows("direct_costs"):
        lines = [cents(Decimal(line["quantity"]) * Decimal(line["unit_cost"])) for line in cost["line_items"]]
        assert [Decimal(line["extended_amount"]) for line in cost["line_items"]] == lines
        parts = cost["tax_breakdown"]
        taxed = sum((cents(line * GST) for line in lines), Decimal())
        assert (Decimal(parts["subtotal"]), Decimal(parts["tax_total"])) == (sum(lines), taxed)
        assert Decimal(cost["grand_total"]) == number(parts, "subtotal", "tax_total") == number(parts, "grand_total")
        assert parts["tax_details"][0]["tax_code_rate"] == "10.0"


def test_payments_fit_their_bills() -> None:
    """What is paid on a claim never exceeds what its bill has due with tax, and names exactly one claim."""
    claims = list(rows("requisitions"))
    paid: dict[int, Decimal] = defaultdict(Decimal)
    for payment in rows("contract_payments"):
        named = [
            claim
            for claim in claims
            if claim["commitment_id"] == payment["contract_id"]
            and payment["requisition_id"] in (None, claim["id"])
            and payment["invoice_number"] == claim["invoice_number"]
        ]
        [claim] = named
        assert claim["status"] in TO_BE_SENT
        assert payment["date"] > claim["billing_date"]
        paid[claim["id"]] += Decimal(payment["amount"])
        assert paid[claim["id"]] <= due_with_tax(claim)


def test_every_line_names_a_cost_code_of_its_project() -> None:
    """Claims and direct costs are coded to WBS codes that the project has, with code and type as segments."""
    procore = demo()["procore"]
    for project_id, codes in procore["wbs_codes"].items():
        known = {code["id"]: code["flat_code"] for code in codes}
        used = [item for claim in procore["requisitions"].get(project_id, []) for item in claim["items"]]
        used += [line for cost in procore["direct_costs"].get(project_id, []) for line in cost["line_items"]]
        assert all(known[line["wbs_code"]["id"]] == line["wbs_code"]["flat_code"] for line in used)


def test_business_numbers_are_valid() -> None:
    """Every ABN has its check digits right; one vendor has none."""
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    registers = [vendor["business_register"] for vendor in demo()["procore"]["vendors"]]
    assert registers.count(None) == 1
    for register in filter(None, registers):
        digits = [int(digit) for digit in register["identifier"]]
        digits[0] -= 1
        assert sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 89 == 0


def test_the_cases_the_demo_is_there_for() -> None:
    """Three projects to send; and the awkward records that must not get lost."""
    procore, xero = demo()["procore"], demo()["xero"]
    staged = [row for row in procore["projects"] if row["project_stage"]["name"] == "Send to Xero" and row["active"]]
    assert sorted(row["project_number"] for row in staged) == ["", " 24-030 ", "24-017", "24-021", "24-030", "25-003"]
    claims = [claim for claim in rows("requisitions") if claim["status"] in TO_BE_SENT]
    dues = [number(claim["summary"], "current_payment_due") for claim in claims]
    assert min(dues) < 0
    assert Decimal() in dues
    vendors = {vendor["id"]: vendor for vendor in procore["vendors"]}
    assert len([claim for claim in claims if claim["vendor_id"] not in vendors]) == 1
    names = {vendor["name"].casefold() for vendor in vendors.values()}
    assert [row["Name"] for row in xero["contacts"] if row["Name"].casefold() in names and row["Name"] not in names]
    named = {
        row["business_register"]["identifier"]: row["name"] for row in vendors.values() if row["business_register"]
    }
    twins = [row for row in xero["contacts"] if "TaxNumber" in row]
    assert [row["Name"] != named[row["TaxNumber"]] for row in twins] == [True]


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        ({"procore": {"projects": [{"id": "1"}]}}, "procore.projects[0].id: Input should be a valid integer"),
        ({"procore": {"vendors": [{"name": "x"}]}}, "procore.vendors[0].id: Field required"),
        ({"procore": {"vendors": [{"id": 1}, {"id": 1}]}}, "procore.vendors: id 1 stands twice"),
        (
            {"procore": {"vendors": [{"id": 1, "updated_at": "yesterday"}]}},
            "updated_at: Invalid isoformat string: 'yesterday'",
        ),
        (
            {"procore": {"switches": {"unpaged": ["invoices"]}}},
            "procore.switches.unpaged[0]: Input should be 'companies'",
        ),
        ({"procore": {"requisitions": {"3": []}}}, "requisitions names project 3, which projects does not have"),
        ({"procore": {"claims": []}}, "procore.claims: Extra inputs are not permitted"),
        ({"xero": {"invoices": [{"Type": "ACCPAY"}]}}, "xero.invoices[0].Contact: Field required"),
        ({"xero": {"payments": [{"Account": {}, "Amount": 1.5}]}}, "xero.payments[0].Amount is a float"),
        ([], "the top level: Input should be a valid dictionary"),
    ],
)
def test_wrong_seed_is_refused_by_place(seed: Any, sentence: str) -> None:
    """The message names the path inside the seed and what is wrong there."""
    with pytest.raises(SeedError) as caught:
        read_seed(seed)
    assert sentence in str(caught.value)


def test_missing_lists_are_empty_and_rows_stay_as_they_are() -> None:
    """Checking fills in lists, not fields: a row without a status must reach the worker without one."""
    row = {"id": 5, "status": None, "amount": Decimal("1.10")}
    given = {"procore": {"projects": [{"id": 1}], "requisitions": {1: [row]}}}
    seed = read_seed(given)
    assert seed["procore"]["requisitions"] == {"1": [row]}
    assert seed["procore"]["requisitions"]["1"][0] is not row
    assert seed["xero"]["invoices"] == []
    assert seed["procore"]["credentials"]["client_id"] == "sandbox-procore-client"


def test_a_seed_file_that_is_no_seed(tmp_path: Path) -> None:
    """A missing file and a file that is not JSON are named in the message."""
    with pytest.raises(SeedError, match="cannot be read"):
        read_seed_file(tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    with pytest.raises(SeedError, match="is not JSON"):
        read_seed_file(broken)


def test_amounts_in_a_file_are_exact(tmp_path: Path) -> None:
    """A fraction in a seed file is a Decimal, never a float."""
    path = tmp_path / "seed.json"
    path.write_text('{"xero": {"payments": [{"Account": {}, "Amount": 0.10}]}}', encoding="utf-8")
    assert str(read_seed_file(path)["xero"]["payments"][0]["Amount"]) == "0.10"
