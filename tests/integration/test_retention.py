"""The retention ledger against the sandbox: after a sync both sides agree, and whatever differs is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tasks.audit import audit_books
from tasks.retention import retention_ledger
from tests.integration.audited import Edit, bill, both, line, lines, tracking, typed
from tests.integration.conftest import MakeWorld
from tests.integration.group import ROUTES, SOUTHERN_ID, a_group, two_companies
from tests.integration.retaining import RIDGELINE, STEEL, a_retaining_claim, seed
from tests.integration.seeds import PROJECT_ID
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.errors import MissingReference
from worker.retention.values import Figures, Ledger, Row

AS_OF = date(2026, 10, 31)


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    """Claims on three commitments, synced; one of them released most of what it withheld."""
    return a_synced_world(a_world, seed())


def read(world: World, *job_numbers: str, as_of: date = AS_OF) -> Ledger:
    return retention_ledger(world.parts, job_numbers, as_of)


def of(ledger: Ledger, commitment: str = "SC-501") -> Row:
    (found,) = [row for row in ledger.rows if row.commitment == commitment]
    return found


def said(ledger: Ledger) -> list[str]:
    return [one for row in ledger.rows for one in row.differences]


def figures(*amounts: str) -> Figures:
    return Figures(*map(Decimal, amounts))


def on_account(world: World, until: date = AS_OF, account: str = "830") -> Decimal:
    """What Xero owes as retention by its own documents, read apart from the ledger's code."""
    total = Decimal(0)
    for name, sign in (("invoices", -1), ("credit_notes", 1)):
        for document in world.documents(name):
            is_bill = document["Type"] in ("ACCPAY", "ACCPAYCREDIT")
            if is_bill and document["Status"] in ("AUTHORISED", "PAID") and str(document["Date"])[:10] <= str(until):
                rows = [row for row in document["LineItems"] if row["AccountCode"] == account]
                total += sign * sum((Decimal(str(row["LineAmount"])) for row in rows), Decimal(0))
    return total


def test_after_a_sync_both_sides_agree(world: World) -> None:
    """By project, supplier and commitment, with the tax that falls due with the release."""
    ledger = read(world)
    assert [(row.job_number, row.supplier, row.commitment, row.currency) for row in ledger.rows] == [
        ("24-017", STEEL, "SC-502", "AUD"),
        ("24-017", RIDGELINE, "SC-501", "AUD"),
        ("24-018", STEEL, "SC-601", "AUD"),
    ]
    assert of(ledger).figures == figures("0", "70.00", "30.00", "4.00", "70.00", "30.00", "4.00")
    assert (of(ledger).figures.held, of(ledger).project) == (Decimal("40.00"), "Tower 310")
    assert (said(ledger), ledger.gaps, ledger.accounts) == ([], [], {"": ["830"]})
    (total,) = ledger.totals
    assert total.figures.held == total.figures.xero_held == on_account(world) == Decimal("80.00")


def test_it_reads_what_the_audit_reads(world: World) -> None:
    """No call more than an audit's but for the tax rates, once; and nothing is written anywhere."""

    def calls(read: object) -> list[str]:
        before = world.last()
        assert callable(read)
        with world.sql_writes() as written:
            read()
        assert written == {}
        return sorted(f"{entry['method']} {entry['path']}" for entry in world.journal(before))

    audited = calls(lambda: audit_books(world.parts))
    ledger = calls(lambda: read(world))
    assert ledger == sorted([*audited, "GET /api.xro/2.0/TaxRates"])


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 7, 30), None),
        (date(2026, 7, 31), figures("0", "50.00", "0", "5.00", "50.00", "0", "5.00")),
        (date(2026, 8, 31), figures("0", "70.00", "0", "7.00", "70.00", "0", "7.00")),
        (date(2026, 9, 30), figures("0", "70.00", "30.00", "4.00", "70.00", "30.00", "4.00")),
    ],
)
def test_what_is_dated_after_the_day_does_not_count(world: World, day: date, expected: Figures | None) -> None:
    """On both sides, so a month may be read again later."""
    ledger = read(world, as_of=day)
    assert said(ledger) == []
    assert [row.figures for row in ledger.rows if row.commitment == "SC-501"] == ([expected] if expected else [])
    assert sum(one.figures.xero_held for one in ledger.totals) == on_account(world, day)


def test_one_project_alone(world: World) -> None:
    """And a number that no project has is a mistake."""
    assert {row.job_number for row in read(world, " 24-018 ").rows} == {"24-018"}
    assert len(read(world, "24-018", "24-017").rows) == 3
    with pytest.raises(MissingReference):
        read(world, "99-999")


def _corrected(world: World) -> None:
    """Claim 12 is paid, and holds back more in Procore later: Xero's bill stays."""
    world.enter("requisitions", a_retaining_claim(12, 2, "400.00", "25.00", held="75.00", on="2026-08-31"))


def _withdrawn(world: World) -> None:
    world.procore_edit("requisitions", 12, PROJECT_ID, status="draft")


def _new(world: World) -> None:
    world.enter("requisitions", a_retaining_claim(14, 4, "100.00", "5.00", held="45.00", on="2026-10-15"))


def _foot(world: World) -> None:
    world.enter("requisitions", a_retaining_claim(13, 3, "0.00", released="30.00", held="41.00", on="2026-09-30"))


def _moved_on(world: World) -> None:
    world.enter("requisitions", a_retaining_claim(12, 2, "400.00", "20.00", held="70.00", on="2026-11-30"))


def _undated(world: World) -> None:
    world.procore_edit("requisitions", 12, PROJECT_ID, billing_date=None)


def _credit(name: str, number: str, amount: str, **fields: str) -> Edit:
    return typed(name, number, amount, account="830", kind="ACCPAYCREDIT", tax="BASEXCLUDED", **fields)


def _again(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [*rows, {**rows[1], "UnitAmount": "-1.00"}]


#: What happens, the commitment whose row says it (blank: it is nobody's), what it says, and Procore and Xero held then.
DIFFERENCES: Mapping[str, tuple[Edit, str, tuple[str, ...], str, str]] = {
    "corrected in Procore after sending": (
        _corrected,
        "SC-501",
        (
            "Claim 2 (INV-12) of 2026-08-31: Procore 25.00 AUD, Xero 20.00 AUD",
            "bill INV-12",
            "corrected after it was sent",
        ),
        "45.00",
        "40.00",
    ),
    "edited in Xero": (
        line("INV-12", 1, UnitAmount="-15.00"),
        "SC-501",
        ("Claim 2 (INV-12)", "Procore 20.00 AUD, Xero 15.00 AUD", "edited in Xero"),
        "40.00",
        "35.00",
    ),
    "a line more": (lines("INV-11", _again), "SC-501", ("Procore 50.00 AUD, Xero 51.00 AUD",), "40.00", "41.00"),
    "another account": (
        line("INV-12", 1, AccountCode="429"),
        "SC-501",
        ("Procore 20.00 AUD, Xero 0.00 AUD", "no line on retention account 830", "earlier mapping file"),
        "40.00",
        "20.00",
    ),
    "voided": (
        bill("INV-12", Status="VOIDED"),
        "SC-501",
        ("Claim 2 (INV-12)", "Procore 20.00 AUD, Xero 0.00 AUD", "not in Xero"),
        "40.00",
        "20.00",
    ),
    "back to draft": (
        bill("INV-12", Status="DRAFT"),
        "SC-501",
        ("Claim 2 (INV-12)", "Procore 20.00 AUD, Xero 0.00 AUD", "Bill INV-12 is DRAFT", "20.00 AUD moves no account"),
        "40.00",
        "20.00",
    ),
    "another currency": (
        bill("INV-12", CurrencyCode="USD"),
        "SC-501",
        ("Procore 20.00 AUD, Xero 0.00 AUD", "Bill INV-12 is in USD, the claim in AUD"),
        "40.00",
        "20.00",
    ),
    "dated after the day": (
        bill("INV-12", Date="2026-11-01"),
        "SC-501",
        ("Procore 20.00 AUD, Xero 0.00 AUD", "is dated 2026-11-01, after 2026-10-31", "20.00"),
        "40.00",
        "20.00",
    ),
    "the claim's day moved on": (
        _moved_on,
        "SC-501",
        ("Claim 2 (INV-12) is dated 2026-11-30 in Procore", "bill INV-12, dated 2026-08-31", "20.00"),
        "20.00",
        "40.00",
    ),
    "a claim without a date": (_undated, "SC-501", ("Claim 2 (INV-12) has no billing date", "20.00"), "20.00", "40.00"),
    "tracked to another project": (
        tracking("INV-12", ("Project", "24-018"), place=1),
        "SC-501",
        ("20.00 AUD on bill INV-12", "tracked to 24-018"),
        "40.00",
        "40.00",
    ),
    "tax on the retention line": (
        line("INV-12", 1, TaxType="BASEXCLUDED"),
        "SC-501",
        ("tax on its retention lines in Xero is 2.00", "it is 4.00"),
        "40.00",
        "40.00",
    ),
    "a claim that was withdrawn": (
        _withdrawn,
        "SC-501",
        ("20.00 AUD on bill INV-12", "of a claim of SC-501", "not approved, or deleted"),
        "20.00",
        "40.00",
    ),
    "a claim that did not arrive": (
        _new,
        "SC-501",
        ("Claim 4 (INV-14)", "Procore 5.00", "not in Xero"),
        "45.00",
        "40.00",
    ),
    "a foot that does not follow": (
        _foot,
        "SC-501",
        ("foot of claim 3 (INV-13)", "41.00", "claim 2 (INV-12)", "70.00", "40.00"),
        "40.00",
        "40.00",
    ),
    "released by hand": (
        typed(RIDGELINE, "H-1", "40.00", account="830", tax="BASEXCLUDED", project="24-017"),
        "",
        ("Bill H-1", "takes 40.00 AUD off retention account 830", "tracked to 24-017", "no claim of Procore's"),
        "0",
        "-40.00",
    ),
    "a credit note by hand, on no project": (
        _credit(STEEL, "H-2", "12.00"),
        "",
        ("Credit note H-2", "adds 12.00 AUD to retention account 830", "tracked to no project"),
        "0",
        "12.00",
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_is_named_with_both_figures(world: World, name: str) -> None:
    """By commitment and claim; and what Xero's column comes to is what stands on the account."""
    edit, commitment, words, procore, xero = DIFFERENCES[name]
    edit(world)
    ledger = read(world)
    (row,) = [row for row in ledger.rows if row.differences and row.currency == "AUD"]
    assert row.commitment == commitment
    sentences = " ".join(row.differences)
    assert [word for word in words if word not in sentences] == [], sentences
    assert (row.figures.held, row.figures.xero_held) == (Decimal(procore), Decimal(xero))
    assert sum(one.figures.xero_held for one in ledger.totals) == on_account(world)


def test_two_documents_of_one_claim(world: World) -> None:
    """Both move the account."""
    both(
        typed(RIDGELINE, "H-3", "-20.00", "420.00", account="830", tax="BASEXCLUDED"),
        lambda there: bill("H-3", Url=there.bill("INV-12")["Url"])(there),
    )(world)
    sentences = " ".join(of(read(world)).differences)
    assert "Procore 20.00 AUD, Xero -380.00 AUD. It is 2 times in Xero: " in sentences


def test_a_document_by_hand_in_another_currency(world: World) -> None:
    """It is not added to what is held in the claims' own."""
    by_hand = typed(RIDGELINE, "H-8", "12.00", account="830", tax="BASEXCLUDED", project="24-017")
    both(by_hand, bill("H-8", CurrencyCode="USD"))(world)
    assert [(one.currency, one.figures.held, one.figures.xero_held) for one in read(world).totals] == [
        ("AUD", Decimal("80.00"), Decimal("80.00")),
        ("USD", Decimal(0), Decimal("-12.00")),
    ]


def test_what_is_harmless_is_not_named(world: World) -> None:
    """What does not bear on a retention account, or not by the day."""
    for edit in (
        typed(RIDGELINE, "H-4", "70.00", project="24-017"),
        typed(RIDGELINE, "H-5", "70.00", account="830", on="2026-11-01"),
        both(typed(RIDGELINE, "H-6", "70.00", account="830"), bill("H-6", Status="VOIDED")),
        typed(RIDGELINE, "H-7", "70.00", account="830", status="DRAFT"),
        line("INV-12", Description="Slab"),
    ):
        edit(world)
    assert said(read(world)) == []


def test_a_held_claim_says_why(a_world: MakeWorld) -> None:
    """With the code by which `problems` shows it."""
    held = a_retaining_claim(11, 1, "1000.00", "50.00", held="60.00")
    world = a_world(seed([held]))
    world.whole_pass()
    assert world.holds() == {"claim 11": "retention_differs"}
    first, second = of(read(world)).differences
    assert "The foot of claim 1 (INV-11) in Procore, the first one, says that 60.00 AUD is held" in first
    assert second.endswith("Procore 50.00 AUD, Xero 0.00 AUD. It is not in Xero (held: retention_differs).")


def test_without_a_retention_account(a_world: MakeWorld) -> None:
    """Nothing is sent, and one sentence says it."""
    world = a_world(seed())
    world.mapping_file.write_text(MAPPING.replace('account = "830"', ""))
    world.whole_pass()
    ledger = read(world)
    assert set(said(ledger)) == {"The mapping file names no retention account, so nothing of it is sent to Xero."}
    assert of(ledger).figures.held == Decimal("40.00")


def test_taxed_on_the_invoice_nothing_is_deferred(a_world: MakeWorld) -> None:
    """The tax of what is withheld fell due with its claim; the rates are not even asked for."""
    claims = [
        a_retaining_claim(11, 1, "1000.00", "50.00", held="50.00"),
        a_retaining_claim(12, 2, "0.00", released="50.00", held="0.00", on="2026-08-31"),
    ]
    claims[0]["summary"]["tax_applicable_to_this_payment"] = "100.00"
    claims[1]["summary"]["tax_applicable_to_this_payment"] = "0.00"
    world = a_world(seed(claims))
    world.mapping_file.write_text(MAPPING.replace('account = "830"', 'account = "830"\ntax = "on_invoice"'))
    world.whole_pass()
    assert set(world.holds()) <= {"claim 41"}  # in the other project, which is not read
    before = world.last()
    ledger = read(world, "24-017")
    assert of(ledger).figures == figures("0", "50.00", "50.00", "0", "50.00", "50.00", "0")
    assert said(ledger) == []
    assert not [entry for entry in world.journal(before) if "TaxRates" in entry["path"]]


def test_claims_before_the_start_are_the_opening_balance(a_world: MakeWorld) -> None:
    """What later claims release of it is released in Xero, too."""
    world = a_world(seed())
    world.mapping_file.write_text(MAPPING + "[documents]\nnot_before = 2026-08-01\n")
    world.whole_pass()
    row = of(read(world))
    assert row.figures == figures("50.00", "20.00", "30.00", "4.00", "20.00", "30.00", "-1.00")
    assert row.figures.held == row.figures.xero_held == Decimal("40.00")
    assert row.differences == []
    assert row.notes == []
    assert any("opening balance is not compared" in sentence for sentence in read(world).not_read)


def test_a_start_that_was_set_after_claims_were_sent(world: World) -> None:
    """What stands in Xero counts as moved, not as opening."""
    world.mapping_file.write_text(MAPPING + "[documents]\nnot_before = 2026-08-01\n")
    assert of(read(world)).figures == figures("0", "70.00", "30.00", "4.00", "70.00", "30.00", "4.00")


def test_a_commitment_that_was_begun_elsewhere(a_world: MakeWorld) -> None:
    """Its first claim says what was held before it."""
    columns = {
        "work_completed_retainage_retained_this_period": "10.00",
        "work_completed_retainage_from_previous_application": "90.00",
    }
    claim = a_retaining_claim(11, 5, "200.00", "10.00", held="100.00")
    claim["items"][0] |= columns
    world = a_world(seed([claim]))
    world.whole_pass()
    assert world.holds() == {}
    row = of(read(world))
    assert (row.figures.opening, row.figures.held, row.figures.xero_held) == (
        Decimal("90.00"), Decimal("100.00"), Decimal("100.00"),
    )  # fmt: skip
    assert row.notes == [
        "90.00 AUD was held before the first claim that Procore shows: it is not compared.",
        "The deferred tax is without that on 90.00 AUD of the opening balance.",
    ]


def test_a_negative_claim_takes_back_what_was_withheld(a_world: MakeWorld) -> None:
    """Its credit note moves the account the other way."""
    claims = [
        a_retaining_claim(11, 1, "1000.00", "50.00", held="50.00"),
        a_retaining_claim(12, 2, "-200.00", "-10.00", held="40.00", on="2026-08-31"),
    ]
    world = a_world(seed(claims))
    world.whole_pass()
    assert world.holds() == {}
    ledger = read(world)
    assert said(ledger) == []
    assert (of(ledger).figures.held, of(ledger).figures.tax_deferred) == (Decimal("40.00"), Decimal("4.00"))
    assert of(ledger).figures.xero_held == Decimal("40.00")


def test_two_currencies_are_never_added(a_world: MakeWorld) -> None:
    """A commitment in another currency is a row, and a total, of its own."""
    in_dollars: Any = {"currency_configuration": {"currency_iso_code": "USD"}}
    claims = [
        a_retaining_claim(11, 1, "1000.00", "50.00", held="50.00"),
        a_retaining_claim(15, 1, "600.00", "30.00", held="30.00", commitment=502, vendor=2, **in_dollars),
    ]
    world = a_world(seed(claims))
    world.whole_pass()
    ledger = read(world)
    assert said(ledger) == []
    assert [(one.currency, one.figures.held, one.figures.xero_held) for one in ledger.totals] == [
        ("AUD", Decimal("60.00"), Decimal("60.00")),
        ("USD", Decimal("30.00"), Decimal("30.00")),
    ]


def test_several_organisations(a_world: MakeWorld) -> None:
    """Each with its own accounts and totals; what is on South's account and no claim's is not North's."""
    seed = two_companies()
    northern = a_retaining_claim(11, 1, "1000.00", "50.00", held="50.00")
    southern = a_retaining_claim(12, 1, "600.00", "30.00", held="30.00", commitment=601)
    seed["procore"]["requisitions"] = {str(PROJECT_ID): [northern], str(SOUTHERN_ID): [southern]}
    world = a_group(a_world, seed)
    routes = ROUTES.replace(
        "[organisations.tracking]", '[organisations.retention]\naccount = "335"\n[organisations.tracking]'
    )
    world.mapping_file.write_text(MAPPING + routes)
    world.whole_pass()
    ledger = read(world)
    assert [(one.organisation, one.figures.held, one.figures.xero_held) for one in ledger.totals] == [
        ("North", Decimal("50.00"), Decimal("50.00")),
        ("South", Decimal("30.00"), Decimal("30.00")),
    ]
    assert (said(ledger), ledger.accounts) == ([], {"North": ["830"], "South": ["335"]})


def test_released_when_the_stage_has_moved_on(world: World) -> None:
    """What is released after practical completion arrives, and the ledger says that nothing is held any more."""
    world.procore_edit("projects", PROJECT_ID, project_stage={"id": 509, "name": "Warranty"})
    world.enter("requisitions", a_retaining_claim(14, 4, "0.00", released="40.00", held="0.00", on="2026-10-15"))
    assert "Claim 4 (INV-14)" in said(read(world))[0]
    world.whole_pass()
    row = of(read(world))
    assert (row.figures, row.differences) == (figures("0", "70.00", "70.00", "0", "70.00", "70.00", "0"), [])


def test_claims_that_procore_does_not_show_are_said(world: World) -> None:
    """A ledger that lacks a project does not look complete."""
    world.mapping_file.write_text(MAPPING + '[records]\nleave_out = ["claims"]\n')
    assert read(world, "24-017").gaps == [
        "24-017: Procore does not show its claims, or the mapping file leaves them out."
    ]
