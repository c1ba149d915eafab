"""Which record is meant: by number, by name, by address; and what is answered where that is not one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.unit.cli.conftest import FAIRFIELD, NORTHBANK, Run
from tests.unit.cli.outside import Broker
from tests.unit.cli.story import TENANT, in_xero, is_held
from worker.assembly import Parts
from worker.called import Called
from worker.cli import which
from worker.cli.exits import Exit, RefusedError
from worker.holds import HoldCode
from worker.ledger.accepted import acknowledged
from worker.ledger.holds import Holds, Verdict, open_holds
from worker.ledger.names import Names
from worker.ledger.projects import Organisations
from worker.ledger.tying import tie_vendor, tied

CLEARSPAN, SLABS = "Clearspan Glazing", "Slabs & Co"
PAGES = f"https://app.procore.com/{NORTHBANK.procore_id}/project"
XERO = "https://go.xero.com"
Ask = Callable[..., which.Key]


@pytest.fixture
def filled(broker: Broker) -> Parts:
    """Three claims, a payment of the first, and a direct cost that is held."""
    ledger = broker.ledger
    organisation = Organisations(ledger.engine, ledger.now)
    organisation.record(TENANT, ledger.settings.xero_client_id, "Redgum", "!ours")
    in_xero(ledger, NORTHBANK, "claims", "58820", "58821", "58822")
    in_xero(ledger, NORTHBANK, "payments", "71")
    in_xero(ledger, FAIRFIELD, "claims", "90001")
    is_held(ledger, NORTHBANK, "58823", HoldCode.OUT_OF_SIGHT, why="so", document="bill")
    is_held(ledger, NORTHBANK, "58820", HoldCode.OUT_OF_SIGHT, why="so", document="bill")
    called = {
        ("claims", "58820"): Called(CLEARSPAN, "SC-001 claim 3", "INV-2044", amount=Decimal("8123.40"), currency="AUD"),
        ("payments", "71"): Called(CLEARSPAN, "SC-001 claim 3", "INV-2044"),
        ("claims", "58821"): Called(SLABS, "SC-002 claim 1", "1003"),
        ("claims", "58822"): Called(CLEARSPAN, "SC-001 claim 4", "1003"),
    }
    Names(ledger.engine, NORTHBANK.procore_id).note(called, [])
    return ledger


@pytest.fixture
def ask(filled: Parts) -> Ask:
    return lambda *words: which.record(filled, "24-017", words, "open {job} {record}")


def document(ledger: Parts, kind: str, procore_id: str) -> str:
    found = tied(ledger.engine, TENANT, kind, procore_id)
    assert found is not None
    return found.xero_id


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("claim 58820", ("claims", "58820")),
        ("Claims 58820", ("claims", "58820")),
        ("58820", ("claims", "58820")),
        ("claim inv-2044", ("claims", "58820")),
        ("INV-2044", ("claims", "58820")),
        ("SC-001 claim 3", ("claims", "58820")),
        ("payment INV-2044", ("payments", "71")),
        (" sc-001   CLAIM 4 ", ("claims", "58822")),
        ("claim 4711", ("claims", "4711")),  # nothing is known of it: the command says what that means
        (f"{PAGES}/commitments/702502/requisitions/58821", ("claims", "58821")),
        (f"{PAGES}/commitments/702502/requisitions/58821?tab=general#top", ("claims", "58821")),
        (f"{PAGES}/commitments/702502/payments_issued/71", ("payments", "71")),
        ("https://us02.procore.com/310417/project/direct_costs/31", ("invoices", "31")),
    ],
)
def test_a_record_is_found_however_people_call_it(ask: Ask, typed: str, key: which.Key) -> None:
    """In as many words as a shell makes of it; case and blanks do not count."""
    assert ask(*typed.split(" ")) == key


@pytest.mark.parametrize(
    "page",
    [
        "AccountsPayable/View.aspx?InvoiceID={}",
        "organisationlogin/default.aspx?shortcode=!ours&redirecturl=/AccountsPayable/View.aspx?InvoiceID={}",
        "organisationlogin/default.aspx?shortcode=%21ours&redirecturl=%2FAccountsPayable%2FView.aspx%3FInvoiceID%3D{}",
        "app/!ours/bills/view/{}",
    ],
)
def test_an_address_of_xero_names_its_record(filled: Parts, ask: Ask, page: str) -> None:
    """As the browser shows it, and as our own links are."""
    assert ask(f"{XERO}/{page.format(document(filled, 'claims', '58822').upper())}") == ("claims", "58822")


def test_what_fits_several_is_answered_with_all_of_them(run: Run, filled: Parts, broker: Broker) -> None:
    """Two suppliers with one number: what to type for each, and nothing is started."""
    result = run("resend", "24-017", "1003")
    assert (result.exit_code, broker.taken) == (Exit.REFUSED, [])
    assert result.stderr.splitlines() == [
        "Slabs & Co, SC-002 claim 1, 1003 (claim 58821; sent)",
        "  procore-xero resend 24-017 claim 58821",
        "Clearspan Glazing, SC-001 claim 4, 1003 (claim 58822; sent)",
        "  procore-xero resend 24-017 claim 58822",
        "2 records of 24-017 fit '1003'. Type one of the above.",
    ]


def test_a_command_takes_the_one_that_it_can_be_about(run: Run, filled: Parts, broker: Broker) -> None:
    """Of a bill and its payment with one number, `gone` means the one that is out of sight."""
    assert run("gone", "24-017", "INV-2044", "--yes").exit_code == Exit.DONE
    assert [job.job_number for job in broker.taken] == ["24-017"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("INV-2054", "24-017 has no record 'INV-2054'. Did you mean INV-2044?"),
        ("zzz", "24-017 has no record 'zzz'. `procore-xero status 24-017` lists its records."),
        ("vendor 1", "'vendor' is no kind of record that is meant here"),
        (f"https://app.procore.com/{FAIRFIELD.procore_id}/project/direct_costs/1", "is of project 25-003, and not of"),
        ("https://app.procore.com/7/project/direct_costs/1", "is of project 7, which no pass has seen, and not of"),
        (
            "https://app.procore.com/companies/9/projects/310417/direct_costs/1",
            "is of company 9 in Procore; ours is 0.",
        ),
        (f"{PAGES}/home", "names no claim, payment, direct cost or vendor"),
        ("https://example.com/310417/project/direct_costs/1", "This is no address of Procore or Xero."),
        (f"{XERO}/Dashboard", "names no bill, credit note, payment or contact"),
        (f"{XERO}/app/!theirs/bills/view/{TENANT}", "is of another organisation of Xero (!theirs); ours is Redgum"),
        (f"{XERO}/AccountsPayable/View.aspx?InvoiceID={TENANT}", "a person entered it in Xero, or it is in another"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(ask: Ask, typed: str, words: str) -> None:
    """A mistyped number with near ones; an address of another company, project or organisation."""
    with pytest.raises(RefusedError) as refused:
        ask(*typed.split())
    assert words in str(refused.value)


def test_a_document_of_another_project_is_named(filled: Parts, ask: Ask) -> None:
    """So that the right job number can be typed."""
    with pytest.raises(RefusedError, match=r"is claim 90001 of 25-003\."):
        ask(f"{XERO}/AccountsPayable/View.aspx?InvoiceID={document(filled, 'claims', '90001')}")


def test_open_says_where_it_stands_and_opens_its_page(run: Run, filled: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Xero's page, and both addresses; with --no-browser they are only printed."""
    seen: list[str] = []
    monkeypatch.setattr("webbrowser.open", seen.append)
    shown = run("open", "24-017", "claim", "INV-2044", "--no-browser")
    assert (shown.exit_code, seen) == (Exit.DONE, [])
    said = " ".join(shown.stdout.split())
    assert "24-017 Clearspan Glazing, SC-001 claim 3, INV-2044, 8,123.40 AUD (claim 58820; held)" in said
    assert f"To do: {HoldCode.OUT_OF_SIGHT.remedy}" in said
    assert f"{PAGES}/commitments/702502/requisitions/58820" in said
    assert run("open", "24-017", "claim", "58823").exit_code == Exit.DONE
    assert seen == [f"{PAGES}/commitments/702502/requisitions/58823"]  # it is not in Xero
    row = json.loads(run("open", "24-017", "SC-002", "claim", "1", "--json", "--no-browser").stdout)["rows"][0]
    assert (row["procore_id"], row["supplier"], row["xero_id"]) == ("58821", SLABS, document(filled, "claims", "58821"))


def test_a_vendor_is_found_by_its_name_or_address(filled: Parts) -> None:
    """As `tie` and `untie` take it."""
    for id_, name in (("881", CLEARSPAN), ("882", SLABS), ("883", SLABS)):
        assert tie_vendor(filled.engine, TENANT, id_, f"{id_}-c", {"vendor": name}, NORTHBANK.procore_id, {})
    assert which.vendor(filled, " clearspan  glazing") == "881"
    assert which.vendor(filled, f"{PAGES}/directory/vendors/4711") == "4711"
    for typed, words in ((SLABS, "882 or 883"), ("Clearspan Glasing", f"Did you mean {CLEARSPAN}?")):
        with pytest.raises(RefusedError, match=words):
            which.vendor(filled, typed)
    with pytest.raises(RefusedError, match="another organisation of Xero"):
        which.contact(filled, f"{XERO}/app/!theirs/contacts/contact/{TENANT}")
    assert which.contact(filled, f"{XERO}/Contacts/View/{TENANT}") == TENANT


@pytest.mark.parametrize(
    "typed",
    [
        "INV-2044",
        "claim 58820",
        "sc-001 claim 3",
        f"{PAGES}/commitments/702502/requisitions/58820",
        "an id",
        "88888888",
    ],
)
def test_a_held_record_is_acknowledged_by_its_name(run: Run, filled: Parts, typed: str) -> None:
    """Or by its id; of a bill and its payment with one number it is the one that is held. An invoice number may look
    like an id."""
    (hold,) = (one for one in open_holds(filled.engine) if one.procore_id == "58820")
    if typed == "88888888":
        called = {("claims", "58820"): replace(hold.called, number=typed)}
        Names(filled.engine, NORTHBANK.procore_id).note(called, [])
    words = [hold.short_id] if typed == "an id" else typed.split()
    result = run("acknowledge", "24-017", *words, "--why", "so", "--by", "ann", "--yes")
    assert result.stdout == "1 held record of 24-017 acknowledged by ann.\n"
    assert list(acknowledged(filled.engine, filled.now().date())["24-017"]) == [hold.short_id]


def test_a_held_file_or_vendor_is_acknowledged_as_it_is_titled(run: Run, filled: Parts) -> None:
    """What is no money has no other name."""
    code = HoldCode.AMBIGUOUS
    said = Verdict("vendors", "881", "vendor 881", code.outcome, code, "so")
    Holds(filled.engine, TENANT, NORTHBANK.procore_id, filled.now).settle([said])
    result = run("acknowledge", "24-017", "vendor", "881", "--why", "so", "--yes")
    assert (result.exit_code, "1 held record" in result.stdout) == (Exit.DONE, True)


def test_a_record_that_is_held_is_retried_by_its_name(run: Run, filled: Parts, broker: Broker) -> None:
    """It alone, as with `send --only`; its payment of the same number, which went, is not meant."""
    assert run("retry", "24-017", "INV-2044").exit_code == Exit.DONE
    assert [job.only for job in broker.taken] == ["claims/58820"]
