"""Every account that a mapping file names, wherever in it."""

from __future__ import annotations

from collections.abc import Iterator

from worker.mapping.rules import ProjectRules, Rules


def account_codes(rules: Rules) -> frozenset[str]:
    """Accounts of lines and of retention, and bank accounts; those of projects and organisations, too."""
    sections: tuple[Rules | ProjectRules, ...] = (rules, *rules.projects.values(), *rules.organisations)
    return frozenset(code for section in sections for code in _of(section) if code)


def _of(section: Rules | ProjectRules) -> Iterator[str | None]:
    accounts, retention = section.accounts, section.retention
    yield from (*accounts.cost_codes.values(), *accounts.cost_types.values(), accounts.default)
    yield from (retention.account, retention.withheld_account, retention.released_account)
    yield from (*section.bank_accounts.values(), section.invoices.bank_account)
