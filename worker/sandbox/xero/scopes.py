"""Which scope opens which address (xero-api.md §1, Scopes): the app has some ticked, and a token asks for some of them.

A scope ending in `.read` opens its addresses for GET only. Where several scopes are documented for one address, any
of them opens it.
"""

from __future__ import annotations

from collections.abc import Iterable

_INVOICES, _PAYMENTS = "accounting.invoices", "accounting.payments"
_SETTINGS, _CONTACTS = "accounting.settings", "accounting.contacts"
_ATTACHMENTS = "accounting.attachments"
_SCOPES = {
    "Invoices": (_INVOICES,),
    "CreditNotes": (_INVOICES,),
    "Payments": (_PAYMENTS,),
    "Contacts": (_CONTACTS,),
    "Attachments": (_ATTACHMENTS,),
    "Items": (_INVOICES, _SETTINGS),
    **dict.fromkeys(("Organisation", "Accounts", "TaxRates", "Currencies", "TrackingCategories"), (_SETTINGS,)),
}
#: What every app may ask a person for; the first of them brings a refresh token.
OFFLINE = "offline_access"
_IDENTITY = (OFFLINE, "openid", "profile", "email")
#: What an app has ticked when its seed does not say.
ALL = (_INVOICES, _PAYMENTS, _CONTACTS, _SETTINGS, _ATTACHMENTS)


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
