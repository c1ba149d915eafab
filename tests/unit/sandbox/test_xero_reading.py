"""Lists, pages, filters and what each kind of answer leaves out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.sandbox.xero_driver import Xero, a_line, read


@pytest.fixture
def xero() -> Xero:
    return Xero()


def numbers(rows: list[dict[str, str]]) -> list[str]:
    """The bill numbers of an answer."""
    return [row["InvoiceNumber"] for row in rows]


def three_bills(xero: Xero) -> list[str]:
    """Three bills on three days; answers their ids."""
    days = ("2026-03-01", "2026-03-02", "2026-03-03")
    bills = [xero.a_bill(InvoiceNumber=f"N{n}", Date=day) for n, day in enumerate(days)]
    return [row["InvoiceID"] for row in xero.write("PUT", "Invoices", *bills)]


def test_organisation_has_its_lock_date_as_ticks(xero: Xero) -> None:
    """Dates are `/Date(ms+0000)/`, midnight UTC of the calendar day."""
    row = read(xero.send("GET", "Organisation"))["Organisations"][0]
    assert row["EndOfYearLockDate"] == "/Date(1751241600000+0000)/"
    assert "PeriodLockDate" not in row


def test_bill_dates_come_twice(xero: Xero) -> None:
    """Beside the ticks stand DateString and UpdatedDateUTCString."""
    bill = xero.create_bill(Date="2026-03-01")
    assert bill["Date"] == "/Date(1772323200000+0000)/"
    assert bill["DateString"] == "2026-03-01T00:00:00"
    assert bill["UpdatedDateUTCString"].endswith("Z")


def test_unpaged_list_has_no_lines_and_no_pagination(xero: Xero) -> None:
    """Without page there are no LineItems: who needs them must ask for a page."""
    three_bills(xero)
    answer = read(xero.send("GET", "Invoices"))
    assert "pagination" not in answer
    assert all("LineItems" not in row for row in answer["Invoices"])


def test_page_has_lines_without_option_ids(xero: Xero) -> None:
    """A page names category and option, but gives no TrackingOptionID; a single GET does."""
    tracked = a_line(Tracking=[{"Name": "Project", "Option": "24-017"}])
    bill = xero.create_bill(LineItems=[tracked])
    paged = xero.rows("Invoices", page="1")[0]["LineItems"][0]["Tracking"][0]
    assert (paged["Name"], paged["Option"], paged["Options"]) == ("Project", "24-017", [])
    assert "TrackingOptionID" not in paged
    assert xero.bill(bill)["LineItems"][0]["Tracking"][0]["TrackingOptionID"]


def test_pages_are_clamped_and_counted(xero: Xero) -> None:
    """pageSize goes from 1 to 1000, and pagination counts what matches."""
    three_bills(xero)
    answer = read(xero.send("GET", "Invoices", page="2", pageSize="2"))
    assert answer["pagination"] == {"page": 2, "pageSize": 2, "pageCount": 2, "itemCount": 3}
    assert numbers(answer["Invoices"]) in (["N0"], ["N1"], ["N2"])
    for asked, got in (("0", 1), ("5000", 1000)):
        assert read(xero.send("GET", "Invoices", page="1", pageSize=asked))["pagination"]["pageSize"] == got


@pytest.mark.parametrize("query", [{"Statuses": "AUTHORISED"}, {"summaryOnly": "true"}, {"pageSize": "10"}])
def test_paging_is_forced(xero: Xero, query: dict[str, str]) -> None:
    """Statuses and summaryOnly page even when no page is asked for."""
    three_bills(xero)
    assert read(xero.send("GET", "Invoices", **query))["pagination"]["itemCount"] == 3


def test_summary_leaves_payments_and_lines_out(xero: Xero) -> None:
    """summaryOnly is for totals and states."""
    three_bills(xero)
    row = xero.rows("Invoices", summaryOnly="true")[0]
    assert not {"LineItems", "Payments", "HasAttachments"} & set(row)
    assert row["Total"] == Decimal("110")


def test_a_summary_says_whose_bill_it_is_and_how_it_stands(xero: Xero) -> None:
    """What is left out is documented; the rest stays, with pages and in any order."""
    url = "https://app.example/claims/1"
    bill = xero.create_bill(InvoiceNumber="N7", Url=url)
    (row,) = xero.rows("Invoices", summaryOnly="true", page="1", where='Type=="ACCPAY"', order="InvoiceID")
    assert (row["InvoiceID"], row["InvoiceNumber"], row["Status"]) == (bill["InvoiceID"], "N7", bill["Status"])
    assert (row["Url"], row["Contact"]["ContactID"]) == (url, xero.contact_id)


def test_by_id_a_bill_keeps_its_place_and_by_default_it_does_not(xero: Xero) -> None:
    """Who reads page after page while others write must know which order stands still."""
    ids = sorted(three_bills(xero))

    def second_page(**query: str) -> str:
        return str(xero.rows("Invoices", page="2", pageSize="1", **query)[0]["InvoiceID"])

    by_change = second_page()
    xero.clock.advance(1)
    xero.edit("Invoices", xero.rows("Invoices")[0]["InvoiceID"], PlannedPaymentDate="2026-05-01")
    assert second_page() != by_change
    assert second_page(order="InvoiceID") == ids[1]


@pytest.mark.parametrize(
    ("name", "text", "most"),
    [
        ("IDs", "7e57a000-0000-4000-8000-000000000001", 40),
        ("InvoiceNumbers", "INV-12345678", 104),
        ("InvoiceNumbers", "7 of 12/b & c", 78),
    ],
)
def test_a_list_takes_no_more_of_the_address_than_forty_ids(xero: Xero, name: str, text: str, most: int) -> None:
    """Forty ids are advised for the sake of the address, so its length counts, as it is sent."""
    assert xero.send("GET", "Invoices", **{name: ",".join([text] * most)}).status_code == 200
    assert xero.send("GET", "Invoices", **{name: ",".join([text] * (most + 1))}).status_code == 414


def test_ids_numbers_contacts_and_statuses_filter(xero: Xero) -> None:
    """Each list parameter narrows, and they narrow together."""
    ids = three_bills(xero)
    assert numbers(xero.rows("Invoices", IDs=f"{ids[2]},{ids[0].upper()}", order="InvoiceNumber")) == ["N0", "N2"]
    assert numbers(xero.rows("Invoices", InvoiceNumbers="n1,N9")) == ["N1"]
    assert len(xero.rows("Invoices", ContactIDs=xero.contact_id)) == 3
    assert xero.rows("Invoices", Statuses="DRAFT,PAID") == []
    assert xero.rows("Invoices", IDs=ids[0], InvoiceNumbers="N1") == []


def test_malformed_id_is_refused(xero: Xero) -> None:
    """A cut-off GUID is a 400, not an empty list."""
    assert xero.send("GET", "Invoices", IDs="1234").status_code == 400


def test_where_by_contact_number_and_state(xero: Xero) -> None:
    """The fast fields filter, nested ones included; text without regard to case."""
    three_bills(xero)
    where = f'Type=="ACCPAY" AND InvoiceNumber=="n1" AND Contact.ContactID==guid("{xero.contact_id}")'
    assert numbers(xero.rows("Invoices", where=where)) == ["N1"]
    assert xero.rows("Invoices", where='Contact.Name=="zoe formwork pty ltd" AND Status="PAID"') == []


def test_order_and_default_order(xero: Xero) -> None:
    """`order` sorts by its fields; else the oldest change comes first."""
    ids = three_bills(xero)
    assert numbers(xero.rows("Invoices", order="Date DESC")) == ["N2", "N1", "N0"]
    xero.edit("Invoices", ids[0], PlannedPaymentDate="2026-05-01")
    assert numbers(xero.rows("Invoices"))[-1] == "N0"
    assert xero.send("GET", "Invoices", order="Colour").status_code == 400


def test_if_modified_since_in_its_one_format(xero: Xero) -> None:
    """Xero's format filters; any other is ignored without a word."""
    three_bills(xero)
    for value, expected in (
        ("2199-01-01T00:00:00", 0),
        ("2199-01-01", 3),
        ("2199-01-01T00:00:00Z", 3),
        ("Fri, 01 Jan 2199 00:00:00 GMT", 3),
    ):
        xero.http.headers["If-Modified-Since"] = value
        assert len(xero.rows("Invoices")) == expected


def test_what_moved_has_its_lines_and_what_was_taken_out(xero: Xero) -> None:
    """A page of what moved is as full as any, and a voided bill is in it; without a page there are no lines."""
    ids = three_bills(xero)
    xero.edit("Invoices", ids[1], Status="VOIDED")
    xero.http.headers["If-Modified-Since"] = "2000-01-01T00:00:00"
    rows = {row["InvoiceID"]: row for row in xero.rows("Invoices", page="1", where='Type=="ACCPAY"')}
    assert rows[ids[1]]["Status"] == "VOIDED"
    assert all(row["LineItems"] for row in rows.values())
    assert not any(row.get("LineItems") for row in xero.rows("Invoices"))


def test_unitdp_is_needed_to_read_four_places(xero: Xero) -> None:
    """Without unitdp=4 a unit amount is shown with two places."""
    line = a_line(Quantity=3, UnitAmount=Decimal("33.3333"))
    bill = xero.write("PUT", "Invoices", xero.a_bill(LineItems=[line]), unitdp="4")[0]
    path = f"Invoices/{bill['InvoiceID']}"
    shown = [xero.rows(path, **query)[0]["LineItems"][0]["UnitAmount"] for query in ({}, {"unitdp": "4"})]
    assert shown == [Decimal("33.33"), Decimal("33.3333")]


def test_archived_contacts_are_hidden(xero: Xero) -> None:
    """includeArchived shows them; a single GET always does."""
    assert [row["ContactNumber"] for row in xero.rows("Contacts")] == ["P-1"]
    assert len(xero.rows("Contacts", includeArchived="true")) == 2
    assert xero.rows("Contacts/P-2")[0]["ContactStatus"] == "ARCHIVED"


def test_search_term_looks_in_names_and_numbers(xero: Xero) -> None:
    """searchTerm is the substitute for Contains."""
    assert len(xero.rows("Contacts", searchTerm="FORMWORK")) == 1
    assert len(xero.rows("Contacts", searchTerm="p-1")) == 1
    assert xero.rows("Contacts", searchTerm="nobody") == []


def test_unpaged_contacts_show_a_subset(xero: Xero) -> None:
    """Contact persons and merges are on pages and single GETs only."""
    xero.edit("Contacts", xero.contact_id, MergedToContactID="7e57a000-0000-4000-8000-00000000000f")
    assert "MergedToContactID" not in xero.rows("Contacts")[0]
    assert xero.rows("Contacts", page="1")[0]["MergedToContactID"]


def test_reference_data_is_listed(xero: Xero) -> None:
    """Accounts, tax rates and tracking come whole; archived categories only when asked for."""
    assert len(xero.rows("Accounts")) == 7
    assert [row["Code"] for row in xero.rows("Accounts", where='Type=="BANK"')] == ["090"]
    assert {row["Status"] for row in xero.rows("TaxRates")} == {"ACTIVE", "DELETED"}
    assert [row["Name"] for row in xero.rows("TrackingCategories")] == ["Cost Codes", "Project"]
    assert [option["Name"] for option in xero.rows("TrackingCategories")[1]["Options"]] == ["24-017"]
    assert len(xero.category("Project")["Options"]) == 2


def test_payment_filters_by_its_invoice(xero: Xero) -> None:
    """Payments of one bill are found by Invoice.InvoiceID, deleted ones too."""
    bill = xero.create_bill()
    first = xero.pay(bill, 10)
    xero.pay(xero.create_bill(InvoiceNumber="other"), 10)
    xero.send("POST", f"Payments/{first['PaymentID']}", {"Status": "DELETED"})
    rows = xero.rows("Payments", where=f'Invoice.InvoiceID==guid("{bill["InvoiceID"]}")')
    assert [row["Status"] for row in rows] == ["DELETED"]
