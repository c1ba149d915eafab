"""Which scope opens which address (Xero's FAQ on granular scopes): the app has some ticked, and a token asks for some.

A scope ending in `.read` opens its addresses for GET only. Where several scopes are documented for one address, any
of them opens it. `accounting.transactions` is the broad scope of apps made before 2026-03-02, and ends on 2027-09-13.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

_INVOICES, _PAYMENTS = "accounting.invoices", "accounting.payments"
_SETTINGS, _CONTACTS = "accounting.settings", "accounting.contacts"
_ATTACHMENTS = "accounting.attachments"
_TRANSACTIONS = "accounting.transactions"
_LAST_DAY_OF_BROAD = date(2027, 9, 12)
_SCOPES = {
    **dict.fromkeys(("Invoices", "CreditNotes"), (_INVOICES, _TRANSACTIONS)),
    **dict.fromkeys(("Payments", "Prepayments"), (_PAYMENTS, _TRANSACTIONS)),
    "Contacts": (_CONTACTS,),
    "Attachments": (_ATTACHMENTS,),
    "Items": (_INVOICES, _SETTINGS, _TRANSACTIONS),
    **dict.fromkeys(("Organisation", "Accounts", "TaxRates", "Currencies", "TrackingCategories"), (_SETTINGS,)),
}
#: What every app may ask a person for; the first of them brings a refresh token.
OFFLINE = "offline_access"
_IDENTITY = (OFFLINE, "openid", "profile", "email")
#: What an app has ticked when its seed does not say: what a new one can.
ALL = (_INVOICES, _PAYMENTS, _CONTACTS, _SETTINGS, _ATTACHMENTS)


def still_valid(scopes: Iterable[str], today: date) -> list[str]:
    """Those of the scopes that have not ended."""
    return [one for one in scopes if one.removesuffix(".read") != _TRANSACTIONS or today <= _LAST_DAY_OF_BROAD]


def asked(text: str, ticked: Iterable[str]) -> list[str] | None:
    """The scopes of a token request; all that are ticked when it names none, None when it names another one."""
    have = list(ticked)
    wanted = text.split() or have
    open_ = {*have, *(f"{scope}.read" for scope in have)}
    return wanted if set(wanted) <= open_ else None


def granted(text: str, ticked: Iterable[str]) -> list[str] | None:
    """The scopes that a person gives the app; None when it asks for none, or for another one than it may have."""
    wanted = text.split()
    ours = asked(" ".join(scope for scope in wanted if scope not in _IDENTITY), ticked)
    return wanted if wanted and ours is not None else None


def allows(scopes: Iterable[str], method: str, address: str) -> bool:
    """Whether a token with these scopes may call this address; a document's attachments have a scope of their own."""
    collection, _, rest = address.partition("/")
    if rest.split("/")[1:2] == ["Attachments"]:
        collection = "Attachments"
    have = set(scopes)
    readable = {scope.removesuffix(".read") for scope in have} if method == "GET" else have
    return any(scope in readable for scope in _SCOPES.get(collection, readable))
