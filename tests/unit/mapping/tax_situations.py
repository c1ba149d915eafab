"""Every tax situation with its figures, computed by the real mapping: the tables of docs/tax.md.

`python -m tests.unit.mapping.tax_situations` writes them anew; a test holds the page against them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from tests.factories import a_claim, a_claim_item, an_invoice, an_invoice_line, known, rules
from worker.errors import DocumentRejected, Skippable
from worker.holds import HoldCode
from worker.mapping import claims, invoices
from worker.mapping.stated_zero import Evidence, computes
from worker.procore.records import Claim, Invoice
from worker.xero.chart import Chart
from worker.xero.documents import Bill

PAGE = Path(__file__).parents[3] / "docs" / "tax.md"
WORK, RETENTION = "320", "820"
#: Xero's tax types, by country, with their rates in percent (xero-api.md §4.12).
RATES: Mapping[str, Mapping[str, str]] = {
    "Australia": {"INPUT": "10", "EXEMPTEXPENSES": "0", "BASEXCLUDED": "0"},
    "New Zealand": {"INPUT2": "15", "ZERORATED": "0"},
    "United Kingdom": {"INPUT2": "20", "RRINPUT": "5", "ZERORATEDINPUT": "0", "EXEMPTINPUT": "0", "DRCHARGE20": "0"},
}
#: Procore's tax codes as they are mapped here.
CODES: Mapping[str, Mapping[str, str]] = {
    "Australia": {"GST": "INPUT", "GST Free": "EXEMPTEXPENSES"},
    "New Zealand": {"GST": "INPUT2", "Zero": "ZERORATED"},
    "United Kingdom": {"VAT": "INPUT2", "VAT 5": "RRINPUT", "Zero": "ZERORATEDINPUT", "DRC": "DRCHARGE20"},
}
CENT = Decimal("0.01")


TAXED = Evidence(taxed="others")


@dataclass(frozen=True)
class Work:
    """A line: its amount, Procore's tax code or none, and the retention withheld (or, negative, released)."""

    amount: str
    code: str = ""
    kept: str = "0"


@dataclass(frozen=True)
class Situation:
    """What Procore says of a record, and what the mapping file says about it."""

    country: str
    name: str
    lines: tuple[Work, ...]
    #: Procore's figure; None: it states none.
    tax: str | None
    #: Of the sections `tax`, `retention` and `invoices`.
    says: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_invoice: bool = False
    #: What was seen of Procore's tax on other records.
    seen: Evidence = TAXED
    rates: Mapping[str, str] = field(default_factory=dict)


AU, NZ, UK = RATES
_RELEASE, _INVOICE = {"retention": {"tax": "on_release"}}, {"retention": {"tax": "on_invoice"}}
_NO_TAX = {"retention": {"tax": "on_invoice", "untaxed_type": "NONE"}}
_FREE = {"tax": {"vendors": {"Ernie's Electrical": "EXEMPTEXPENSES"}}}
_THIRDS = (Work("33.35", "GST"),) * 3
SITUATIONS = (
    Situation(AU, "GST on a claim", (Work("10000.00", "GST"),), "1000.00"),
    Situation(AU, "Procore rounds on the total, Xero on each line", _THIRDS, "10.01"),
    Situation(AU, "GST and GST-free work", (Work("500.00", "GST"), Work("500.00", "GST Free")), "50.00"),
    Situation(AU, "Retention, taxed when it is released", (Work("10000.00", "GST", "1000.00"),), "900.00", _RELEASE),
    Situation(AU, "Its release", (Work("0.00", "GST", "-1000.00"),), "100.00", _RELEASE),
    Situation(AU, "Retention, taxed with the claim", (Work("10000.00", "GST", "1000.00"),), "1000.00", _INVOICE),
    Situation(AU, "Its release", (Work("0.00", "GST", "-1000.00"),), "0.00", _INVOICE),
    Situation(
        AU, "Retention of GST and GST-free work", (Work("500.00", "GST", "50.00"), Work("500.00", "GST Free", "50.00")),
        "45.00", _RELEASE,
    ),
    Situation(AU, "Retention of GST-free work", (Work("1000.00", "GST Free", "100.00"),), "0.00", _RELEASE),
    Situation(AU, "A negative claim", (Work("-1000.00", "GST"),), "-100.00"),
    Situation(AU, "A tax that rounding does not explain", (Work("1000.00", "GST"),), "99.00"),
    Situation(AU, "No tax code, no tax stated", (Work("1000.00"),), None),
    Situation(AU, "No tax code, 0.00 stated, Procore computes tax", (Work("1000.00"),), "0.00"),
    Situation(AU, "The same, of a supplier that charges no GST", (Work("1000.00"),), "0.00", _FREE),
    Situation(
        AU, "No tax code, 0.00 stated, Procore's tax is off", (Work("1000.00"),), "0.00",
        seen=Evidence(silent=30, has_codes=False),
    ),
    Situation(AU, "GST in Procore of a supplier that charges none", (Work("1000.00", "GST"),), "100.00", _FREE),
    Situation(AU, "A direct invoice with GST", (Work("100.00", "GST"),), "10.00", is_invoice=True),
    Situation(
        AU, "A direct invoice, Procore's tax is off", (Work("100.00"),), "0.00", is_invoice=True,
        seen=Evidence(silent=30),
    ),
    Situation(
        AU, "A direct invoice typed with its GST", (Work("110.00"),), None, {"invoices": {"amounts": "inclusive"}}, True
    ),
    Situation(AU, "A supplier's credit", (Work("-100.00", "GST"),), "-10.00", is_invoice=True),
    Situation(NZ, "GST on a claim", (Work("10000.00", "GST"),), "1500.00"),
    Situation(NZ, "Zero-rated work", (Work("10000.00", "Zero"),), "0.00"),
    Situation(NZ, "Retention, taxed when it is released", (Work("10000.00", "GST", "1000.00"),), "1350.00", _RELEASE),
    Situation(NZ, "Retention, taxed with the claim", (Work("10000.00", "GST", "1000.00"),), "1500.00", _NO_TAX),
    Situation(UK, "VAT on a claim", (Work("10000.00", "VAT"),), "2000.00"),
    Situation(UK, "Reduced and zero rate", (Work("1000.00", "VAT 5"), Work("1000.00", "Zero")), "50.00"),
    Situation(UK, "Retention, taxed when it is released", (Work("10000.00", "VAT", "500.00"),), "1900.00", _RELEASE),
    Situation(UK, "Domestic reverse charge, where Xero says 0 % of its type", (Work("10000.00", "DRC"),), "0.00"),
    Situation(
        UK, "Domestic reverse charge, where Xero says 20 %", (Work("10000.00", "DRC"),), "0.00",
        rates={"DRCHARGE20": "20"},
    ),
)  # fmt: skip
UNSUPPORTED = {
    AU: (
        "Tax withheld from a supplier without ABN: **not supported.**\n  The supplier is named once (`no_abn`), and "
        "its bills go in full; what is withheld is entered in Xero by hand.",
        "GST on imports (`GSTONIMPORTS`): not computed here; such bills are entered in Xero.",
    ),
    NZ: ("Tax withheld from contractors (schedular payments): **not supported**; it is entered in Xero by hand.",),
    UK: (
        "CIS deductions: **not supported.**\n  Xero's API shows them and takes none, so the bill goes in full; deduct "
        "and file them in Xero.",
        "Which rate Xero's API gives for the types of the domestic reverse charge is not documented.\n  If it is 0 %, "
        "the bill goes without VAT, as the supplier's invoice has it; if not, it is held, so no VAT is paid on either "
        "reading.",
    ),
}


def tables() -> str:
    """All of them, as they stand between the page's marks."""
    return "\n".join(_of_country(country) for country in RATES)


def figures(situation: Situation) -> str:
    """What comes of it in Xero: the document with its lines, or the hold."""
    own = _rules(situation)
    try:
        bill = _document(situation, own)
        chart = _chart(situation)
        taxes = chart.check(bill)
        assert taxes is not None
        kind, tax = "invoices" if situation.is_invoice else "claims", taxes.total
        if bill.says_no_tax and tax and computes(kind, own.tax.computes(kind), situation.seen) != "xero":
            raise DocumentRejected(HoldCode.ZERO_TAX_STATED, stated=Decimal(0), computed=tax, why="")
    except Skippable as reason:
        return f"held: `{reason.code.code}`"
    sent = chart.with_taxes(chart.completed(bill.body(), bill), bill, taxes)
    before = sum((line.amount for line in bill.lines), Decimal(0)) - (tax if bill.inclusive else 0)
    lines = "; ".join(
        f"{_money(line.amount)} {body['TaxType']}" for line, body in zip(bill.lines, sent["LineItems"], strict=True)
    )
    name = "credit note" if bill.credit else "bill"
    return f"{name} {lines} → {_money(before)} + {_money(tax)} = **{_money(before + tax)}**"


def _of_country(country: str) -> str:
    head = [f"### {country}", "", "| situation | in Procore | in the mapping file | in Xero |", "|---|---|---|---|"]
    rows = [
        f"| {one.name} | {_said(one)} | {_ruled(one)} | {figures(one)} |"
        for one in SITUATIONS
        if one.country == country
    ]
    return "\n".join([*head, *rows, "", *(f"- {text}" for text in UNSUPPORTED[country]), ""])


def _said(one: Situation) -> str:
    lines = []
    for line in one.lines:
        kept = Decimal(line.kept)
        retention = f", {_money(abs(kept))} {'withheld' if kept > 0 else 'released'}" if kept else ""
        lines.append(f"{_money(Decimal(line.amount))} {line.code or 'without code'}{retention}")
    tax = "no tax stated" if one.tax is None else f"tax {_money(Decimal(one.tax))}"
    return f"{'; '.join(lines)}; {tax}"


def _ruled(one: Situation) -> str:
    said = [
        f'`[{section}] {key} = "{value}"`'
        for section, keys in one.says.items()
        for key, value in keys.items()
        if key != "vendors"
    ]
    said += [
        f'`[tax.vendors] "{key}" = "{value}"`' for key, value in one.says.get("tax", {}).get("vendors", {}).items()
    ]
    if any(not line.code for line in one.lines):
        said.insert(0, f'`[tax] default = "{next(iter(RATES[one.country]))}"`')
    return ", ".join(said)


def _rules(one: Situation) -> Any:
    tax = {"codes": CODES[one.country], "default": next(iter(RATES[one.country])), **one.says.get("tax", {})}
    retention = {"account": RETENTION, **one.says.get("retention", {})}
    return rules(tax=tax, retention=retention, accounts={"default": WORK}, invoices=one.says.get("invoices", {}))


def _document(one: Situation, own: Any) -> Bill:
    vendor = {"881": {"vendor": "Ernie's Electrical", "proved": ""}}
    knows = known(rules=own, payees=vendor)
    return invoices.to_document(_invoice(one), knows) if one.is_invoice else claims.to_document(_claim(one), knows)


def _claim(one: Situation) -> Claim:
    items = []
    for number, line in enumerate(one.lines, 1):
        kept = Decimal(line.kept)
        columns = {"retained": max(kept, Decimal(0)), "released": max(-kept, Decimal(0))}
        retention = {f"work_completed_retainage_{name}_this_period": str(value) for name, value in columns.items()}
        taxes = [{"tax_code_id": 1, "tax_code_name": line.code, "tax_code_rate": str(_rate(one, line.code) / 100)}]
        items.append(a_claim_item(line.amount, id=number, taxes=taxes if line.code else [], **retention))
    due = sum((Decimal(line.amount) - Decimal(line.kept) for line in one.lines), Decimal(0))
    return a_claim(str(due), items=items, tax=one.tax)


def _invoice(one: Situation) -> Invoice:
    net, tax = sum((Decimal(line.amount) for line in one.lines), Decimal(0)), Decimal(one.tax or 0)
    numbered = list(enumerate(one.lines, 1))
    details = [
        {"tax_code_id": n, "tax_code_name": line.code, "tax_code_rate": str(_rate(one, line.code))}
        for n, line in numbered if line.code
    ]  # fmt: skip
    broken_down = {"subtotal": str(net), "tax_total": one.tax, "grand_total": str(net + tax), "tax_details": details}
    rows = [
        an_invoice_line(line.amount, id=n, position=n, tax_code_id=n if line.code else None) for n, line in numbered
    ]
    return an_invoice(str(net + tax), lines=rows, tax_breakdown=broken_down if one.tax is not None else None)


def _rate(one: Situation, code: str) -> Decimal:
    """Procore's own rate of a code: that of Xero's type, as a sound set-up has it."""
    return Decimal(RATES[one.country][CODES[one.country][code]]) if code else Decimal(0)


def _chart(one: Situation) -> Chart:
    rates = {**RATES[one.country], **one.rates}
    rows = [{"TaxType": name, "Status": "ACTIVE", "EffectiveRate": Decimal(rate)} for name, rate in rates.items()]
    accounts = [{"Code": code, "Type": "EXPENSE", "Status": "ACTIVE"} for code in (WORK, RETENTION)]
    return Chart.of({}, accounts, rows)


def _money(amount: Decimal) -> str:
    return f"{amount.quantize(CENT, ROUND_HALF_UP):,.2f}"


MARKED = re.compile(r"(?<=<!-- situations -->\n).*?(?=<!-- end of situations -->)", re.DOTALL)


def page() -> tuple[str, str]:
    """The page as it is, and as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    return text, MARKED.sub(lambda _: tables(), text)


if __name__ == "__main__":
    PAGE.write_text(page()[1], encoding="utf-8")
