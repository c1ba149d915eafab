"""Who is paid: which contact in Xero is a vendor's, and when a person must say so.

A number proves who somebody is only if it is valid; a name alone says it as long as no number speaks against it. What
is chosen is shown (`procore-xero vendors`), and what cannot be chosen is held.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.mapping import tax_numbers
from worker.mapping.tax_numbers import TaxNumber
from worker.xero.documents import Contact


class By(StrEnum):
    """By what a contact was found to be the vendor's."""

    CONTACT_NUMBER = "contact number"
    TAX_NUMBER = "tax number"
    NAME = "name"
    MERGED = "merged contact"
    MADE = "made for it"
    PERSON = "a person"
    #: Of a contact that was tied before this was noted.
    UNKNOWN = "not noted"


@dataclass(frozen=True, slots=True)
class Payee:
    """A vendor in Procore, or a contact in Xero."""

    id: str
    name: str
    #: As it stands there.
    written: str = ""
    #: None: what stands there is no valid tax number.
    tax_number: TaxNumber | None = None


def payee(vendor: Contact, contact: Mapping[str, Any], by: By, before: Mapping[str, Any] | None = None) -> Shown:
    """What is kept and shown of a vendor and its contact in Xero: both names and tax numbers, and by what they are one.

    `proved` is the last valid tax number that the vendor had, also when it has none any more.
    """
    return {
        "by": str(by),
        "vendor": vendor.name,
        "email": vendor.email or "",
        "number": vendor.tax_number or vendor.tax_number_left_out,
        "proved": vendor.tax_number or (before or {}).get("proved", ""),
        "contact": str(contact.get("Name") or ""),
        "contact_number": str(contact.get("TaxNumber") or ""),
        "country": vendor.address.get("Country", ""),
    }


def in_words(shown: Mapping[str, Any]) -> str:
    """What a vendor's entry says of its contact: whom it is paid as, by what, and both tax numbers."""
    by = shown["by"] if shown["by"] in (By.MADE, By.UNKNOWN) else f"by {shown['by']}"
    there = shown["contact_number"] or "none"
    whom = f"'{shown['contact']}'" if shown["contact"] else "a contact whose name was not noted"
    return f"paid as {whom}, {by}; tax number in Procore: {number_of(shown)}, in Xero: {there}"


def number_of(shown: Mapping[str, Any]) -> str:
    """The vendor's number as it stands in Procore; one that is no tax number is neither compared nor written."""
    if not shown["number"]:
        return "none"
    return str(shown["number"]) if shown["number"] == shown["proved"] else f"{shown['number']} (not valid)"


#: As an entry keeps it.
Shown = dict[str, Any]
_QUOTES = re.compile(r"['`´\"\u2018-\u201f\u2032-\u2035\u02b9-\u02bd\uff07]")
_DASHES = re.compile(r"[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_OTHER_SIGNS = re.compile(r"[^\w&+]+")
#: Legal forms, each as it is written shortest; the dots have gone by then.
_FORMS = {
    "proprietary": "pty", "limited": "ltd", "incorporated": "inc", "corporation": "corp", "company": "co", "and": "&",
}  # fmt: skip


def folded(name: str) -> str:
    """The name without what people write now so, now so: case, accents, signs, blanks, "Pty. Ltd.", "and"."""
    text = as_xero_compares(html.unescape(name))
    text = _QUOTES.sub("", _DASHES.sub(" ", text)).replace(".", "").replace("&", " & ")
    return " ".join(_FORMS.get(word, word) for word in _OTHER_SIGNS.sub(" ", text).split())


def as_xero_compares(name: str) -> str:
    """Without regard to case and accents, as Xero keeps names unique (xero-api.md §4.1)."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def choose(
    vendor: Payee, numbered: Payee | None, taxed: Sequence[Payee], named: Sequence[Payee]
) -> tuple[Payee, By] | None:
    """The contact that is the vendor's, and by what; None when there is none.

    `numbered` carries the vendor's ContactNumber, `taxed` are those of the same valid tax number, `named` those of the
    same folded name. Raises DocumentRejected when several fit, or a valid number says that it is somebody else.
    """
    found: tuple[Payee, By] | None = None
    if numbered is not None:
        found = numbered, By.CONTACT_NUMBER
    elif taxed:
        found = _only(taxed, vendor, "tax number"), By.TAX_NUMBER
    elif named:
        found = _only(named, vendor, "name"), By.NAME
    if found is not None and contradict(vendor, found[0]):
        raise DocumentRejected(
            HoldCode.TAX_NUMBERS_DIFFER, contact=found[0].name, xero=found[0].written, procore=vendor.written
        )
    return found


def contradict(vendor: Payee, contact: Payee) -> bool:
    """Whether both have a valid tax number, and not the same one."""
    if vendor.tax_number is None:
        return False
    if contact.tax_number is None:
        return tax_numbers.is_masked_otherwise(contact.written, vendor.tax_number)
    return vendor.tax_number != contact.tax_number


def _only(found: Sequence[Payee], vendor: Payee, what: str) -> Payee:
    """The one of these, else the one of them that is called like the vendor, to the letter or nearly."""
    for name in (as_xero_compares, folded):
        alike = [one for one in found if name(one.name) == name(vendor.name)]
        if len(alike) == 1:
            return alike[0]
    if len(found) > 1:
        raise DocumentRejected(HoldCode.AMBIGUOUS_CONTACT, count=len(found), what=what)
    return found[0]
