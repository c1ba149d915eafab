"""For each kind of difference what is done to a synced world, and the steps of its remedy: what a person does in Xero
or Procore, or the command that stands beside the difference, by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.integration import audited as at
from tests.integration.audited import RIDGELINE, STEEL, Edit
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_project, a_vendor, an_item
from tests.integration.world import MAPPING, World
from worker.audit.remedies import What
from worker.cli.match import note
from worker.http import exact_json

Step = Edit | str
#: Nothing beside the project's own: what a person enters for it anew.
NEW_PROJECT = 312


@dataclass(frozen=True)
class Case:
    """One way to a difference, and the way out of it."""

    edit: Edit
    steps: Sequence[Step]


def case(edit: Edit, *steps: Step) -> Case:
    return Case(edit, steps)


def void(number: str) -> Edit:
    """A person voids the one that is called so and that this worker did not send, else the only one."""

    def edit(world: World) -> None:
        named = [row for row in world.documents("invoices") if row.get("InvoiceNumber") == number]
        row = next((one for one in named if not one.get("Url")), named[-1])
        world.xero_edit("invoices", row["InvoiceID"], Status="VOIDED")

    return edit


def pay_deleted(reference: str) -> Edit:
    """A person removes the newest payment of this reference."""

    def edit(world: World) -> None:
        named = [row for row in world.documents("payments") if str(row["Reference"]).endswith(reference)]
        live = [row for row in named if row["Status"] != "DELETED"]
        world.xero_edit("payments", live[-1]["PaymentID"], Status="DELETED")

    return edit


def file(text: str) -> Edit:
    """Somebody writes another mapping file."""

    def edit(world: World) -> None:
        world.mapping_file.write_text(text)

    return edit


def next_pass(world: World) -> None:
    world.whole_pass()


def new_claim(id: int = 18, **fields: Any) -> Edit:
    return lambda world: world.enter("requisitions", a_claim(id, "10.00", invoice_number=f"INV-{id}", **fields))


def new_payment(world: World) -> None:
    world.enter("contract_payments", a_payment(24, 12, "0.00") | a_payment(24, 11, "10.00", check_number="8"))
    world.procore_edit("work_order_contracts", 501, PROJECT_ID, total_payments="999.00")


def second_option(world: World) -> None:
    """A person makes an option that begins with the job number, too."""
    category = at.tracked(world, "Project", "24-017")["TrackingCategoryID"]
    body = exact_json.dumps({"Name": "24-017 Annex"})
    world.parts.xero.api.write("PUT", f"/TrackingCategories/{category}/Options", body, f"person-{world.last()}")


def matched(kind: str, id: str) -> Edit:
    """A person says of a held record that it is what stands in Xero."""
    return lambda world: note(world.parts, JOB_NUMBER, kind, id, another=False)


def other_number(world: World) -> None:
    """A person gives the direct cost another number in Procore."""
    world.procore_edit("direct_costs", 31, PROJECT_ID, invoice_number="DC-31A")


def new_project(world: World) -> None:
    """Somebody makes a project, and no pass has run since."""
    world.enter("projects", a_project(NEW_PROJECT, "24-019"), None)  # type: ignore[arg-type]


def new_supplier(world: World) -> None:
    world.enter("vendors", a_vendor(4, "Fresh Paint"), None)  # type: ignore[arg-type]
    new_claim(18, vendor_id=4, vendor_name="Fresh Paint", commitment_id=502)(world)


def a_copy_with_address(world: World) -> None:
    """Another integration makes the bill once more."""
    row = world.bill("INV-15")
    kept = ("Type", "Contact", "Date", "DueDate", "LineAmountTypes", "Url")
    document = {name: row[name] for name in kept} | {"InvoiceNumber": "INV-15b", "Status": "AUTHORISED"}
    world.type_in_xero("Invoices", {**document, "LineItems": [at._as_typed(line) for line in row["LineItems"]]})


def rounded(world: World) -> None:
    """A person rounds a total."""
    world.xero_switch(rounds_totals=True)
    row = world.bill("INV-15")
    sums = {field: Decimal(str(row[field])) for field in ("SubTotal", "TotalTax")}
    body = {"InvoiceID": row["InvoiceID"], **sums, "Total": sum(sums.values(), Decimal("0.05"))}
    sent = exact_json.dumps({"Invoices": [{**body, "RoundingAmount": Decimal("0.05")}]})
    world.parts.xero.api.write("POST", f"/Invoices/{row['InvoiceID']}", sent, "person-rounds")


def closed(world: World) -> None:
    world.procore_switch(tools_off={PROJECT_ID: {"direct_costs": 403}})


def opened(world: World) -> None:
    world.procore_switch(tools_off={})


def credit_taken_off(world: World) -> None:
    """A person takes a credit note off the bill that it is set against."""
    (note,) = [row for row in world.documents("credit_notes") if row["CreditNoteNumber"] == "H-5"]
    for one in note["Allocations"]:
        path = f"/CreditNotes/{note['CreditNoteID']}/Allocations/{one['AllocationID']}"
        world.parts.xero.api.write("DELETE", path, "", f"person-{world.last()}")


_FOOT_16 = {"current_payment_due": "80.00"}
_RETAINED_14 = {"current_payment_due": "-30.00", "tax_applicable_to_this_payment": "-3.00"}
_BY_HAND = at.typed(STEEL, "H-1", "5000.00", project="24-017")
_RELEASED = at.typed(RIDGELINE, "H-4", "5.00", account="830", tax="BASEXCLUDED")

REMEDIES: Mapping[What, Sequence[Case]] = {
    What.OPTION_MISSING: (
        case(at.option("Project", "24-017", "24-018 Old"), at.option("Project", "24-018 Old", "24-017 Tower")),
        case(new_project, "send"),
    ),
    What.OPTIONS_SEVERAL: (case(second_option, at.option("Project", "24-017 Annex", "Annex")),),
    What.COST_CODE_MISSING: (
        case(at.option("Cost Codes", "03-300", "05-100 Old"), at.option("Cost Codes", "05-100 Old", "03-300 Concrete")),
    ),
    What.UNREADABLE: (
        case(
            lambda world: world.procore_edit("direct_costs", 31, PROJECT_ID, amount="many"),
            lambda world: world.procore_edit("direct_costs", 31, PROJECT_ID, amount="50.00"),
        ),
    ),
    What.NOT_SHOWN: (case(closed, opened),),
    What.CONTACT_MISSING: (case(new_supplier, "send"),),
    What.CONTACT_ARCHIVED: (
        case(at.contact(STEEL, ContactStatus="ARCHIVED"), at.contact(STEEL, ContactStatus="ACTIVE")),
    ),
    What.TAX_NUMBER: (case(at.contact(STEEL, TaxNumber="53004085616"), at.contact(STEEL, TaxNumber=at.ABN)),),
    What.CONTACT_RENAMED: (
        case(at.contact(RIDGELINE, Name="Offshore"), at.contact("Offshore", Name=RIDGELINE)),
        case(at.contact(RIDGELINE, Name="Offshore"), "acknowledge"),
    ),
    What.DUE_UNSAID: (case(at.claim(16, summary={}), at.claim(16, summary=_FOOT_16)),),
    What.NOT_IN_XERO: (case(new_claim(), "send"),),
    What.VOIDED: (
        case(at.bill("INV-15", Status="VOIDED"), "resend"),
        case(at.bill("DC-31", Status="VOIDED"), "resend"),
        case(at.typed_again, "resend", matched("claims", "15"), next_pass),
        case(at.bill("DC-31", Status="DELETED"), "resend", other_number, next_pass),
    ),
    What.NO_ADDRESS: (case(at.bill("INV-15", Url=""), "acknowledge"),),
    What.SEVERAL_TIMES: (case(a_copy_with_address, at.bill("INV-15b", Status="VOIDED")),),
    What.PAYEE: (case(at.to_contact("INV-12", STEEL), at.to_contact("INV-12", RIDGELINE)),),
    What.CURRENCY: (case(at.bill("INV-16", CurrencyCode="USD"), void("INV-16"), "resend"),),
    What.TAX: (case(at.line("INV-12", TaxAmount="19.98"), at.line("INV-12", TaxAmount="20.00")),),
    What.AMOUNT: (case(at.line("INV-12", UnitAmount="199.00"), at.line("INV-12", UnitAmount="200.00")),),
    What.ROUNDING: (case(rounded, void("INV-15"), "resend"),),
    What.UNCODED: (
        case(
            at.claim(16, items=[an_item("80.00", cost_type="O", taxes=[])]),
            file(MAPPING.replace("[accounts.cost_types]", '[accounts.cost_types]\nO = "320"')),
        ),
    ),
    What.CODING: (case(at.line("INV-12", AccountCode="429"), at.line("INV-12", AccountCode="320")),),
    What.EARLIER_FILE: (case(file(f'{MAPPING}\n[projects."24-017".accounts.cost_types]\nS = "429"\n'), "acknowledge"),),
    What.NUMBER: (case(at.bill("INV-12", InvoiceNumber="INV-99"), at.bill("INV-99", InvoiceNumber="INV-12")),),
    What.DATE: (case(at.bill("INV-12", Date="2026-10-01"), at.bill("INV-12", Date="2026-07-31")),),
    What.DUE_DATE: (
        case(at.bill("INV-16", DueDate="2026-12-31"), at.bill("INV-16", DueDate="2026-08-30")),
        case(at.bill("INV-16", DueDate="2026-12-31"), "acknowledge"),
    ),
    What.STATUS: (case(at.bill("INV-15", Status="DRAFT"), at.bill("INV-15", Status="AUTHORISED")),),
    What.NOT_DUE: (
        case(at.claim(16, status="draft"), void("INV-16")),
        case(at.claim(16, status="draft"), at.claim(16, status="approved")),
    ),
    What.STRAY: (case(_BY_HAND, void("H-1")), case(_BY_HAND, "acknowledge")),
    What.DOUBLE: (case(at.copied("INV-15"), void("INV-15")), case(at.copied("INV-15"), "acknowledge")),
    What.RETENTION_BY_HAND: (case(_RELEASED, void("H-4")), case(_RELEASED, "acknowledge")),
    What.CREDIT_BY_HAND: (
        case(at.credit_against("INV-15", "50.00"), credit_taken_off),
        case(at.credit_against("INV-15", "50.00"), "acknowledge"),
    ),
    What.NOT_PAID: (case(new_payment, "send"),),
    What.PAYMENT_DELETED: (case(at.payment(22, Status="DELETED"), "resend"),),
    What.PAID_TWICE: (
        case(at.paid_by_hand("INV-11", "20.00", Reference="Procore payment 21"), pay_deleted("payment 21")),
    ),
    What.PAYMENT_EDITED: (case(at.payment(21, Date="2026-09-30"), pay_deleted("payment 21"), "resend"),),
    What.PAYMENT_ACCOUNT: (
        case(at.paid_from(21, "090"), pay_deleted("payment 21"), "resend"),
        case(at.paid_from(21, "090"), "acknowledge"),
        case(at.bank_renumbered, file(MAPPING.replace('check = "091"', 'check = "0911"'))),
    ),
    What.BANK_ACCOUNT_MISSING: (case(file(MAPPING.replace('default = "090"\ncheck = "091"', "")), file(MAPPING)),),
    What.PAID_BY_HAND: (
        case(at.paid_by_hand("INV-15", "7.00"), pay_deleted("")),
        case(at.paid_by_hand("INV-15", "7.00"), "acknowledge"),
    ),
    What.PAYMENT_WITHDRAWN: (case(lambda world: world.procore_delete("contract_payments", 21, PROJECT_ID), "send"),),
    What.RETENTION: (
        case(
            at.claim(14, summary={**_RETAINED_14, "total_retainage": "7.50"}),
            at.claim(14, summary={**_RETAINED_14, "total_retainage": "5.00"}),
        ),
        case(at.claim(14, summary={**_RETAINED_14, "total_retainage": "7.50"}), "acknowledge"),
    ),
}
