"""Tax and retention of any claim: the bill is what Procore states, to the cent, however Procore rounds, or is held.

What is drawn goes through the mapping, the checks before sending, and the sandbox's own arithmetic of bills, credit
notes and payments.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.factories import a_claim, a_claim_item, a_payment, an_invoice, an_invoice_line, known, rules
from tests.unit.mapping.outcomes import is_held
from worker.holds import HoldCode
from worker.mapping import claims, invoices, payments
from worker.mapping.references import Known, SentBill
from worker.procore.records import Claim, ClaimItem, Invoice
from worker.sandbox.clock import Clock
from worker.sandbox.switches import InForce, XeroSwitches
from worker.sandbox.xero.loading import load
from worker.sandbox.xero.organisation import Organisation
from worker.xero.chart import Chart
from worker.xero.documents import Bill

CODES = {"GST@10%": "INPUT", "Free": "EXEMPTEXPENSES", "GST@12.5%": "INPUT125"}
RATES = {"INPUT": Decimal(10), "INPUT125": Decimal("12.5"), "EXEMPTEXPENSES": Decimal(0), "BASEXCLUDED": Decimal(0)}
ACCOUNTS = [
    {"Code": "090", "Name": "Bank", "Type": "BANK", "Status": "ACTIVE"},
    *(
        {"Code": code, "Name": code, "Type": "EXPENSE", "Class": "EXPENSE", "Status": "ACTIVE"}
        for code in ("300", "310", "320")
    ),
    {"Code": "820", "Name": "Retention", "Type": "CURRLIAB", "Class": "LIABILITY", "Status": "ACTIVE"},
]
FITS = {"CanApplyToExpenses": True, "CanApplyToLiabilities": True}
TAX_RATES = [
    {"Name": type, "TaxType": type, "Status": "ACTIVE", "EffectiveRate": rate, **FITS} for type, rate in RATES.items()
]
CHART = Chart.of({}, ACCOUNTS, TAX_RATES)
ZERO = Decimal(0)
CENT = Decimal("0.01")
HALF_A_CENT = Decimal("0.005")
COMMITMENT = 701973
PAYER = known()


def an_organisation() -> Organisation:
    """A Xero with these accounts and rates, and with what the factories' project names."""
    own = known()
    tracking = [
        {
            "TrackingCategoryID": category.id,
            "Name": category.name,
            "Options": [{"TrackingOptionID": one.option_id, "Name": one.option} for one in options if one],
        }
        for category, options in (
            (own.project_category, [own.project]),
            (own.cost_code_category, own.cost_codes.values()),
        )
    ]
    contacts = [{"ContactID": "contact-881", "Name": "Ernie's Electrical"}]
    seed = {"accounts": ACCOUNTS, "tax_rates": TAX_RATES, "tracking_categories": tracking, "contacts": contacts}
    return load({"organisation": {"BaseCurrency": "AUD"}, **seed}, Clock(), InForce(XeroSwitches()))


@dataclass(frozen=True)
class Row:
    """A line of a claim, as its form has it; `materials` are in `work`, and retention on them in `withheld`."""

    work: Decimal
    materials: Decimal
    withheld: Decimal
    withheld_materials: Decimal
    released: Decimal
    code: str
    kind: str = "contract_detail_item"

    @property
    def rate(self) -> Decimal:
        return RATES[CODES[self.code]] / 100

    @property
    def gross(self) -> Decimal:
        return self.work + self.materials

    @property
    def kept(self) -> Decimal:
        return self.withheld + self.withheld_materials - self.released

    def item(self, number: int) -> ClaimItem:
        return a_claim_item(
            str(self.work),
            id=number,
            item_type=self.kind,
            materials_presently_stored=str(self.materials),
            work_completed_retainage_retained_this_period=str(self.withheld),
            materials_stored_retainage_new_materials=str(self.withheld_materials),
            work_completed_retainage_released_this_period=str(self.released),
            taxes=[{"tax_code_id": 1, "tax_code_name": self.code}],
        )


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def on_the_total(rows: Iterable[Row], on_release: bool) -> Decimal:
    return cents(sum(((row.gross - row.kept * on_release) * row.rate for row in rows), ZERO))


def line_by_line(rows: Iterable[Row], on_release: bool) -> Decimal:
    return sum((cents((row.gross - row.kept * on_release) * row.rate) for row in rows), ZERO)


def retention_apart(rows: Iterable[Row], on_release: bool) -> Decimal:
    parts = [
        (row, part)
        for row in rows
        for part in (row.gross, *([-row.withheld - row.withheld_materials, row.released] if on_release else []))
    ]
    return sum((cents(part * row.rate) for row, part in parts), ZERO)


Rounding = Callable[[Iterable[Row], bool], Decimal]
ROUNDINGS: list[Rounding] = [on_the_total, line_by_line, retention_apart]


def a_form(draw: random.Random) -> list[Row]:
    """One to sixty lines, mostly with 5 % retention on work and materials, some releases and
    variations, some lines negative."""

    def money(most: int) -> Decimal:
        return Decimal(draw.randint(0, most)) / 100

    rows = []
    for _ in range(draw.choice((1, 1, 2, 3, 10, 25, 60))):
        sign = draw.choice((1, 1, 1, -1))
        work, materials = sign * money(5_000_000), draw.choice((ZERO, money(200_000)))
        kept = draw.choice((ZERO, Decimal("0.05"), Decimal("0.10")))
        released = draw.choice((ZERO, ZERO, money(100_000)))
        code = draw.choice(("GST@10%", "GST@10%", *CODES))
        kind = draw.choice(("contract_detail_item", "contract_detail_item", "whole_change_order_item"))
        rows.append(Row(work, materials, cents(work * kept), cents(materials * kept), released, code, kind))
    return rows


def claim_of(
    rows: Sequence[Row], items: Sequence[ClaimItem], tax: Decimal, retained: Decimal = ZERO, *, is_gross: bool = False
) -> Claim:
    """`retained`: what its commitment had withheld before."""
    due = sum((row.gross - row.kept for row in rows), tax if is_gross else ZERO)
    summary = {
        "current_payment_due": str(due),
        "tax_applicable_to_this_payment": str(tax),
        "total_retainage": str(sum((row.kept for row in rows), retained)),
    }
    return a_claim(items=items, summary=summary, commitment_id=COMMITMENT)


def ruled(*, on_release: bool = True, **sections: Any) -> Known:
    retention = {"account": "820", "tax": "on_release" if on_release else "on_invoice"}
    tax = {"codes": CODES, "default": "BASEXCLUDED"}
    return known(rules=rules(**{"retention": retention, "tax": tax, **sections}))


def stored(xero: Organisation, bill: Bill) -> Mapping[str, Any]:
    """The document that Xero makes of what is sent for it."""
    bill = bill if bill.credit else replace(bill, due_on=bill.on)
    taxes = CHART.check(bill)
    assert taxes is not None
    sent = CHART.with_taxes(CHART.completed(bill.body(), bill), bill, taxes)
    return xero.documents[bill.endpoint.wrapper].create(dict(sent), 4)


def paid_in_full(xero: Organisation, row: Mapping[str, Any], claim: Claim, total: Decimal) -> Decimal:
    """What is open of the document when Procore has paid what it says, in two parts where that is possible."""
    is_credit = "CreditNoteID" in row
    document_id = row["CreditNoteID" if is_credit else "InvoiceID"]
    own = replace(PAYER, bills={claim.procore_id: SentBill(document_id, "AUTHORISED", is_credit)})
    half = cents(total / 2)
    for amount in filter(None, (half, total - half)):
        payment = a_payment(str(amount), requisition_id=claim.id, payment_method="check")
        xero.payments.create(payments.to_document(payment, own).body())
    table = xero.credit_notes.table if is_credit else xero.invoices.table
    left: Decimal = (table.get(document_id) or {})["RemainingCredit" if is_credit else "AmountDue"]
    return left


def check_commitment(draw: random.Random, forms: Sequence[Sequence[Row]]) -> None:
    """The claims of one commitment, one after the other, in each of the ways of rounding."""
    on_release, is_gross = draw.random() < 0.7, draw.random() < 0.5
    own = ruled(on_release=on_release)
    listed = [[row.item(number) for number, row in enumerate(rows, 1)] for rows in forms]
    for rounding in ROUNDINGS:
        xero = an_organisation()
        retained = posted = ZERO
        for rows, items in zip(forms, listed, strict=True):
            tax = rounding(rows, on_release)
            net = sum((row.gross - row.kept for row in rows), ZERO)
            if net * (net + tax) <= 0:
                continue  # nothing, or a bill that is less than nothing, which Xero has not
            claim = claim_of(rows, items, tax, retained, is_gross=is_gross)
            row = stored(xero, claims.to_document(claim, own))
            sign = -1 if "CreditNoteID" in row else 1
            assert (sign * row["SubTotal"], sign * row["TotalTax"], sign * row["Total"]) == (net, tax, net + tax)
            retained += sum((row.kept for row in rows), ZERO)
            posted -= sign * sum(line["LineAmount"] for line in row["LineItems"] if line["AccountCode"] == "820")
            assert posted == retained
            assert paid_in_full(xero, row, claim, net + tax) == 0
            wrong = tax + cents(2 * HALF_A_CENT * 3 * len(rows)) + CENT
            with is_held(HoldCode.TAX_DIFFERS, str(abs(wrong))):
                CHART.check(claims.to_document(claim_of(rows, items, wrong), own))


def check_direct_cost(draw: random.Random) -> None:
    """A direct cost whose tax is in its amounts, or comes on top; stated on the total, line by line, or not at all."""
    amounts = [Decimal(draw.randint(1, 500_000)) / 100 for _ in range(draw.choice((1, 2, 10, 30)))]
    inclusive, by_line = draw.random() < 0.5, draw.random() < 0.5
    states_tax = not inclusive or draw.random() < 0.5
    share = Decimal(10) / (110 if inclusive else 100)
    tax = sum((cents(amount * share) for amount in amounts), ZERO) if by_line else cents(sum(amounts) * share)
    total = sum(amounts) + (ZERO if inclusive else tax)
    invoice = direct_cost(amounts, total, tax if states_tax else None)
    own = ruled(
        invoices={"amounts": "inclusive" if inclusive else "exclusive"}, tax={"codes": CODES, "default": "INPUT"}
    )
    row = stored(an_organisation(), invoices.to_document(invoice, own))
    assert row["Total"] == total
    if states_tax:
        assert row["TotalTax"] == tax
        wrong = direct_cost(amounts, total if inclusive else total + tax + CENT, tax * 2 + CENT)
        with is_held(HoldCode.TAX_DIFFERS, str(tax * 2 + CENT)):
            CHART.check(invoices.to_document(wrong, own))


def direct_cost(amounts: Sequence[Decimal], total: Decimal, tax: Decimal | None) -> Invoice:
    """With its tax broken down where there is one."""
    code = {"tax_code_id": 1} if tax is not None else {}
    lines = [an_invoice_line(str(amount), id=n, position=n, **code) for n, amount in enumerate(amounts, 1)]
    if tax is None:
        return an_invoice(str(total), lines=lines)
    details = [{"tax_code_id": 1, "tax_code_name": "GST@10%", "tax_code_rate": "10.0"}]
    parts = {"subtotal": str(total - tax), "tax_total": str(tax), "grand_total": str(total), "tax_details": details}
    return an_invoice(str(total), lines=lines, tax_breakdown=parts)


@pytest.mark.parametrize(
    ("seed", "drawn"), [(0, 300), *(pytest.param(seed, 2_000, marks=pytest.mark.deep) for seed in range(1, 11))]
)
def test_any_claim_has_the_tax_that_procore_states(seed: int, drawn: int) -> None:
    """None is held for rounding, none is a cent off, paid in full it leaves nothing due, and the retention of its
    commitment is as much on both sides; what rounding does not explain is held."""
    draw = random.Random(seed)  # noqa: S311, figures and no secrets
    while drawn > 0:
        forms = [a_form(draw) for _ in range(draw.choice((1, 1, 2, 4)))]
        check_commitment(draw, forms)
        drawn -= len(forms) * len(ROUNDINGS)


@pytest.mark.parametrize(
    ("seed", "drawn"), [(0, 100), *(pytest.param(seed, 1_000, marks=pytest.mark.deep) for seed in range(1, 5))]
)
def test_any_direct_cost_keeps_its_total(seed: int, drawn: int) -> None:
    """Whether its tax is in its amounts or comes on top."""
    draw = random.Random(seed)  # noqa: S311, figures and no secrets
    for _ in range(drawn):
        check_direct_cost(draw)
