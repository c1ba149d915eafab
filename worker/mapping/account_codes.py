"""Every account that a mapping file names, wherever in it, and whether somebody looked at the lines that name it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from worker.mapping.rules import ProjectRules, Rules


def account_codes(rules: Rules) -> dict[str, str]:
    """Accounts of lines and of retention, and bank accounts; those of projects and organisations, too. Each with a mark
    of the file's lines that name it, which is another one when a person wrote one of these lines anew, or a remark
    behind it."""
    sections: tuple[Rules | ProjectRules, ...] = (rules, *rules.projects.values(), *rules.organisations)
    named = sorted({code for section in sections for code in _of(section) if code})
    lines = [" ".join(line.split()) for line in rules.text.splitlines()]
    return {code: _mark(lines, code) for code in named}


def _mark(lines: list[str], code: str) -> str:
    """Of the lines that name an account, in whichever order they stand."""
    name = re.compile(rf"(?<![\w.-]){re.escape(code)}(?![\w.-])")
    naming = sorted(line for line in lines if name.search(line))
    return hashlib.sha256("\n".join(naming).encode()).hexdigest()[:16]


def _of(section: Rules | ProjectRules) -> Iterator[str | None]:
    accounts, retention = section.accounts, section.retention
    yield from (*accounts.cost_codes.values(), *accounts.cost_types.values(), accounts.default)
    yield from (retention.account, retention.withheld_account, retention.released_account)
    yield from (*section.bank_accounts.values(), section.invoices.bank_account)
