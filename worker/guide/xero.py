"""Xero's side of the mapping file: what of an organisation's settings can be used there. Four calls; only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from worker.errors import DocumentRejected
from worker.guide.values import Choice, InXero, TaxType
from worker.xero.answers import Element, amount
from worker.xero.chart import Chart
from worker.xero.client import Xero

#: Accounts for costs first, then those that work in progress may stand on; income last.
_CLASSES = ("EXPENSE", "ASSET", "LIABILITY", "EQUITY", "REVENUE")


def read(xero: Xero) -> InXero:
    """Raises what `Api.get` raises."""
    return of(xero.organisation(), xero.accounts(), xero.tax_rates(), xero.tracking_categories())


def of(
    organisation: Element, accounts: Sequence[Element], rates: Sequence[Element], categories: Iterable[Element]
) -> InXero:
    """The choices that these settings offer: by the very rules that a bill is checked by before it is sent."""
    chart = Chart.of(organisation, accounts, rates)
    usable = [code for code in chart.accounts if _passes(chart.check_line_account, code)]
    lines = sorted(usable, key=lambda code: (_rank(chart.accounts[code]), code))
    banks = sorted(code for code in chart.accounts if _passes(chart.check_bank_account, code))
    liabilities = [code for code in lines if chart.accounts[code].get("Class") == "LIABILITY"]
    name = lambda code: Choice(code, str(chart.accounts[code].get("Name", "")))  # noqa: E731
    return InXero(
        str(organisation.get("Name", "")),
        tuple(map(name, lines)),
        tuple(map(name, liabilities)),
        tuple(map(name, banks)),
        tuple(str(one.get("Name")) for one in accounts if one.get("Type") == "BANK" and not one.get("Code")),
        tuple(sorted(map(_tax_type, filter(_for_purchases, chart.tax_rates.values())), key=_by_rate)),
        costs=frozenset(code for code in lines if chart.accounts[code].get("Class") == "EXPENSE"),
        tax_type_of={code: str(chart.accounts[code].get("TaxType", "")) for code in lines},
        categories=tuple(str(row["Name"]) for row in categories if row.get("Status", "ACTIVE") == "ACTIVE"),
    )


def _passes(check: Callable[[str], object], code: str) -> bool:
    try:
        check(code)
    except DocumentRejected:
        return False
    return True


def _rank(account: Element) -> int:
    kind = str(account.get("Class"))
    return _CLASSES.index(kind) if kind in _CLASSES else len(_CLASSES)


def _for_purchases(rate: Element) -> bool:
    return rate.get("Status") == "ACTIVE" and rate.get("CanApplyToExpenses") is not False


def _tax_type(rate: Element) -> TaxType:
    percent = None if rate.get("EffectiveRate") is None else amount(rate, "EffectiveRate")
    return TaxType(str(rate["TaxType"]), str(rate.get("Name", "")), percent)


def _by_rate(one: TaxType) -> tuple[bool, object, str]:
    return one.rate is None, -(one.rate or 0), one.code
