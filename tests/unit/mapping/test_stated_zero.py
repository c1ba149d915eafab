"""Who computes the tax on a kind of record: what the mapping file says, else what was seen of all of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_claim, a_claim_item, an_invoice, an_invoice_line, known, rules
from worker.mapping import claims, invoices, own_tax
from worker.mapping.rules import Computes
from worker.mapping.stated_zero import Evidence, computes, in_words

CODE = [{"tax_code_id": 1, "tax_code_name": "GST@10%"}]


@pytest.mark.parametrize(
    ("kind", "said", "seen", "who", "words"),
    [
        ("claims", "xero", Evidence("claim 1"), "xero", 'the mapping file says claims = "xero" under [tax]'),
        ("invoices", "procore", Evidence(has_codes=False), "procore", 'says invoices = "procore" under'),
        ("claims", None, Evidence("claim 1 of 24-017", 50, False), "procore", "tax on claims, as on claim 1 of 24-017"),
        ("claims", None, Evidence(silent=3, has_codes=False), "xero", "no tax codes, and no tax on any of 3 claims"),
        ("claims", None, Evidence(silent=1, has_codes=False), "xero", "no tax codes, and no tax on the claims seen"),
        ("claims", None, Evidence(silent=20), "xero", "Procore has no tax on any of 20 claims looked at"),
        ("claims", None, Evidence(silent=19), None, "the company has tax codes, and no tax on any of 19 claims"),
        ("claims", None, Evidence(), None, "nothing tells yet whether Procore computes tax on claims"),
        ("invoices", None, Evidence(silent=20), "xero", "Procore has no tax on any of 20 invoices looked at"),
        ("invoices", None, Evidence(silent=1), None, "the company has tax codes, and no tax on the invoices seen"),
        ("invoices", None, Evidence(), None, "nothing tells yet whether Procore computes tax on invoices"),
    ],
)
def test_who_computes_the_tax(kind: str, said: Computes | None, seen: Evidence, who: str | None, words: str) -> None:
    """The mapping file, then a record with tax, then a company without codes, then many records; else nobody knows."""
    assert computes(kind, said, seen) == who
    assert words in in_words(kind, said, seen)


@pytest.mark.parametrize(
    ("tax", "taxes", "stated", "says_no_tax"),
    [
        ("0.00", [], None, True),
        (None, [], None, False),
        ("1.00", [], "1.00", False),
        ("0.00", CODE, "0.00", False),
        (None, CODE, None, False),
    ],
)
def test_what_a_claim_states(tax: str | None, taxes: list[Any], stated: str | None, says_no_tax: bool) -> None:
    """A figure, or 0.00 with a tax code, is the tax; 0.00 without one is for all claims to judge."""
    bill = claims.to_document(a_claim("10.00", items=[a_claim_item("10.00", taxes=taxes)], tax=tax), known())
    assert (bill.stated_tax, bill.says_no_tax) == (None if stated is None else Decimal(stated), says_no_tax)


NOTHING: dict[str, Any] = {"tax_details": []}


@pytest.mark.parametrize(
    ("broken_down", "says_no_tax"),
    [
        ({**NOTHING, "subtotal": "10.00", "tax_total": "0.0", "grand_total": "10.00"}, True),
        ({**NOTHING, "subtotal": "10.00", "tax_total": "0.0", "grand_total": "0.0"}, True),
        ({**NOTHING, "subtotal": "10.00", "tax_total": None, "grand_total": "10.00"}, True),
        ({**NOTHING, "subtotal": "0.0", "tax_total": "0.0", "grand_total": "0.0"}, True),
        ({**NOTHING, "subtotal": "10.00", "tax_total": None, "grand_total": None}, False),
        ({**NOTHING, "subtotal": None, "tax_total": None, "grand_total": None}, False),
        (NOTHING, False),
        (None, False),
    ],
)
def test_what_an_untaxed_direct_cost_states(broken_down: dict[str, Any] | None, says_no_tax: bool) -> None:
    """Whatever the breakdown of a direct cost holds where tax is off, the invoice goes, with no tax of Procore's."""
    bill = invoices.to_document(an_invoice("10.00", tax_breakdown=broken_down), known())
    assert (sum(line.amount for line in bill.lines), bill.stated_tax, bill.says_no_tax) == (10, None, says_no_tax)


def test_a_total_with_tax_that_the_breakdown_gives_alone() -> None:
    """Where it leaves out the tax, its totals say it."""
    broken_down = {"subtotal": "10.00", "tax_total": None, "grand_total": "11.00"}
    assert invoices.to_document(
        an_invoice("11.00", lines=[an_invoice_line("10.00")], tax_breakdown=broken_down), known()
    ).stated_tax == Decimal("1.00")


VENDORS = {"881": "BY ID", "ABN 51 824 753 556": "BY NUMBER", "Ernie's Electrical Pty. Ltd.": "BY NAME", "--": ""}


@pytest.mark.parametrize(
    ("vendor_id", "number", "name", "found"),
    [
        ("881", "51824753556", "Ernie's Electrical Pty Ltd", "BY ID"),
        ("5", "51824753556", "ernies electrical pty ltd", "BY NUMBER"),
        ("5", "", "ERNIE’S ELECTRICAL PTY LTD", "BY NAME"),
        ("5", "", "", None),
        ("None", "", "Somebody", None),
    ],
)
def test_a_vendors_own_tax_type(vendor_id: str, number: str, name: str, found: str | None) -> None:
    """By its number in Procore before its tax number, and that before its name, however it is written."""
    assert own_tax.find(VENDORS, vendor_id, number, name) == found
    assert own_tax.find({}, vendor_id, number, name) is None


def test_a_tax_code_goes_before_the_vendors_own_type() -> None:
    """The vendor's type is for lines without a code; beside one it is compared, and counts for retention, too."""
    own = known(
        rules=rules(
            tax={"codes": {"GST@10%": "INPUT"}, "default": "INPUT", "vendors": {"881": "EXEMPTEXPENSES"}},
            retention={"account": "820"},
        )
    )
    kept = {"work_completed_retainage_retained_this_period": "1.00"}
    items = [a_claim_item("10.00", id=1, **kept), a_claim_item("10.00", id=2, taxes=CODE, **kept)]
    bill = claims.to_document(a_claim("18.00", items=items), own)
    assert [(line.tax_type, line.own_tax_type, line.is_tax_open) for line in bill.lines] == [
        ("EXEMPTEXPENSES", None, False),
        ("INPUT", "EXEMPTEXPENSES", False),
        ("EXEMPTEXPENSES", None, False),
        ("INPUT", None, False),
    ]


def test_a_projects_vendors_join_the_general_ones() -> None:
    """As tax codes do."""
    general = rules(
        tax={"vendors": {"1": "INPUT", "2": "INPUT"}},
        projects={"24-017": {"tax": {"vendors": {"1": "BASEXCLUDED"}, "claims": "xero"}}},
    )
    own = general.for_project("24-017").tax
    assert own.vendors == {"1": "BASEXCLUDED", "2": "INPUT"}
    assert (own.computes("claims"), own.computes("invoices")) == ("xero", None)
