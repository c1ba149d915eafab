"""Whether Xero holds what was sent: which element belongs to which document, and what differs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import CONCRETE, PROJECT, a_bill, a_line
from tests.unit.xero.answering import GUID, stored_bill
from worker.http import exact_json
from worker.xero.answers import ZERO_GUID
from worker.xero.documents import (
    BILLS,
    CONTACTS,
    CREDIT_NOTES,
    ITEMS,
    PAYMENTS,
    Contact,
    Item,
    Option,
    Payment,
    options,
)
from worker.xero.proof import differences, match, paid_id, same

BODY = a_bill(a_line("10.00"), a_line("-1.00", account_code="820", tracking=(PROJECT,))).body()
PAYMENT = Payment("bill-1", "090", date(2026, 8, 14), Decimal("10.00"), "Procore payment 7").body()
PAID = {
    "PaymentID": GUID,
    "Invoice": {"InvoiceID": "bill-1"},
    "Date": "/Date(1786665600000+0000)/",
    "Amount": Decimal("10.0"),
    "Reference": "Procore payment 7",
}


def bills(*numbers: str) -> list[dict[str, Any]]:
    return [a_bill(number=number, url=f"https://procore.example/{number}").body() for number in numbers]


def test_what_was_stored_as_sent_is_proved() -> None:
    """Nothing differs, also for a body that was read back from the journal."""
    journalled = exact_json.loads(exact_json.dumps(BODY))
    assert differences(BILLS, BODY, stored_bill(BODY), tax=Decimal("1.0")) == []
    assert differences(BILLS, journalled, stored_bill(BODY)) == []


def test_the_order_of_lines_is_free() -> None:
    """Xero does not promise to keep the order of lines."""
    stored = stored_bill(BODY)
    stored["LineItems"].reverse()
    assert differences(BILLS, BODY, stored) == []


@pytest.mark.parametrize("status", ["AUTHORISED", "PAID"])
def test_a_draft_that_was_approved_since_is_still_the_same(status: str) -> None:
    """Approval and payment are what a draft is for."""
    draft = a_bill(status="DRAFT").body()
    assert differences(BILLS, draft, stored_bill(draft, Status=status)) == []


def changed_line(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda stored: stored["LineItems"][0].update(changes)


CHANGES: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (lambda stored: stored.update(Status="DRAFT"), "Status is DRAFT, sent was AUTHORISED"),
    (lambda stored: stored.update(Status="VOIDED"), "Status is VOIDED"),
    (lambda stored: stored.update(InvoiceNumber="INV-9"), "InvoiceNumber is INV-9, sent was INV-1003"),
    (lambda stored: stored.update(DueDate="2026-09-30"), "DueDate is 2026-09-30, sent was 2026-08-30"),
    (lambda stored: stored.update(DateString="2026-08-01T00:00:00"), "Date is 2026-08-01, sent was 2026-07-31"),
    (lambda stored: stored.update(Contact={"ContactID": "another"}), "Contact is another"),
    (lambda stored: stored.update(Contact=None), "Contact is None"),
    (lambda stored: stored.update(SubTotal=Decimal("9.01")), "SubTotal is 9.01, sent was 9.00"),
    (lambda stored: stored.update(TotalTax=Decimal("0.99")), "TotalTax is 0.99, sent was 1.00"),
    (lambda stored: stored["LineItems"].pop(), "number of lines is 1, sent was 2"),
    (lambda stored: stored.update(LineItems=None), "number of lines is 0, sent was 2"),
    (
        changed_line(Tracking=[]),
        "no line of 10.00 on account 310, INPUT, tracked to 03-300 concrete and 24-017 harbour",
    ),
    (lambda stored: stored["LineItems"][0]["Tracking"].pop(), "no line of 10.00 on account 310"),
    (lambda stored: stored["LineItems"][1]["Tracking"][0].update(Option="Other"), "no line of -1.00 on account 820"),
    (changed_line(AccountCode="999"), "no line of 10.00 on account 310"),
    (changed_line(ItemCode="03-300 L"), "no line of 10.00 on account 310"),
    (changed_line(TaxType="NONE"), "no line of 10.00 on account 310"),
    (changed_line(LineAmount=Decimal("10.01")), "no line of 10.00 on account 310"),
    (changed_line(Description="Other words"), "'Other words'"),
    (changed_line(Quantity=Decimal(2), UnitAmount=Decimal(5)), "2 at 5"),
    (lambda stored: stored.update(LineAmountTypes="Inclusive"), "LineAmountTypes is Inclusive, sent was Exclusive"),
    (lambda stored: stored.update(Url="https://elsewhere.example"), "Url is https://elsewhere.example"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_every_difference_is_found_and_said(change: Callable[[dict[str, Any]], None], words: str) -> None:
    """Whatever Xero stored otherwise is found, tracking that it dropped in silence first of all."""
    stored = stored_bill(BODY)
    change(stored)
    found = differences(BILLS, BODY, stored, tax=Decimal("1.00"))
    assert any(words in difference for difference in found), found


def test_each_line_that_differs_stands_beside_what_is_there_instead() -> None:
    """A bookkeeper reads amount, account, tax and project of both; a line too many or too few is said as such."""
    body = a_bill(a_line("10.00"), a_line("20.00"), a_line("30.00")).body()
    stored = stored_bill(body)
    stored["LineItems"][0]["AccountCode"] = "999"
    stored["LineItems"][1] |= {"LineAmount": Decimal("25.00"), "TaxType": "NONE"}
    tracked = "tracked to 03-300 concrete and 24-017 harbour street apartments"
    assert differences(BILLS, body, stored) == [
        f"no line of 10.00 on account 310, INPUT, {tracked}, but one of 10.00 on account 999, INPUT, {tracked}",
        f"no line of 20.00 on account 310, INPUT, {tracked}, but one of 25.00 on account 310, NONE, {tracked}",
    ]
    stored["LineItems"].append(stored["LineItems"].pop() | {"AccountCode": "888"})
    stored["LineItems"].append({**stored["LineItems"][0], "AccountCode": "777"})
    assert differences(BILLS, body, stored)[-1] == f"a line of 10.00 on account 777, INPUT, {tracked} that was not sent"


def test_a_long_list_of_lines_is_cut_short() -> None:
    """The sentence stays readable."""
    body = a_bill(*(a_line(f"{n}.00") for n in range(1, 8))).body()
    stored = stored_bill(body)
    for line in stored["LineItems"]:
        line["AccountCode"] = "999"
    found = differences(BILLS, body, stored)
    assert len(found) == 5
    assert found[-1] == "and 3 more lines"


def test_two_equal_lines_are_two_lines() -> None:
    """A line that stands twice on the claim must stand twice on the bill."""
    body = a_bill(a_line("10.00"), a_line("10.00")).body()
    stored = stored_bill(body)
    stored["LineItems"][1]["AccountCode"] = "999"
    assert differences(BILLS, body, stored) != []


def test_option_names_are_compared_without_case() -> None:
    """Xero keeps the case that an option was first written in."""
    stored = stored_bill(BODY)
    stored["LineItems"][0]["Tracking"][1]["Option"] = CONCRETE.option.upper()
    assert differences(BILLS, BODY, stored) == []


def test_an_option_that_was_renamed_is_still_the_same() -> None:
    """Where Xero answers the option's id, its name may have changed since."""
    stored = stored_bill(BODY)
    stored["LineItems"][0]["Tracking"][1].update(Option="03-300 Concreting", TrackingOptionID=CONCRETE.option_id)
    assert differences(BILLS, BODY, stored) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"Amount": 9}, ["Amount is 9.00, sent was 10.00"]),
        ({"Date": None}, ["Date is None, sent was 2026-08-14"]),
        ({"Account": {"AccountID": GUID, "Code": "090"}}, []),
        ({"Account": {"AccountID": GUID, "Code": "091"}}, ["Account is 091, sent was 090"]),
        ({"Account": {"AccountID": GUID}}, []),
        ({"Reference": " Procore  payment 7 "}, []),
        ({"Reference": "Procore payment 8"}, ["Reference is Procore payment 8, sent was Procore payment 7"]),
        ({"Invoice": {"InvoiceID": "bill-2"}}, ["document is bill-2, sent was bill-1"]),
    ],
)
def test_payments_are_proved_by_everything_that_was_sent(change: dict[str, Any], found: list[str]) -> None:
    """A payment of another amount, day, account, reference or bill is not the one that was made."""
    assert differences(PAYMENTS, PAYMENT, {**PAID, **change}) == found


def test_contacts_and_options_are_proved_by_their_keys() -> None:
    """A contact by its number, an option by its name, whatever its case."""
    contact, option = Contact("procore-1", "ACME").body(), Option("c", "24-017 Harbour").body()
    assert differences(CONTACTS, contact, {"ContactNumber": "procore-1"}) == []
    assert differences(CONTACTS, contact, {"ContactNumber": None}) == ["ContactNumber is None, sent was procore-1"]
    assert differences(options("c"), option, {"Name": "24-017 HARBOUR"}) == []
    assert differences(options("c"), option, {}) == ["Name is None, sent was 24-017 Harbour"]


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({"Name": " Acme  Pty Ltd", "EmailAddress": "Pay@ACME.example", "TaxNumber": "51 824 753 556"}, []),
        ({"TaxNumber": "*******3556"}, []),
        ({"Name": "Acme Holdings"}, ["Name is Acme Holdings, sent was ACME Pty Ltd"]),
        ({"EmailAddress": ""}, ["EmailAddress is blank, sent was pay@acme.example"]),
        ({"TaxNumber": "11824753556"}, ["TaxNumber is 11824753556, sent was 51824753556"]),
        ({"TaxNumber": "*******3557"}, ["TaxNumber is *******3557, sent was 51824753556"]),
    ],
)
def test_a_contact_is_proved_by_what_tells_who_it_is(stored: dict[str, Any], found: list[str]) -> None:
    """Name, e-mail and tax number, whatever their case and blanks; a masked number by what is left of it."""
    contact = Contact("procore-1", "ACME Pty Ltd", tax_number="51824753556", email="pay@acme.example").body()
    assert differences(CONTACTS, contact, {"ContactNumber": "procore-1", **stored}) == found


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "(02) 9000-0001"}, {"PhoneType": "FAX"}]}, []),
        (
            {"Phones": [{"PhoneType": "DEFAULT", "PhoneAreaCode": "02", "PhoneNumber": "90000001"}]},
            [],
        ),
        (
            {"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "02 9000 0002"}]},
            ["DEFAULT phone is 02 9000 0002, sent was 02 9000 0001"],
        ),
        ({"Phones": [{"PhoneType": "DEFAULT"}]}, ["DEFAULT phone is blank, sent was 02 9000 0001"]),
        ({"Addresses": [{"AddressType": "POBOX"}, {"AddressType": "STREET", "City": "SYDNEY ", "Region": ""}]}, []),
        ({"Addresses": [{"AddressType": "STREET", "City": "Perth"}]}, ["STREET City is Perth, sent was Sydney"]),
        ({"Addresses": [{"AddressType": "POBOX", "City": "Sydney"}]}, ["STREET City is blank, sent was Sydney"]),
        ({"TaxNumberType": "TAXNUMBERTYPE/EIN"}, []),
        ({"TaxNumberType": "TAXNUMBERTYPE/SSN"}, ["TaxNumberType is TAXNUMBERTYPE/SSN, sent was EIN"]),
    ],
)
def test_the_rest_of_a_contact_is_proved_in_whichever_parts_it_is_kept(
    stored: dict[str, Any], found: list[str]
) -> None:
    """Phones by their digits, addresses part by part."""
    contact = Contact(
        "procore-1",
        "ACME",
        tax_number="12-3456789",
        tax_number_type="EIN",
        phones=(("DEFAULT", "02 9000 0001"),),
        address={"City": "Sydney"},
    )
    assert differences(CONTACTS, contact.body(), {"ContactNumber": "procore-1", **stored}) == found


def test_an_option_of_another_name_is_said_with_both() -> None:
    """What Xero called it stands in the sentence, not only that it differs."""
    option = Option("c", "24-017 Harbour").body()
    assert differences(options("c"), option, {"Name": "24-018"}) == ["Name is 24-018, sent was 24-017 Harbour"]


@pytest.mark.parametrize(
    ("status", "found"), [("ARCHIVED", []), ("ACTIVE", ["Status is ACTIVE, sent was ARCHIVED"]), (None, None)]
)
def test_an_option_that_is_archived_is_proved_by_its_status(status: str | None, found: list[str] | None) -> None:
    """The name alone does not prove that an option was archived."""
    body = {**Option("c", "24-017 Harbour").body(), "Status": "ARCHIVED"}
    expected = ["Status is None, sent was ARCHIVED"] if found is None else found
    assert differences(options("c"), body, {"Name": "24-017 Harbour", "Status": status}) == expected


def test_items_are_proved_by_code_and_name() -> None:
    """An item is found again by its code, whatever its case, and holds the name that was sent."""
    item = Item("03-300 L", "Concrete labour").body()
    assert differences(ITEMS, item, {"Code": "03-300 L", "Name": "Concrete labour"}) == []
    assert differences(ITEMS, item, {"Code": "03-300 L", "Name": "Steel"}) == [
        "Name is Steel, sent was Concrete labour"
    ]
    assert differences(ITEMS, item, {"Name": "Concrete labour"}) == ["Code is None, sent was 03-300 L"]
    assert same(ITEMS, item, {"Code": "03-300 l"})
    assert not same(ITEMS, item, {"Code": "03-300"})
    assert not same(ITEMS, item, {})


def test_a_payment_is_on_a_bill_or_on_a_credit_note() -> None:
    """A refund is on the credit note, which Xero answers under a name of its own."""
    assert paid_id({"Invoice": {"InvoiceID": "bill-1"}}) == "bill-1"
    assert paid_id({"Invoice": None, "CreditNote": {"CreditNoteID": "note-1"}}) == "note-1"
    assert paid_id({}) is None


def test_a_credit_note_is_proved_by_its_own_number() -> None:
    """A credit note's number stands under another name than a bill's."""
    assert differences(CREDIT_NOTES, NOTE, stored_bill(NOTE)) == []
    renumbered = stored_bill(NOTE, CreditNoteNumber="INV-9")
    assert differences(CREDIT_NOTES, NOTE, renumbered) == ["CreditNoteNumber is INV-9, sent was INV-1003"]


def test_one_line_more_is_one_line() -> None:
    """The rest of a long list counts in the singular, too."""
    body = a_bill(*(a_line(f"{n}.00") for n in range(1, 6))).body()
    stored = stored_bill(body)
    for line in stored["LineItems"]:
        line["AccountCode"] = "999"
    assert differences(BILLS, body, stored)[-1] == "and 1 more line"
    body = a_bill(*(a_line(f"{n}.00") for n in range(1, 7))).body()
    stored = stored_bill(body)
    for line in stored["LineItems"]:
        line["AccountCode"] = "999"
    assert differences(BILLS, body, stored)[-1] == "and 2 more lines"


def test_a_lines_item_and_missing_tracking_are_said() -> None:
    """A line that lost its item or its tracking says so."""
    body = a_bill(a_line("10.00", item_code="03-300 L", tracking=())).body()
    stored = stored_bill(body)
    assert differences(BILLS, body, stored) == []
    stored["LineItems"][0]["ItemCode"] = "05-100 L"
    assert differences(BILLS, body, stored) == [
        "no line of 10.00 on account 310, INPUT, tracked to no tracking, item 03-300 L, "
        "but one of 10.00 on account 310, INPUT, tracked to no tracking, item 05-100 L"
    ]


NOTE = a_bill(credit=True).body()


@pytest.mark.parametrize(
    ("endpoint", "body", "element", "expected"),
    [
        (BILLS, BODY, stored_bill(BODY), True),
        (BILLS, BODY, stored_bill(BODY, InvoiceNumber="renumbered by hand"), True),
        (BILLS, BODY, stored_bill(BODY, Url="https://procore.example/another"), False),
        (BILLS, BODY, stored_bill(BODY, Url=None), True),
        (BILLS, BODY, stored_bill(BODY, Url=None, InvoiceNumber="INV-9"), False),
        (BILLS, BODY, stored_bill(BODY, Url=None, Contact={"ContactID": "another"}), False),
        (BILLS, {"InvoiceID": GUID, **BODY}, stored_bill(BODY, Url="https://elsewhere.example"), True),
        (BILLS, {"InvoiceID": "another", **BODY}, stored_bill(BODY), False),
        (CREDIT_NOTES, NOTE, stored_bill(NOTE), True),
        (CREDIT_NOTES, NOTE, stored_bill(NOTE, CreditNoteNumber="INV-9"), False),
        (PAYMENTS, PAYMENT, PAID, True),
        (PAYMENTS, PAYMENT, {**PAID, "Reference": "Procore payment 8"}, False),
        (PAYMENTS, PAYMENT, {**PAID, "Invoice": {"InvoiceID": "bill-2"}}, False),
        (PAYMENTS, PAYMENT, {**PAID, "Invoice": None}, False),
        (CONTACTS, {"ContactNumber": "procore-1"}, {"ContactNumber": "procore-1"}, True),
        (CONTACTS, {"ContactNumber": "procore-1"}, {"ContactNumber": "procore-11"}, False),
        (options("c"), {"Name": "24-017"}, {"Name": "24-017"}, True),
        (options("c"), {"Name": "24-017"}, {}, False),
    ],
)
def test_the_same_document(endpoint: Any, body: dict[str, Any], element: dict[str, Any], expected: bool) -> None:
    """A document is found again by its natural key, and by nothing weaker."""
    assert same(endpoint, body, element) is expected


def test_elements_in_the_order_sent() -> None:
    """The usual answer: one element per document, in its place."""
    bodies = bills("A", "B", "C")
    elements = [stored_bill(body, f"id-{n}") for n, body in enumerate(bodies)]
    assert match(BILLS, bodies, elements) == elements


def test_elements_in_another_order() -> None:
    """Each document gets its own element, wherever it stands in the answer."""
    bodies = bills("A", "B", "C")
    first, second, third = (stored_bill(body, f"id-{n}") for n, body in enumerate(bodies))
    assert match(BILLS, bodies, [third, first, second]) == [first, second, third]


def test_a_missing_element_is_none() -> None:
    """An answer that leaves a document out leaves it open, and does not shift the others."""
    bodies = bills("A", "B", "C")
    first, _, third = (stored_bill(body, f"id-{n}") for n, body in enumerate(bodies))
    assert match(BILLS, bodies, [first, third]) == [first, None, third]
    assert match(BILLS, bodies, []) == [None, None, None]


REFUSALS: list[dict[str, Any]] = [
    {"HasErrors": True, "ValidationErrors": [{"Message": "Bad"}]},
    {"InvoiceID": ZERO_GUID, "HasErrors": True, "ValidationErrors": [{"Message": "Bad"}]},
]


@pytest.mark.parametrize("refused", REFUSALS)
def test_a_refused_element_without_a_key_stands_in_its_place(refused: dict[str, Any]) -> None:
    """A refusal may echo nothing but an empty id: with one element per document its place says whose it is."""
    bodies = bills("A", "B", "C")
    first, _, third = (stored_bill(body, f"id-{n}") for n, body in enumerate(bodies))
    assert match(BILLS, bodies, [first, refused, third]) == [first, refused, third]


@pytest.mark.parametrize("refused", REFUSALS)
def test_a_refused_element_without_a_key_or_place_belongs_to_nobody(refused: dict[str, Any]) -> None:
    """Where documents and elements do not count the same, a place says nothing."""
    bodies = bills("A", "B", "C")
    third = stored_bill(bodies[2], "id-2")
    assert match(BILLS, bodies, [refused, third]) == [None, None, third]


def test_documents_with_the_same_key_get_an_element_each() -> None:
    """Two credit notes of one supplier under one number are told apart by their place."""
    bodies = [a_bill(a_line(amount), credit=True).body() for amount in ("1.00", "2.00")]
    elements = [stored_bill(body, f"id-{n}") for n, body in enumerate(bodies)]
    assert match(CREDIT_NOTES, bodies, elements) == elements


def test_what_is_written_otherwise_and_means_the_same_is_no_difference() -> None:
    """Blanks, line ends, how an accent is composed, and zeros behind the point."""
    sent = a_bill(a_line("10.00", description="Béton,\r\n  first floor "), currency="AUD").body()
    stored = stored_bill(sent, InvoiceNumber=f" {sent['InvoiceNumber']} ")
    stored["LineItems"][0] |= {"Description": "Be\u0301ton,\nfirst floor", "Quantity": Decimal("1.0000")}
    stored["LineItems"][0]["UnitAmount"] = Decimal("10.0000")
    assert differences(BILLS, sent, stored) == []
    stored["CurrencyCode"] = "USD"
    assert differences(BILLS, sent, stored) == ["CurrencyCode is USD, sent was AUD"]


def test_the_tax_of_a_line_is_compared_where_it_was_sent() -> None:
    """Else it is Xero's own."""
    own = a_bill(a_line("10.00")).body()
    stored = stored_bill(own)
    stored["LineItems"][0]["TaxAmount"] = Decimal("1.00")
    assert differences(BILLS, own, stored) == []
    stated = {**own, "LineItems": [{**own["LineItems"][0], "TaxAmount": Decimal("1.01")}]}
    assert "tax 1.01" in differences(BILLS, stated, stored)[0]
    stored["LineItems"][0]["TaxAmount"] = Decimal("1.01")
    assert differences(BILLS, stated, stored) == []


def test_another_option_of_the_same_name_is_another_one() -> None:
    """A person may have given the old name to another option, and Xero may go by names."""
    stored = stored_bill(BODY)
    stored["LineItems"][0]["Tracking"][1].update(TrackingOptionID="another")
    assert "another option named 03-300 concrete" in differences(BILLS, BODY, stored)[0]
