"""A fault in each rule of the mapping code: what goes wrong with it is proved by every answer of Xero, since what was
sent was stored, and only the audit says that it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tasks.audit import audit_books
from tests.integration.audited import RIDGELINE, STEEL, seed
from tests.integration.conftest import MakeWorld
from worker.mapping import claims, invoices, payments, references, retention, rules, terms, wording
from worker.mapping.references import Known, Tax
from worker.xero.documents import Bill, Line, Payment

Patch = Callable[[pytest.MonkeyPatch], None]
Change = Callable[[Mapping[str, Any]], dict[str, Any]]


def in_claims(change: Change) -> Patch:
    """Each bill of a claim is made with these fields otherwise."""
    return lambda patch: patch.setattr(claims, "Bill", lambda **fields: Bill(**{**fields, **change(fields)}))


def in_invoices(change: Change) -> Patch:
    return lambda patch: patch.setattr(invoices, "Bill", lambda **fields: Bill(**{**fields, **change(fields)}))


def in_payments(change: Change) -> Patch:
    made = lambda **fields: Payment(**{**fields, **change(fields)})  # noqa: E731
    return lambda patch: patch.setattr(payments, "XeroPayment", made)


def _account(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules.Accounts, "find", lambda *_: "429")


def _tax_type(patch: pytest.MonkeyPatch) -> None:
    right = Known.tax

    def wrong(self: Known, taxes: Any, own: str | None = None) -> Tax:
        return right(self, taxes, own) if taxes else Tax("EXEMPTEXPENSES")

    patch.setattr(Known, "tax", wrong)


def _no_project(patch: pytest.MonkeyPatch) -> None:
    right = Known.coding

    def wrong(self: Known, *arguments: Any) -> references.Coding:
        coding = right(self, *arguments)
        return coding._replace(tracking=coding.tracking[1:])

    patch.setattr(Known, "coding", wrong)


def _no_cost_code(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Known, "_target", lambda *_: ((), None))


def _other_cost_code(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Known, "_target", lambda self, line, code, kind: ((self.cost_codes["05-100"],), None))


def _contact(patch: pytest.MonkeyPatch) -> None:
    right = Known.contact
    patch.setattr(Known, "contact", lambda self, *of: self.contacts.get("2") or right(self, *of))


def _retention_account(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        retention, "Line", lambda text, amount, account, *rest, **more: Line(text, amount, "429", *rest, **more)
    )


def _retention_taxed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retention, "_taxed_like", lambda *_: ("INPUT", None, False))


def _terms(patch: pytest.MonkeyPatch) -> None:
    right = terms.due_on
    patch.setattr(terms, "due_on", lambda on, said: (due := right(on, said)) and due + timedelta(days=7))


def _bank_account(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(payments, "bank_account", lambda *_: "090")


def _number(patch: pytest.MonkeyPatch) -> None:
    right = wording.number
    patch.setattr(wording, "number", lambda *arguments: f"{right(*arguments)}/A")


def _day(field: str) -> Change:
    return lambda fields: {field: fields[field] + timedelta(days=1)}


#: The rule, its fault, and what the audit says then of which record.
FAULTS: Mapping[str, tuple[Patch, str, tuple[str, ...]]] = {
    "account": (_account, "claim 12", ("account 429", "320")),
    "tax type": (_tax_type, "claim 16", ("EXEMPTEXPENSES", "BASEXCLUDED")),
    "project": (_no_project, "claim 12", ("no project", "24-017")),
    "cost code left out": (_no_cost_code, "claim 12", ("no cost code", "03-300")),
    "another cost code": (_other_cost_code, "claim 12", ("05-100", "03-300")),
    "date": (in_claims(_day("on")), "claim 12", ("2026-08-01", "2026-07-31")),
    "date of an invoice": (in_invoices(_day("on")), "invoice 31", ("2026-07-21", "2026-07-20")),
    "due date": (_terms, "invoice 32", ("2026-08-10", "2026-08-03")),
    "contact": (_contact, "claim 12", (STEEL, RIDGELINE)),
    "number": (_number, "claim 12", ("INV-12/A", "INV-12")),
    "status": (in_claims(lambda _: {"status": "SUBMITTED"}), "claim 12", ("SUBMITTED", "AUTHORISED")),
    "currency": (in_claims(lambda _: {"currency": "USD"}), "claim 12", ("USD", "AUD")),
    "sign": (in_claims(lambda fields: {"credit": False}), "claim 13", ("not due",)),
    "retention account": (_retention_account, "claim 11", ("429", "830")),
    "retention left out": (in_claims(lambda f: {"lines": f["lines"][:1], "stated_tax": None}), "claim 11", ("-5.00",)),
    "half of a line": (
        in_claims(lambda f: {"lines": tuple(replace(one, amount=one.amount / 2) for one in f["lines"])}
                  | {"stated_tax": None}),
        "claim 12",
        ("100.00", "200.00"),
    ),
    "a stated tax left out": (in_claims(lambda f: {"lines": tuple(replace(one, tax_type="BASEXCLUDED", stated_rate=None)
                              for one in f["lines"]), "stated_tax": None}), "claim 12", ("0.00", "20.00")),
    "payment account": (_bank_account, "payment 21", ("090", "091")),
    "payment date": (in_payments(_day("on")), "payment 21", ("2026-08-15", "2026-08-14")),
    "payment amount": (in_payments(lambda f: {"amount": f["amount"] / 2}), "payment 21", ("30.00", "60.00")),
}  # fmt: skip


#: A second fault in what has one above already.
ONCE_MORE = {
    "another cost code", "date of an invoice", "status", "currency", "retention left out", "payment date",
}  # fmt: skip


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, marks=pytest.mark.deep if rule in ONCE_MORE else ()) for rule in FAULTS]
)
def test_a_fault_in_a_rule_is_found(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """The audit names the record, what stands in Xero, and what it is to be."""
    fault, title, values = FAULTS[rule]
    world = a_world(seed())
    fault(monkeypatch)
    world.whole_pass()
    differences = audit_books(world.parts).differences
    found = [(one.members or (one.title,), one.sentence) for one in differences]
    assert [said for whose, said in found if title in whose and all(value in said for value in values)], found
