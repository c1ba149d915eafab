"""A synced world with one or two of everything, and what people do to it in Xero and in Procore, one edit at a time.

`EDITS` are those that an audit must find, each with what its sentence names; `HARMLESS` those of which it must say
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.integration.seeds import (
    PROJECT_ID,
    a_claim,
    a_contact,
    a_contract,
    a_cost_code,
    a_payment,
    a_project,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.world import World
from worker.http import exact_json

Edit = Callable[[World], None]
RIDGELINE, STEEL, CRANES = "Ridgeline Concrete Pty Ltd", "Harbour Steel", "Cranes & Co"
ABN = "51824753556"
OTHER_PROJECT = 311
_RETAINED = {"current_payment_due": "95.00", "tax_applicable_to_this_payment": "9.50", "total_retainage": "5.00"}
_NO_TAX: dict[str, Any] = {"taxes": []}


def _steel(id: int, amount: str, *, tax: str | None, **fields: Any) -> dict[str, Any]:
    summary = {"current_payment_due": amount} | ({"tax_applicable_to_this_payment": tax} if tax is not None else {})
    return a_claim(id, amount, vendor_id=2, vendor_name=STEEL, commitment_id=502, summary=summary, **fields)


def seed() -> dict[str, Any]:
    """Two projects, three suppliers; claims with retention, of two lines, without tax and with a tax of nothing, two
    credit notes of one number, direct invoices, and payments."""
    items = [an_item("200.00"), an_item("100.00", id=901, code="05-100", cost_type="M", line_number="2", **_NO_TAX)]
    claims = [
        a_claim(
            11,
            "95.00",
            items=[an_item("100.00", work_completed_retainage_retained_this_period="5.00")],
            summary=_RETAINED,
        ),
        a_claim(12, "200.00"),
        a_claim(13, "-40.00", invoice_number="CN-7"),
        a_claim(14, "-30.00", invoice_number="CN-7"),
        _steel(15, "300.00", tax="20.00", items=items),
        _steel(16, "80.00", tax=None, items=[an_item("80.00", **_NO_TAX)]),
        _steel(17, "70.00", tax="0.00", items=[an_item("70.00", **_NO_TAX)]),
    ]
    for claim in claims[:4]:
        claim["vendor_name"] = RIDGELINE
        claim["summary"].setdefault("total_retainage", "5.00")
    more: dict[str, Any] = {
        "project_vendors": [3],
        "cost_codes": [a_cost_code()],
        "work_order_contracts": [a_contract(601)],
    }
    there = a_claim(41, "600.00", vendor_id=3, vendor_name=CRANES, commitment_id=601)
    found = a_seed(
        projects=[a_project(), a_project(OTHER_PROJECT, "24-018")],
        vendors=[a_vendor(1, RIDGELINE), a_vendor(2, STEEL, ABN), a_vendor(3, CRANES)],
        directory=[1, 2],
        cost_codes=[a_cost_code(), a_cost_code("05-100", "Steel")],
        contracts=[a_contract(), a_contract(502)],
        claims=claims,
        payments=[
            a_payment(21, 11, "60.00", check_number="7"),
            a_payment(22, 12, "220.00"),
            a_payment(23, 13, "-44.00"),
        ],
        invoices=[
            an_invoice(31, vendor_name=RIDGELINE),
            an_invoice(32, "75.00", vendor_name=RIDGELINE, terms="Net 14"),
        ],
        contacts=[a_contact(9, "Fuel Depot")],
        more={OTHER_PROJECT: {**more, "requisitions": [there]}},
    )
    found["xero"]["currencies"] = [{"Code": "AUD"}, {"Code": "USD"}]
    return found


# --- what people do ------------------------------------------------------------------------------------------------


def bill(number: str, **fields: Any) -> Edit:
    """A person changes the head of a bill."""
    return lambda world: world.xero_edit("invoices", world.bill(number)["InvoiceID"], **fields)


def line(number: str, place: int = 0, **fields: Any) -> Edit:
    """A person changes one line of a bill."""
    return lines(number, lambda rows: [{**row, **(fields if at == place else {})} for at, row in enumerate(rows)])


def lines(number: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Edit:
    """A person changes the lines of a bill."""

    def edit(world: World) -> None:
        found = world.bill(number)
        rows = [_plain(row) for row in found["LineItems"]]
        world.xero_edit("invoices", found["InvoiceID"], LineItems=change(rows))

    return edit


def inclusive(number: str) -> Edit:
    """A person says that the amounts of a bill include its tax."""

    def edit(world: World) -> None:
        found = world.bill(number)
        rows = [_plain(row) for row in found["LineItems"]]
        world.xero_edit("invoices", found["InvoiceID"], LineAmountTypes="Inclusive", LineItems=rows)

    return edit


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    left_out = ("AccountID", "LineAmount", "TaxAmount", "LineItemID")
    return {name: value for name, value in row.items() if name not in left_out}


def credit(total: str, **fields: Any) -> Edit:
    """A person changes the credit note of this total."""

    def edit(world: World) -> None:
        (found,) = [row for row in world.documents("credit_notes") if Decimal(row["Total"]) == Decimal(total)]
        change = dict(fields)
        if "AccountCode" in change:
            change["LineItems"] = [{**_plain(found["LineItems"][0]), "AccountCode": change.pop("AccountCode")}]
        world.xero_edit("creditnotes", found["CreditNoteID"], **change)

    return edit


def payment(id: int, **fields: Any) -> Edit:
    """A person changes a payment."""

    def edit(world: World) -> None:
        (found,) = [row for row in world.documents("payments") if row["Reference"].endswith(f"payment {id}")]
        world.xero_edit("payments", found["PaymentID"], **fields)

    return edit


def contact(name: str, **fields: Any) -> Edit:
    """A person changes a contact."""
    return lambda world: world.xero_edit("contacts", contact_id(world, name), **fields)


def contact_id(world: World, name: str) -> str:
    (found,) = [row["ContactID"] for row in world.documents("contacts") if row["Name"] == name]
    return str(found)


def to_contact(number: str, name: str) -> Edit:
    return lambda world: bill(number, Contact={"ContactID": contact_id(world, name)})(world)


def credit_to_contact(total: str, name: str) -> Edit:
    return lambda world: credit(total, Contact={"ContactID": contact_id(world, name)})(world)


def account_id(world: World, code: str) -> str:
    (found,) = [row["AccountID"] for row in world.documents("accounts") if row.get("Code") == code]
    return str(found)


def paid_from(id: int, code: str) -> Edit:
    return lambda world: payment(id, AccountID=account_id(world, code))(world)


def paid_on(id: int, number: str) -> Edit:
    return lambda world: payment(id, TargetID=world.bill(number)["InvoiceID"])(world)


def tracked(world: World, category: str, option: str) -> dict[str, str]:
    """An element of tracking, by the beginning of its option's name."""
    (found,) = [row for row in world.documents("tracking_categories") if row["Name"] == category]
    (chosen,) = [one for one in found["Options"] if one["Name"].startswith(option)]
    return {"TrackingCategoryID": found["TrackingCategoryID"], "TrackingOptionID": chosen["TrackingOptionID"]}


def tracking(number: str, *chosen: tuple[str, str], place: int = 0) -> Edit:
    """A person tracks a line to these options and to no others."""
    return lambda world: line(number, place, Tracking=[tracked(world, *one) for one in chosen])(world)


def typed(
    name: str,
    number: str,
    *amounts: str,
    on: str = "2026-08-05",
    account: str = "429",
    tax: str = "INPUT",
    project: str = "",
    kind: str = "ACCPAY",
    status: str = "AUTHORISED",
) -> Edit:
    """A person types in a bill, a credit note or a sales invoice."""

    def edit(world: World) -> None:
        track = [tracked(world, "Project", project)] if project else []
        rows = [
            {"Description": "By hand", "Quantity": 1, "UnitAmount": Decimal(one), "AccountCode": account}
            | {"TaxType": tax, "Tracking": track}
            for one in amounts
        ]
        is_credit = kind == "ACCPAYCREDIT"
        document: dict[str, Any] = {"Type": kind, "Contact": {"ContactID": contact_id(world, name)}, "Date": on}
        document |= {"CreditNoteNumber" if is_credit else "InvoiceNumber": number, "Status": status}
        document |= {} if is_credit else {"DueDate": "2026-09-30"}
        document |= {"LineAmountTypes": "Exclusive", "LineItems": rows}
        world.type_in_xero("CreditNotes" if is_credit else "Invoices", document)

    return edit


def paid_by_hand(number: str, amount: str, **fields: Any) -> Edit:
    def edit(world: World) -> None:
        paid = {"Invoice": {"InvoiceID": world.bill(number)["InvoiceID"]}, "Account": {"Code": "090"}}
        world.type_in_xero("Payments", {**paid, "Date": "2026-08-20", "Amount": Decimal(amount), **fields})

    return edit


def copied(number: str) -> Edit:
    """A person copies a bill: all of it but its address."""

    def edit(world: World) -> None:
        found = world.bill(number)
        kept = ("Type", "Contact", "InvoiceNumber", "Date", "DueDate", "LineAmountTypes")
        document = {name: found[name] for name in kept} | {"Status": "AUTHORISED"}
        world.type_in_xero("Invoices", {**document, "LineItems": [_as_typed(row) for row in found["LineItems"]]})

    return edit


def _as_typed(row: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {name: Decimal(str(row[name])) for name in ("Quantity", "UnitAmount")}
    return {**_plain(row), **numbers}


def credit_against(number: str, amount: str) -> Edit:
    """A person types a credit note of the bill's supplier and sets it against the bill."""

    def edit(world: World) -> None:
        typed(STEEL, "H-5", amount, kind="ACCPAYCREDIT", tax="BASEXCLUDED")(world)
        (note,) = [row for row in world.documents("credit_notes") if row["CreditNoteNumber"] == "H-5"]
        set_against(world, f"/CreditNotes/{note['CreditNoteID']}/Allocations", number, amount)

    return edit


def set_against(world: World, path: str, number: str, amount: str) -> None:
    body = {"Amount": Decimal(amount), "Date": "2026-08-31", "Invoice": {"InvoiceID": world.bill(number)["InvoiceID"]}}
    world.parts.xero.api.write("PUT", path, exact_json.dumps({"Allocations": [body]}), f"person-{world.last()}")


def second_contact(world: World) -> None:
    """A person makes a contact that is called alike, and moves a bill to it."""
    world.type_in_xero("Contacts", {"Name": "Ridgeline Concrete Pty. Limited"})
    to_contact("INV-12", "Ridgeline Concrete Pty. Limited")(world)


def payment_split(world: World) -> None:
    """A person removes a payment and enters it as two."""
    payment(21, Status="DELETED")(world)
    for amount in ("40.00", "20.00"):
        paid_by_hand("INV-11", amount)(world)


def typed_again(world: World) -> None:
    """A person voids a bill and types it once more."""
    voided = world.bill("INV-15")["InvoiceID"]
    copied("INV-15")(world)
    world.xero_edit("invoices", voided, Status="VOIDED")


def bank_renumbered(world: World) -> None:
    """A person gives a bank account another code."""
    world.xero_edit("accounts", account_id(world, "091"), Code="0911")


def option_archived(world: World) -> None:
    ids = tracked(world, "Project", "24-017")
    path = f"/TrackingCategories/{ids['TrackingCategoryID']}/Options/{ids['TrackingOptionID']}"
    world.parts.xero.api.write("POST", path, exact_json.dumps({"Status": "ARCHIVED"}), "person-archives")


def untaxed(number: str) -> Edit:
    """A person says that a bill has no tax at all."""

    def edit(world: World) -> None:
        found = world.bill(number)
        rows = [_plain(row) for row in found["LineItems"]]
        world.xero_edit("invoices", found["InvoiceID"], LineAmountTypes="NoTax", LineItems=rows)

    return edit


def more_lines(*more: dict[str, Any]) -> Edit:
    """A person adds lines like the first to INV-12."""
    return lines("INV-12", lambda rows: [*rows, *({**rows[0], **one} for one in more)])


def option(category: str, begins: str, name: str) -> Edit:
    """A person renames an option."""

    def edit(world: World) -> None:
        ids = tracked(world, category, begins)
        path = f"/TrackingCategories/{ids['TrackingCategoryID']}/Options/{ids['TrackingOptionID']}"
        world.parts.xero.api.write("POST", path, exact_json.dumps({"Name": name}), f"person-{world.last()}")

    return edit


def category(name: str, now: str) -> Edit:
    """A person renames a tracking category."""

    def edit(world: World) -> None:
        (found,) = [row for row in world.documents("tracking_categories") if row["Name"] == name]
        path = f"/TrackingCategories/{found['TrackingCategoryID']}"
        world.parts.xero.api.write("POST", path, exact_json.dumps({"Name": now}), f"person-{world.last()}")

    return edit


def claim(id: int, **fields: Any) -> Edit:
    """A person changes a claim in Procore, and no pass has run since."""
    return lambda world: world.procore_edit("requisitions", id, PROJECT_ID, **fields)


def both(*edits: Edit) -> Edit:
    def edit(world: World) -> None:
        for one in edits:
            one(world)

    return edit


def _moved(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """50.00 of the first line's 200.00 go to the second one."""
    return [{**rows[0], "UnitAmount": "150.00"}, {**rows[1], "UnitAmount": "150.00"}]


def _split(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**rows[0], "UnitAmount": "120.00"}, {**rows[0], "UnitAmount": "80.00"}]


OURS, CODES = ("Project", "24-017"), ("Cost Codes", "03-300")
#: What is done, the record or document that it is done to, and what the sentence must name: what stands in Xero, and
#: what Procore says.
EDITS: Mapping[str, tuple[Edit, str, tuple[str, ...]]] = {
    # who is paid
    "another supplier": (to_contact("INV-12", STEEL), "claim 12", (STEEL, RIDGELINE)),
    "another supplier, and paid": (to_contact("INV-11", "Fuel Depot"), "claim 11", ("Fuel Depot", RIDGELINE)),
    "another supplier of a credit note": (credit_to_contact("44.00", STEEL), "claim 13", (STEEL, RIDGELINE)),
    "another supplier of an invoice": (to_contact("DC-31", STEEL), "invoice 31", (STEEL, RIDGELINE)),
    "supplier renamed": (contact(RIDGELINE, Name="Offshore Holdings"), RIDGELINE, ("Offshore Holdings", RIDGELINE)),
    "supplier with a tax number renamed": (contact(STEEL, Name="Steelco"), STEEL, ("Steelco", STEEL)),
    "supplier archived": (contact(STEEL, ContactStatus="ARCHIVED"), STEEL, (STEEL, "archived")),
    "supplier's tax number": (contact(STEEL, TaxNumber="53004085616"), STEEL, ("53004085616", ABN)),
    # the head of a document
    "number": (bill("INV-12", InvoiceNumber="INV-99"), "claim 12", ("INV-99", "INV-12")),
    "date into another quarter": (bill("INV-12", Date="2026-10-01"), "claim 12", ("2026-10-01", "2026-07-31")),
    "date of a credit note": (credit("44.00", Date="2026-10-01"), "claim 13", ("2026-10-01", "2026-07-31")),
    "date of an invoice": (bill("DC-31", Date="2026-06-30"), "invoice 31", ("2026-06-30", "2026-07-20")),
    "due date": (bill("INV-16", DueDate="2026-12-31"), "claim 16", ("2026-12-31", "2026-08-30")),
    "due date by terms": (bill("DC-32", DueDate="2026-08-19"), "invoice 32", ("2026-08-19", "2026-08-03")),
    "back to draft": (bill("INV-15", Status="DRAFT"), "claim 15", ("DRAFT", "AUTHORISED")),
    "back to submitted": (bill("INV-15", Status="SUBMITTED"), "claim 15", ("SUBMITTED", "AUTHORISED")),
    "credit note back to draft": (credit("33.00", Status="DRAFT"), "claim 14", ("DRAFT", "AUTHORISED")),
    "voided": (bill("INV-15", Status="VOIDED"), "claim 15", ("VOIDED",)),
    "deleted": (bill("DC-31", Status="DELETED"), "invoice 31", ("DELETED",)),
    "credit note voided": (credit("33.00", Status="VOIDED"), "claim 14", ("VOIDED",)),
    "currency": (bill("INV-12", CurrencyCode="USD"), "claim 12", ("USD", "AUD")),
    "address taken off": (bill("INV-15", Url=""), "claim 15", ("INV-15", "address")),
    "address of another record": (
        lambda world: bill("DC-31", Url=world.bill("DC-32")["Url"])(world),
        "invoice 32",
        ("2 times", "DC-31", "DC-32"),
    ),
    # its lines
    "account": (line("INV-12", AccountCode="429"), "claim 12", ("429", "320")),
    "account of one line of two": (line("INV-15", 1, AccountCode="429"), "claim 15", ("429", "325", "100.00")),
    "account of an invoice": (line("DC-31", AccountCode="429"), "invoice 31", ("429", "325")),
    "account of a credit note": (credit("44.00", AccountCode="429"), "claim 13", ("429", "320")),
    "retention on another account": (line("INV-11", 1, AccountCode="429"), "claim 11", ("429", "830")),
    "tax type": (line("INV-12", TaxType="EXEMPTEXPENSES"), "claim 12", ("EXEMPTEXPENSES", "INPUT")),
    "tax type of the retention": (line("INV-11", 1, TaxType="BASEXCLUDED"), "claim 11", ("BASEXCLUDED", "INPUT")),
    "GST where Procore states nothing": (line("INV-16", TaxType="INPUT"), "claim 16", ("INPUT", "BASEXCLUDED")),
    "GST where Procore states 0.00": (line("INV-17", TaxType="INPUT"), "claim 17", ("INPUT", "BASEXCLUDED")),
    "GST on an invoice without": (line("DC-31", TaxType="INPUT"), "invoice 31", ("INPUT", "BASEXCLUDED")),
    "another tax of the same type": (line("INV-12", TaxAmount="19.98"), "claim 12", ("19.98", "20.00")),
    "a tax where the type has none": (line("INV-16", TaxAmount="8.00"), "claim 16", ("8.00", "0.00")),
    "amounts that include the tax": (inclusive("INV-12"), "claim 12", ("181.82", "200.00")),
    "project changed": (tracking("INV-12", ("Project", "24-018"), CODES), "claim 12", ("24-018", "24-017")),
    "project dropped": (tracking("INV-12", CODES), "claim 12", ("no project", "24-017")),
    "project of one line dropped": (tracking("INV-15", ("Cost Codes", "05-100"), place=1), "claim 15", ("100.00",)),
    "cost code changed": (tracking("INV-12", OURS, ("Cost Codes", "05-100")), "claim 12", ("05-100", "03-300")),
    "cost code dropped": (tracking("INV-12", OURS), "claim 12", ("no cost code", "03-300")),
    "all tracking dropped": (tracking("DC-31"), "invoice 31", ("no project", "24-017", "no cost code")),
    "amount": (line("INV-12", UnitAmount="199.00"), "claim 12", ("199.00", "200.00")),
    "amount between accounts": (lines("INV-15", _moved), "claim 15", ("50.00", "325", "320")),
    "a line more": (lines("INV-12", lambda rows: [*rows, {**rows[0], "UnitAmount": "1.00"}]), "claim 12", ("201.00",)),
    "retention left out": (lines("INV-11", lambda rows: rows[:1]), "claim 11", ("830", "5.00")),
    "no tax at all": (untaxed("INV-12"), "claim 12", ("0.00", "20.00")),
    "a tax too much by a cent": (line("INV-12", TaxAmount="20.01"), "claim 12", ("20.01", "20.00")),
    "a cent of tax where there is none": (line("INV-16", TaxAmount="0.01"), "claim 16", ("0.01", "0.00")),
    "a part on another account": (
        more_lines({"UnitAmount": "10.00"}, {"UnitAmount": "-10.00", "AccountCode": "429"}),
        "claim 12",
        ("210.00", "200.00", "429", "-10.00"),
    ),
    "an account taken off": (line("INV-12", AccountCode=""), "claim 12", ("no account", "320")),
    "retention's project dropped": (tracking("INV-11", place=1), "claim 11", ("no project", "24-017")),
    "retention's cost code": (tracking("INV-11", OURS, CODES, place=1), "claim 11", ("03-300", "no cost code")),
    "one day later": (bill("INV-12", Date="2026-08-01"), "claim 12", ("2026-08-01", "2026-07-31")),
    "due a month later": (bill("INV-16", DueDate="2026-09-30"), "claim 16", ("2026-09-30", "2026-08-30")),
    "a contact that is called alike": (
        second_contact,
        "claim 12",
        ("Ridgeline Concrete Pty. Limited", RIDGELINE),
    ),
    "address of elsewhere": (bill("INV-15", Url="https://example.com/15"), "claim 15", ("INV-15", "address")),
    "voided and typed again": (typed_again, "claim 15", ("VOIDED",)),
    "the project's option archived": (option_archived, "project 24-017", ("24-017",)),
    # payments
    "a payment split in two": (payment_split, "payment 21", ("not in Xero",)),
    "a bank account renumbered": (bank_renumbered, "payment 21", ("0911", "091")),
    "paid in full by hand": (paid_by_hand("INV-15", "320.00"), "320.00", ("claim 15", "2026-08-20")),
    "a draft that may be a double": (
        typed(STEEL, "H-20", "320.00", tax="BASEXCLUDED", status="DRAFT"),
        "H-20",
        ("320.00", "claim 15"),
    ),
    "payment's amount": (payment(21, Amount="50.00"), "payment 21", ("50.00", "60.00")),
    "payment's date": (payment(21, Date="2026-09-30"), "payment 21", ("2026-09-30", "2026-08-14")),
    "payment's bank account": (paid_from(21, "090"), "payment 21", ("090", "091")),
    "payment of a paid bill from another account": (paid_from(22, "091"), "payment 22", ("091", "090")),
    "payment deleted": (payment(22, Status="DELETED"), "payment 22", ("not in Xero",)),
    "payment on another bill": (paid_on(21, "INV-15"), "payment 21", ("INV-15", "INV-11")),
    "refund deleted": (payment(23, Status="DELETED"), "payment 23", ("not in Xero",)),
    "refund's date": (payment(23, Date="2026-09-30"), "payment 23", ("2026-09-30", "2026-08-14")),
    "paid by hand beside it": (paid_by_hand("INV-15", "7.00"), "7.00", ("claim 15", "2026-08-20")),
    "paid twice": (paid_by_hand("INV-11", "20.00", Reference="Procore payment 21"), "payment 21", ("2 times",)),
    "a credit note by hand set against the bill": (
        credit_against("INV-15", "50.00"),
        "claim 15",
        ("credit note H-5", "50.00", "INV-15"),
    ),
    # what is not from Procore
    "typed on the project": (typed(STEEL, "H-1", "5000.00", project="24-017"), "H-1", (STEEL, "5,500.00", "24-017")),
    "a credit note on the project": (
        typed(STEEL, "H-2", "100.00", project="24-017", kind="ACCPAYCREDIT"),
        "H-2",
        (STEEL, "110.00", "24-017"),
    ),
    "a draft on the project": (typed("Fuel Depot", "H-3", "9.00", project="24-017", status="DRAFT"), "H-3", ("9.90",)),
    "retention released by hand": (
        typed(RIDGELINE, "H-4", "5.00", account="830", tax="BASEXCLUDED"),
        "H-4",
        (RIDGELINE, "5.00", "830"),
    ),
    "a copy without address": (copied("INV-15"), "INV-15", (STEEL, "320.00", "claim 15")),
    "typed again under another number": (typed(STEEL, "99", "320.00", tax="BASEXCLUDED"), "99", ("320.00", "claim 15")),
    "typed again weeks later": (
        typed(RIDGELINE, "77", "200.00", on="2026-09-10"),
        "77",
        ("220.00", "claim 12", "2026-09-10", "2026-07-31"),
    ),
    # what stands in Procore
    "a claim that did not arrive": (
        lambda world: world.enter("requisitions", a_claim(18, "10.00", invoice_number="INV-18")),
        "claim 18",
        ("not in Xero",),
    ),
    "a claim withdrawn": (claim(16, status="draft"), "claim 16", ("INV-16", "not due")),
    "a date that changed in Procore": (claim(16, billing_date="2026-06-30"), "claim 16", ("2026-07-31", "2026-06-30")),
    "a cost code that changed in Procore": (
        claim(16, items=[an_item("80.00", code="05-100", **_NO_TAX)]),
        "claim 16",
        ("03-300", "05-100"),
    ),
    "retention that changed in Procore": (
        claim(
            14,
            summary={"current_payment_due": "-30.00", "tax_applicable_to_this_payment": "-3.00"}
            | {"total_retainage": "7.50"},
        ),
        "commitment 501",
        ("holds back",),
    ),
    "the project's option called as another's": (
        option("Project", "24-017", "24-018 Tower"),
        "project 24-017",
        ("24-017",),
    ),
}


#: What else an edit makes differ.
BESIDE: Mapping[str, list[str]] = {
    "the project's option called as another's": ["project 24-018", "credit note CN-7", "credit note CN-7"],
    "address of another record": ["invoice 31"],
    "retention on another account": ["commitment 501"],
    "retention left out": ["commitment 501"],
    "supplier's tax number": ["claim 15", "claim 16", "claim 17"],
    "voided and typed again": ["bill INV-15"],
    "a payment split in two": ["payment of 40.00 AUD on 2026-08-20", "payment of 20.00 AUD on 2026-08-20"],
}


def _history(world: World) -> None:
    path = f"/Invoices/{world.bill('INV-12')['InvoiceID']}/History"
    body = exact_json.dumps({"HistoryRecords": [{"Details": "Called the supplier"}]})
    world.parts.xero.api.write("PUT", path, body, "person-note")


#: What an audit says nothing of.
HARMLESS: Mapping[str, Edit] = {
    "a text": line("INV-12", Description="Slab on ground, level 2"),
    "texts of all lines": lines("INV-15", lambda rows: [{**row, "Description": "Steel, see file"} for row in rows]),
    "the order of lines": lines("INV-15", lambda rows: rows[::-1]),
    "a line split in two": lines("INV-12", _split),
    "quantity and price": line("INV-12", Quantity="2", UnitAmount="100.00"),
    "three pieces": line("INV-12", Quantity="3", UnitAmount="66.6667"),
    "a line of text alone": lines("INV-12", lambda rows: [*rows, {"Description": "See file"}]),
    "a line there and back": more_lines({"UnitAmount": "10.00"}, {"UnitAmount": "-10.00"}),
    "the rate of the currency": bill("INV-12", CurrencyRate="1.5"),
    "a repeating bill's number": bill("INV-12", RepeatingInvoiceID="00000000-0000-4000-8000-0000000000bb"),
    "a contact's number": contact(RIDGELINE, ContactNumber="R-77"),
    "a bar behind the address": lambda world: bill("INV-15", Url=f"{world.bill('INV-15')['Url']}/")(world),
    "two bills that come to one": both(
        typed(STEEL, "H-22", "160.00", tax="BASEXCLUDED"), typed(STEEL, "H-23", "160.00", tax="BASEXCLUDED")
    ),
    "a file": bill("INV-12", HasAttachments=True),
    "a note in the history": _history,
    "planned payment date": bill("INV-12", PlannedPaymentDate="2026-09-15"),
    "a reference": bill("INV-16", Reference="see mail"),
    "branding": bill("INV-12", BrandingThemeID="00000000-0000-4000-8000-0000000000aa"),
    "sent to the contact": bill("INV-12", SentToContact=True),
    "a contact's e-mail": contact(RIDGELINE, EmailAddress="office@ridgeline.example"),
    "a contact's bank account": contact(RIDGELINE, BankAccountDetails="062000 12345678"),
    "a contact's name in other letters": contact(RIDGELINE, Name="RIDGELINE CONCRETE PTY. LIMITED"),
    "a contact's blank in its tax number": contact(STEEL, TaxNumber="51 824 753 556"),
    "a payment reconciled": payment(21, IsReconciled=True),
    "a text of a credit note": credit("44.00", Reference="see mail"),
    "a bill that a person typed": typed("Fuel Depot", "F-1", "80.00"),
    "a supplier's bill of another total": typed(STEEL, "H-8", "12.00"),
    "a supplier's bill of this total long after": typed(STEEL, "H-9", "320.00", tax="BASEXCLUDED", on="2026-10-31"),
    "another supplier's bill of this total": typed("Fuel Depot", "H-7", "320.00", tax="BASEXCLUDED"),
    "a voided bill on the project": both(
        typed(STEEL, "H-6", "5000.00", project="24-017"), bill("H-6", Status="VOIDED")
    ),
    "a sales invoice on the project": typed("Fuel Depot", "S-1", "500.00", project="24-017", kind="ACCREC"),
    "the project's option renamed": option("Project", "24-017", "Old tower"),
    "a cost code's option renamed": option("Cost Codes", "03-300", "Old concrete"),
    "the category of projects renamed": category("Project", "Jobs"),
    "the category of cost codes renamed": category("Cost Codes", "Trades"),
    "an option renamed behind its number": option("Project", "24-017", "24-017 Tower by the harbour"),
    "a cost code's option renamed behind its code": option("Cost Codes", "03-300", "03-300 Concrete works"),
    "a text in Procore": claim(16, items=[an_item("80.00", description_of_work="Slab and stairs", **_NO_TAX)]),
    "a blank in Procore's number": claim(16, invoice_number=" INV-16 "),
}
