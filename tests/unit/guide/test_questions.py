"""What the mapping file leaves open, and what is proposed: only what was read and speaks for one choice alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from worker.guide.questions import choices, questions, untracked
from worker.guide.values import Choice, CostType, Group, InProcore, InXero, Question, TaxCode, TaxType
from worker.mapping.rules import Rules

MATERIALS, HIRE = Choice("325", "Materials"), Choice("330", "Equipment Hire")
STOCK, RETENTION = Choice("630", "Materials"), Choice("830", "Retention Payable")
GST, CAPITAL = TaxType("INPUT", "GST on Expenses", Decimal(10)), TaxType("CAPEXINPUT", "GST on Capital", Decimal(10))
FREE, EXCLUDED = TaxType("EXEMPTEXPENSES", "GST Free", Decimal(0)), TaxType("BASEXCLUDED", "BAS Excluded", Decimal(0))
BANK, CHEQUES = Choice("090", "Bank"), Choice("091", "Cheque Account")
XERO = InXero(
    "Redgum",
    accounts=(MATERIALS, HIRE, STOCK, RETENTION),
    liabilities=(RETENTION,),
    banks=(BANK,),
    tax_types=(GST, FREE, EXCLUDED),
    costs=frozenset({"325", "330"}),
    tax_type_of={"325": "INPUT", "330": "INPUT", "630": "BASEXCLUDED"},
    categories=("Project", "Region"),
)
PROCORE = InProcore(
    ("24-017",),
    (CostType("M", "materials ", ("03-300",)), CostType("E", "Equipment", ("03-100",))),
    (Group("03-*", "Concrete", 2),),
    (TaxCode("GST@10%", Decimal(10)), TaxCode("Free", Decimal("0.0"))),
    {"check": 4},
)


def asked(
    rules: Rules | None = None, procore: InProcore = PROCORE, xero: InXero = XERO
) -> dict[tuple[str, str], Question]:
    return {one.place: one for one in questions(rules or Rules(), procore, xero)}


def test_a_cost_type_is_proposed_the_only_cost_account_of_its_name() -> None:
    """Not an asset account of the same name, and not one whose name only begins alike."""
    found = asked()
    assert found["accounts.cost_types", "M"].proposal == "325"
    assert found["accounts.cost_types", "E"].proposal == ""
    twice = replace(XERO, accounts=(*XERO.accounts, Choice("326", "Materials")), costs=XERO.costs | {"326"})
    assert asked(xero=twice)["accounts.cost_types", "M"].proposal == ""


@pytest.mark.parametrize(
    ("rules", "proposed"),
    [
        ({}, ""),
        ({"accounts": {"cost_types": {"M": "325", "E": "330"}}}, "INPUT"),
        ({"accounts": {"cost_types": {"M": "325"}, "cost_codes": {"03-*": "630"}}}, "INPUT"),
    ],
)
def test_of_several_tax_types_of_a_rate_the_accounts_own_is_proposed(rules: dict[str, object], proposed: str) -> None:
    """Ten percent on expenses and ten percent on capital are two: without accounts nothing tells which is meant."""
    xero = replace(XERO, tax_types=(*XERO.tax_types, CAPITAL))
    assert asked(Rules.model_validate(rules), xero=xero)["tax.codes", "GST@10%"].proposal == proposed


def test_no_tax_type_without_tax_is_proposed_where_there_are_several() -> None:
    """GST free and BAS excluded stand in different boxes of a return: a bookkeeper says which."""
    found = asked()
    assert found["tax.codes", "GST@10%"].proposal == "INPUT"
    assert found["tax.codes", "Free"].proposal == ""
    assert found["tax.codes", "Free"].choices == (FREE, EXCLUDED)
    untaxed = replace(XERO, tax_type_of={"325": "EXEMPTEXPENSES"})
    named = Rules.model_validate({"accounts": {"cost_types": {"M": "325"}}})
    assert asked(named, xero=untaxed)["tax.codes", "Free"].proposal == ""


def test_a_tax_code_may_only_get_a_tax_type_of_its_rate() -> None:
    """Another one holds every bill; and a code whose rate Procore does not say is proposed nothing."""
    assert asked()["tax.codes", "GST@10%"].choices == (GST,)
    unsaid = asked(procore=replace(PROCORE, tax_codes=(TaxCode("VAT", None),)), xero=replace(XERO, tax_types=(GST,)))
    assert (unsaid["tax.codes", "VAT"].choices, unsaid["tax.codes", "VAT"].proposal) == ((GST,), "")


def test_the_only_bank_account_is_proposed_unless_another_lacks_a_code() -> None:
    """That one may be the one that is meant."""
    assert asked()["bank_accounts", "default"].proposal == "090"
    assert asked(xero=replace(XERO, banks=(BANK, CHEQUES)))["bank_accounts", "default"].proposal == ""
    uncoded = asked(xero=replace(XERO, uncoded_banks=("Savings",)))["bank_accounts", "default"]
    assert (uncoded.proposal, "Savings" in uncoded.about) == ("", True)


def test_payment_methods_are_asked_only_where_there_is_a_choice() -> None:
    """With one bank account the default says all."""
    assert ("bank_accounts", "check") not in asked()
    assert not asked(xero=replace(XERO, banks=(BANK, CHEQUES)))["bank_accounts", "check"].is_needed


def test_what_the_file_says_is_not_asked_again() -> None:
    """By itself, by patterns that cover all codes of a type, or by a default, which leaves the rest optional."""
    rules = Rules.model_validate(
        {
            "accounts": {"cost_codes": {"03-3*": "325"}},
            "tax": {"codes": {"GST@10%": "INPUT"}, "default": "INPUT"},
            "retention": {"withheld_account": "830", "released_account": "830"},
            "bank_accounts": {"default": "090"},
        }
    )
    assert set(asked(rules)) == {
        ("accounts.cost_types", "E"),
        ("accounts.cost_codes", "03-*"),
        ("accounts", "default"),
        ("tax.codes", "Free"),
    }
    default = Rules.model_validate({"accounts": {"default": "325"}})
    assert not asked(default)["accounts.cost_types", "E"].is_needed


def test_without_a_system_nothing_is_asked_that_it_alone_knows() -> None:
    """Neither half makes up for the other."""
    assert asked(procore=InProcore(), xero=InXero("")) == {}
    assert choices(InProcore(), InXero("")) == {}


def test_tracking_categories_that_are_not_there_are_told() -> None:
    """Names are compared as Xero does."""
    assert list(untracked(Rules(), XERO)) == ["Cost Codes"]
    assert list(untracked(Rules.model_validate({"cost_codes": {"target": "item"}}), XERO)) == []
