"""The part of the mapping file by which bills are coded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import rules
from worker.mapping.coding_rules import CodingRules

BEFORE = {"cost_codes": {"03-*": "310", "03-300": "399"}, "cost_types": {}, "default": "300"}
TAX = {"codes": {"GST@10%": "INPUT", "Free": "EXEMPTEXPENSES"}, "default": "BASEXCLUDED"}


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ({"accounts": {"default": "301"}}, True),
        ({"accounts": {**BEFORE, "cost_codes": {"03-300": "399", "03-*": "310"}}}, True),  # the first that fits wins
        ({"tax": {"default": "INPUT"}}, True),
        ({"tax": {**TAX, "tolerance": "0.02"}}, False),
        ({"retention": {"account": "821"}}, True),
        ({"documents": {"status": "DRAFT"}}, True),
        ({"documents": {"due_days": 14, "same_number": "send", "gone_at_once": 3}}, False),
        ({"cost_codes": {"target": "item"}}, True),
        ({"invoices": {"amounts": "inclusive"}}, True),
        ({"bank_accounts": {"default": "092"}}, False),
    ],
)  # fmt: skip
def test_what_counts(changed: dict[str, Any], *, counts: bool) -> None:
    """What a bill and its lines are made of; not what is done about a bill."""
    before = CodingRules.of(rules(accounts=BEFORE))
    after = CodingRules.of(rules(**{"accounts": BEFORE, **changed}))
    assert (before.mark != after.mark) is counts


def test_it_is_kept_and_laid_over_the_file_of_now() -> None:
    """What was read back from the ledger codes as before; all else is as the file says now."""
    before = rules(accounts=BEFORE, retention={"account": "820", "withheld_account": "822"})
    kept = CodingRules.model_validate_json(CodingRules.of(before).model_dump_json())
    documents = {"status": "DRAFT", "due_days": 7}
    now = rules(accounts={"default": "500"}, tax={"tolerance": "0.02"}, documents=documents, bank_accounts={})
    found = kept.over(now)
    assert [found.accounts.find(code, "") for code in ("03-300", "05-100")] == ["310", "300"]
    assert (found.tax.codes, found.retention) == (before.tax.codes, before.retention)
    assert (found.tax.tolerance, found.documents.due_days, found.bank_accounts) == (now.tax.tolerance, 7, {})
    assert found.documents.status == "AUTHORISED"
    assert CodingRules.of(found).mark == kept.mark


def test_what_a_later_version_does_not_know_any_more_is_left_out() -> None:
    """A name that was taken away since is no reason to code anything otherwise."""
    kept = CodingRules.of(rules())
    older = kept.model_copy(
        update={"sections": {**kept.sections, "retention": {"account": "820", "tax_type": "INPUT"}}}
    )
    assert older.over(rules()).retention.account == "820"
