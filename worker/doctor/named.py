"""What the mapping file names in Xero, and whether Xero has it. Pure: Xero's settings come as an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from worker.counting import counted
from worker.doctor.finding import Finding, ok, warn, wrong
from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.mapping.rules import ProjectRules, Rules
from worker.xero.chart import Chart

ACCOUNTS, BANKS, TAX_TYPES = "Accounts", "Bank accounts", "Tax types"
_REMEDIES = {
    ACCOUNTS: "In Xero: Accounting > Chart of accounts: add or restore it; or name another one in the mapping file.",
    BANKS: (
        "In Xero: Accounting > Chart of accounts: open the bank account and give it this code, or tick 'Enable "
        "payments to this account'; or name another one in the mapping file."
    ),
    TAX_TYPES: "Name an active one in the mapping file: In Xero: Accounting > Advanced > Tax rates shows them.",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A code, and the first place in the mapping file that names it."""

    about: str
    code: str
    place: str


def named(rules: Rules) -> list[Named]:
    """Every account, bank account and tax type that the mapping file names, each once."""
    places: list[tuple[str, Rules | ProjectRules]] = [("", rules)]
    places += [(f'projects."{number}".', own) for number, own in rules.projects.items()]
    found: dict[tuple[str, str], Named] = {}
    for prefix, section in places:
        for one in _in_section(section):
            found.setdefault((one.about, one.code), Named(one.about, one.code, prefix + one.place))
    return list(found.values())


def check(rules: Rules, chart: Chart) -> Iterator[Finding]:
    """A line per kind when all of it is there, a line for each that is not."""
    everything = named(rules)
    looks: dict[str, Callable[[str], object]] = {
        ACCOUNTS: chart.check_line_account,
        BANKS: chart.check_bank_account,
        TAX_TYPES: lambda code: _check_tax_type(chart, code),
    }
    for about, look in looks.items():
        some = [one for one in everything if one.about == about]
        bad = list(_unusable(some, look))
        yield from bad
        if some and not bad:
            yield ok(about, f"{', '.join(one.code for one in some)}: there, active and usable.")
    if not any(one.about == ACCOUNTS for one in everything):
        yield warn(ACCOUNTS, "The mapping file names none.", "Fill in [accounts] in the mapping file.")
    if not any(one.about == BANKS for one in everything):
        yield warn(BANKS, "The mapping file names none: payments are held.", "Fill in [bank_accounts] there.")


def tax_codes(rules: Rules, codes: Iterable[str]) -> Iterator[Finding]:
    """Procore's tax codes that have no tax type; claims and invoices that use them are held."""
    listed = list(dict.fromkeys(codes))
    mapped = {part for code in rules.tax.codes for part in (code, *code.split(" + "))}
    missing = [code for code in listed if code not in mapped]
    about = "Tax codes"
    if missing:
        text = f"No tax type for Procore's {', '.join(missing)}: records that use them are held."
        yield warn(about, text, "Add them under [tax.codes] in the mapping file.")
    elif listed:
        yield ok(about, f"{counted(len(listed), 'tax code')} of Procore, each with a tax type.")


def _in_section(section: Rules | ProjectRules) -> Iterator[Named]:
    own = section.accounts
    tables = {"cost_codes": own.cost_codes, "cost_types": own.cost_types}
    if own.default:
        yield Named(ACCOUNTS, own.default, "accounts.default")
    for name, table in tables.items():
        for key, code in table.items():
            yield Named(ACCOUNTS, code, f'accounts.{name}."{key}"')
    for method, code in section.bank_accounts.items():
        yield Named(BANKS, code, f"bank_accounts.{method}")
    if section.invoices.bank_account:
        yield Named(BANKS, section.invoices.bank_account, "invoices.bank_account")
    for key, tax_type in section.tax.codes.items():
        yield Named(TAX_TYPES, tax_type, f'tax.codes."{key}"')
    for key, tax_type in section.tax.vendors.items():
        yield Named(TAX_TYPES, tax_type, f'tax.vendors."{key}"')
    if section.tax.default:
        yield Named(TAX_TYPES, section.tax.default, "tax.default")
    yield from _of_retention(section)


def _of_retention(section: Rules | ProjectRules) -> Iterator[Named]:
    """Its tax type counts only where retention has an account at all."""
    retention = section.retention
    accounts = {
        "account": retention.account,
        "withheld_account": retention.withheld_account,
        "released_account": retention.released_account,
    }
    given = {name: code for name, code in accounts.items() if code}
    for name, code in given.items():
        yield Named(ACCOUNTS, code, f"retention.{name}")
    if given and retention.tax == "on_invoice":
        yield Named(TAX_TYPES, retention.untaxed_type, "retention.untaxed_type")


def _unusable(some: Iterable[Named], look: Callable[[str], object]) -> Iterator[Finding]:
    for one in some:
        try:
            look(one.code)
        except DocumentRejected as reason:
            yield wrong(one.about, f"{one.place}: {reason.sentence}", _REMEDIES[one.about])


def _check_tax_type(chart: Chart, code: str) -> None:
    rate = chart.tax_rates.get(code)
    if rate is None or rate.get("Status") != "ACTIVE":
        why = "Xero has no such tax type" if rate is None else f"it is {rate.get('Status')}"
        raise DocumentRejected(HoldCode.REFERENCE_UNUSABLE, what=f"Tax type {code} in the mapping file", why=why)
