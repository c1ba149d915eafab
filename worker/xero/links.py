"""Addresses of Xero's own pages, for people."""

from __future__ import annotations

_PAGES = {
    "Contacts": "Contacts/View/{}",
    "Invoices": "AccountsPayable/View.aspx?InvoiceID={}",
    "CreditNotes": "AccountsPayable/ViewCreditNote.aspx?creditNoteID={}",
    "Payments": "Bank/ViewTransaction.aspx?bankTransactionID={}",
    "Items": "Accounts/Inventory",
    "Options": "Setup/Tracking.aspx",
}


def page(web_url: str, wrapper: str, xero_id: str | None) -> str:
    """The page of a document; blank when it is not in Xero."""
    return f"{web_url}/{_PAGES[wrapper].format(xero_id)}" if xero_id else ""
