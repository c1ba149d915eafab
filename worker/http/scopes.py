"""Which scope a refused call to Xero lacks, and how a person gives it.

Xero answers 403 with `WWW-Authenticate: Bearer error="insufficient_scope"`, which its own pages also spell
`insufficent_scope`, or a 401 or 403 whose detail is `AuthorizationUnsuccessful`; neither names the scope
(xero-api.md §1 and §7). The address does.
"""

from __future__ import annotations

import re

import httpx

from worker.http.redacted import text_of

ATTACHMENTS, CONTACTS, INVOICES = "accounting.attachments", "accounting.contacts", "accounting.invoices"
PAYMENTS, SETTINGS = "accounting.payments", "accounting.settings"
#: What apps made before 2026-03-02 (custom connections: 2026-04-29) may have in place of these, and until when.
BROAD, LAST_DAY_OF_BROAD = "accounting.transactions", "2027-09-12"
_IN_BROAD = (INVOICES, PAYMENTS)
#: By the last name of the address, in small letters.
_OF = {
    "attachments": ATTACHMENTS,
    "contacts": CONTACTS,
    **dict.fromkeys(("invoices", "creditnotes"), INVOICES),
    **dict.fromkeys(("payments", "batchpayments"), PAYMENTS),
}
_NAMES = re.compile(r"[a-z]{2,}(?=/|$)")
_SAID = re.compile(r'\bscope="([a-z. ]+)"')
#: How a missing scope is given; the same wherever somebody reads of one.
TICK = (
    "In Xero's developer portal: open the app, tick {scope}; put it into XERO_SCOPES; have the owner connect again, a "
    "custom connection by its link there, a person's login by `procore-xero connect xero`."
)


def lacking(response: httpx.Response) -> str:
    """The scope whose lack refused this call; blank where it was refused for something else."""
    challenge = response.headers.get("WWW-Authenticate", "").lower()
    if not re.search(r"insuffici?ent_scope", challenge) and "AuthorizationUnsuccessful" not in text_of(response):
        return ""
    if said := _SAID.search(challenge):
        return said[1]
    names = [name for name in _NAMES.findall(response.request.url.path.lower()) if name in _OF]
    return _OF[names[-1]] if names else SETTINGS


def remedy(scope: str) -> str:
    """What to click, and for whom something else does as well."""
    ticks = TICK.format(scope=scope)
    if scope in _IN_BROAD:
        return f"{ticks} Until {LAST_DAY_OF_BROAD} an app that still has {BROAD} does with that."
    return ticks
