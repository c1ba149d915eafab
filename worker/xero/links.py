"""Addresses of Xero's own pages, for people."""

from __future__ import annotations

from urllib.parse import quote

_PAGES = {
    "Contacts": "Contacts/View/{}",
    "Invoices": "AccountsPayable/View.aspx?InvoiceID={}",
    "CreditNotes": "AccountsPayable/ViewCreditNote.aspx?creditNoteID={}",
    "Allocations": "AccountsPayable/View.aspx?InvoiceID={}",  # known by its bill
    "Payments": "Bank/ViewTransaction.aspx?bankTransactionID={}",
    "Items": "Accounts/Inventory",
    "Options": "Setup/Tracking.aspx",
}


#: Opens a page in one organisation, whichever the reader was in before (developer.xero.com, "Deep link to Xero").
_IN = "organisationlogin/default.aspx?shortcode={}&redirecturl=/{}"


def page(web_url: str, wrapper: str, xero_id: str | None, short_code: str = "") -> str:
    """The page of a document, where it matters in the organisation of this short code; blank when not in Xero."""
    if not xero_id or not wrapper:
        return ""
    place = _PAGES[wrapper].format(xero_id)
    return f"{web_url}/{_IN.format(quote(short_code), place)}" if short_code else f"{web_url}/{place}"
