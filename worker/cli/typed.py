"""What somebody typed to say which record is meant: kind and number, what people call it, or the address of a page.

Pure: `which` looks for it in the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from worker.cli.exits import RefusedError

#: What becomes money in Xero.
KINDS = ("claims", "payments", "invoices", "invoice_payments")
#: By the word before a record's number in an address of Procore (`page` in worker/procore/records says the same).
_PAGES = {
    "requisitions": ("claims",),
    "payments_issued": ("payments",),
    "direct_costs": ("invoices", "invoice_payments"),
    "vendors": ("vendors",),
}
_RECORD = re.compile(rf"/({'|'.join(_PAGES)})/(\d+)")
_COMPANY = re.compile(r"(?:/companies/|[?&]company_id=)(\d+)")
_PROJECT = re.compile(r"/projects/(\d+)|^/(\d+)/project(?:/|$)")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: As links and Xero's own pages name an organisation: "shortcode=!k4ZXT", "/app/!k4ZXT/".
_ORGANISATION = re.compile(r"(?:[?&]shortcode=|/)(![^/&?#]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, as far as it can be told without the ledger; what it does not say is blank or 0."""

    text: str
    kinds: tuple[str, ...] = KINDS
    #: Its number in Procore, where a kind or an address says that it is one.
    procore_id: str = ""
    #: Of an address of Procore.
    project_id: int = 0
    #: Of an address of Xero: the document, in lower case, and the organisation's short code.
    xero_id: str = ""
    short_code: str = ""
    is_address: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the pages of this installation are."""

    procore: Sequence[str]
    company_id: int
    xero: str


def kind_of(word: str) -> str:
    """A kind as the ledger calls it. Raises RefusedError for one that is not money."""
    plural = _plural(word)
    if plural not in KINDS:
        kinds = "claim, payment, invoice or invoice_payment"
        raise RefusedError(f"'{word}' is no kind of record that is meant here: {kinds}.")
    return plural


def read(words: Sequence[str], pages: Pages) -> Typed:
    """What these words mean, separated by blanks. Raises RefusedError for an address of others."""
    text = " ".join(" ".join(words).split())
    if "://" in text:
        return address(text, pages)
    first, _, rest = text.partition(" ")
    if rest.isdigit() and first.replace("_", "").isalpha():
        return Typed(text, (kind_of(first),), rest)
    if rest and _plural(first) in KINDS:
        return Typed(rest, (_plural(first),))
    return Typed(text)


def address(text: str, pages: Pages) -> Typed:
    """What an address of one of both systems' pages names. Raises RefusedError for one of others."""
    asked = urlsplit(text)
    if any(_is_at(text, one) for one in pages.procore):
        company = _COMPANY.search(text)
        if company and int(company[1]) != pages.company_id:
            raise RefusedError(f"This address is of company {company[1]} in Procore; ours is {pages.company_id}.")
        found, project = list(_RECORD.finditer(asked.path)), _PROJECT.search(asked.path)
        if not found:
            raise RefusedError("This address of Procore names no claim, payment, direct cost or vendor. Open it there.")
        project_id = int(project[1] or project[2]) if project else 0
        return Typed(text, _PAGES[found[-1][1]], found[-1][2], project_id, is_address=True)
    if not _is_at(text, pages.xero):
        known = ", ".join(sorted({*pages.procore, pages.xero}))
        raise RefusedError(f"This is no address of Procore or Xero. Their pages are at {known}.")
    plain = unquote(text)
    document, organisation = _GUID.search(plain), _ORGANISATION.search(plain)
    if document is None:
        raise RefusedError("This address of Xero names no bill, credit note, payment or contact. Open it there.")
    code = organisation[1] if organisation else ""
    return Typed(text, xero_id=document[0].lower(), short_code=code, is_address=True)


def _is_at(text: str, pages: str) -> bool:
    """Whether an address is one of these pages: on the same host, or on another one of the same owner."""
    asked, known = urlsplit(text), urlsplit(pages)
    if asked.netloc == known.netloc:
        return True
    host, owner = asked.hostname or "", ".".join((known.hostname or "").split(".")[-2:])
    return owner.endswith(".com") and host.endswith(f".{owner}")


def _plural(word: str) -> str:
    return f"{word.strip().casefold().replace(' ', '_').removesuffix('s')}s"
