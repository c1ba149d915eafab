"""What the mapping file does not say yet of what both sides have: one question each, in the file's order. Pure.

A proposal is made where what was read speaks for one choice and against all others: the only account of a cost type's
name, the only tax type of a rate. It is a proposal all the same: a person takes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from worker.counting import counted
from worker.guide.values import Choice, CostType, InProcore, InXero, Question, TaxCode, TaxType
from worker.mapping.rules import Rules

_RETENTION = {"retention", "retentions", "retainage"}


def questions(rules: Rules, procore: InProcore, xero: InXero) -> list[Question]:
    """Every question that the file leaves open."""
    return [
        *_cost_types(rules, procore, xero),
        *_groups(rules, procore, xero),
        *_default_account(rules, xero),
        *_tax_codes(rules, procore, xero),
        *_general_tax(rules, xero),
        *_retention(rules, xero),
        *_banks(rules, procore, xero),
    ]


def _cost_types(rules: Rules, procore: InProcore, xero: InXero) -> Iterator[Question]:
    own, default = rules.accounts, rules.accounts.default
    for kind in procore.cost_types:
        if kind.code in own.cost_types or _is_covered(rules, kind):
            continue
        costs = [choice for choice in xero.accounts if choice.code in xero.costs]
        named = [choice.code for choice in costs if _folded(choice.name) == _folded(kind.name or kind.code)]
        seen = f" (on {counted(len(kind.cost_codes), 'cost code')})" if kind.cost_codes else ""
        yield Question(
            "accounts.cost_types",
            kind.code,
            f"Account for cost type {kind.code}, {kind.name or 'without a name'}{seen}",
            xero.accounts,
            f"such a line goes to the default, {default}" if default else "such a line is held",
            *_only(named, "the only account for costs of this name"),
            is_needed=default is None,
        )


def _is_covered(rules: Rules, kind: CostType) -> bool:
    """Whether patterns of cost codes say it of every code that has the type."""
    patterns = rules.accounts.model_copy(update={"cost_types": {}, "default": None})
    return bool(kind.cost_codes) and all(patterns.find(code, kind.code) for code in kind.cost_codes)


def _groups(rules: Rules, procore: InProcore, xero: InXero) -> Iterator[Question]:
    for group in procore.groups:
        if group.pattern not in rules.accounts.cost_codes:
            about = f"Account for cost codes {group.pattern}, {group.name} ({group.cost_codes})"
            unanswered = "they go by their cost types"
            yield Question("accounts.cost_codes", group.pattern, about, xero.accounts, unanswered, is_needed=False)


def _default_account(rules: Rules, xero: InXero) -> Iterator[Question]:
    if rules.accounts.default is None and xero.accounts:
        about, unanswered = "Account for every line that nothing else fits", "such a line is held"
        yield Question("accounts", "default", about, xero.accounts, unanswered, is_needed=False)


def _tax_codes(rules: Rules, procore: InProcore, xero: InXero) -> Iterator[Question]:
    for tax in procore.tax_codes:
        if tax.code in rules.tax.codes:
            continue
        same = [one for one in xero.tax_types if tax.rate is None or one.rate == tax.rate]
        rate = "" if tax.rate is None else f", {_plain(tax)} %"
        about = f"Tax type for Procore's tax code {tax.code}{rate}"
        proposal, why = _tax_type(tax, same, rules, xero)
        unanswered = "a line with it is held" if same else "no tax type in Xero has this rate: a line with it is held"
        yield Question("tax.codes", tax.code, about, tuple(same), unanswered, proposal, why)


def _tax_type(tax: TaxCode, same: Sequence[Choice], rules: Rules, xero: InXero) -> tuple[str, str]:
    """The only one of the rate; of several that have a tax, the one that all accounts named in the file have."""
    if tax.rate is None:
        return "", ""
    if len(same) == 1:
        return same[0].code, f"the only tax type for purchases at {_plain(tax)} %"
    named = {*rules.accounts.cost_types.values(), *rules.accounts.cost_codes.values()}
    usual = {xero.tax_type_of.get(code) for code in named & xero.costs}
    found = [one.code for one in same if tax.rate and usual == {one.code}]
    return _only(found, "what your accounts for costs have in Xero")


def _plain(tax: TaxCode) -> str:
    return f"{tax.rate.normalize():f}" if tax.rate is not None else ""


def _general_tax(rules: Rules, xero: InXero) -> Iterator[Question]:
    if rules.tax.default is None and xero.tax_types:
        about = "Tax type for lines to which Procore gives no tax code"
        unanswered = "they get their account's own tax type"
        yield Question("tax", "default", about, xero.tax_types, unanswered, is_needed=False)


def _retention(rules: Rules, xero: InXero) -> Iterator[Question]:
    own = rules.retention
    if own.account or (own.withheld_account and own.released_account) or not xero.accounts:
        return
    named = [choice.code for choice in xero.liabilities if _RETENTION & set(_folded(choice.name).split())]
    yield Question(
        "retention",
        "account",
        "Liability account for retention",
        xero.liabilities,
        "a claim that withholds or releases retention is held",
        *_only(named, "the only liability account for retention"),
    )


def _banks(rules: Rules, procore: InProcore, xero: InXero) -> Iterator[Question]:
    own = rules.bank_accounts
    uncoded = f" (without a code, which Xero gives to none by itself: {', '.join(xero.uncoded_banks)})"
    if "default" not in own and (xero.banks or xero.uncoded_banks):
        about = f"Bank account that payments are made from{uncoded if xero.uncoded_banks else ''}"
        only = _only([choice.code for choice in xero.banks], "the only one") if not xero.uncoded_banks else ("", "")
        needed = not procore.methods or not procore.methods.keys() <= own.keys()
        yield Question("bank_accounts", "default", about, xero.banks, "a payment is held", *only, is_needed=needed)
    for name, count in procore.methods.items() if len(xero.banks) > 1 else ():
        if name not in own:
            about = f"Bank account for payments by {name} ({count} seen)"
            yield Question("bank_accounts", name, about, xero.banks, "they go from the default", is_needed=False)


def _only(found: Collection[str], why: str) -> tuple[str, str]:
    """The one that was found, and why it is proposed; nothing where it is not the only one."""
    return (next(iter(found)), why) if len(found) == 1 else ("", "")


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def untracked(rules: Rules, xero: InXero) -> Iterable[str]:
    """The tracking categories that the file names and Xero does not have."""
    names = [rules.tracking.project, *([rules.tracking.cost_code] if rules.cost_codes.target == "tracking" else [])]
    there = {_folded(name) for name in xero.categories}
    return [name for name in names if _folded(name) not in there]


def choices(procore: InProcore, xero: InXero) -> dict[str, list[str]]:
    """By section of the file, what there is to choose from."""
    found = {
        "accounts": [f"Accounts of {xero.organisation} in Xero:", *map(_in_file, xero.accounts)],
        "accounts.cost_codes": [
            "Groups of cost codes in Procore:",
            *(f'  "{one.pattern}" {one.name}' for one in procore.groups),
        ],
        "tax.codes": [
            "Tax types for purchases in Xero:",
            *(f"{_in_file(one)}, {_rate(one)}" for one in xero.tax_types),
        ],
        "bank_accounts": ["Bank accounts in Xero:", *map(_in_file, xero.banks)],
        "tracking": ["Active tracking categories in Xero:", *(f"  {name}" for name in xero.categories)],
    }
    if procore.methods:
        seen = ", ".join(f"{name} ({count})" for name, count in procore.methods.items())
        found["bank_accounts"].append(f"Payment methods seen in Procore: {seen}")
    return {section: lines for section, lines in found.items() if len(lines) > 1}


def _in_file(choice: Choice) -> str:
    return f'  "{choice.code}" {choice.name}'


def _rate(one: TaxType) -> str:
    return "rate unknown" if one.rate is None else f"{one.rate.normalize():f} %"
