"""Which texts are tax numbers: those that are valid by their own rule, of the kind that Xero's TaxNumber holds.

That is the ABN in Australia, the GST number in New Zealand, the VAT number in the UK, and the tax id in the US, with
its type beside it (Xero's OpenAPI file, Contact.TaxNumber; XeroAPI/xero-ruby#351). A number of a company register (ACN,
NZBN) or of another country is none of them, and neither is "N/A": nobody is paid on it, and it is never written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from stdnum import get_cc_module
from stdnum.au import abn
from stdnum.gb import vat
from stdnum.nz import ird
from stdnum.us import atin, ein, itin, ssn


class _Rule(Protocol):
    def is_valid(self, number: str, /) -> bool: ...

    def compact(self, number: str, /) -> str: ...


_KINDS: Mapping[str, Mapping[str, _Rule]] = {
    "AU": {"ABN": abn},
    "NZ": {"IRD": ird},
    "GB": {"VAT": vat},
    "US": {"EIN": ein, "SSN": ssn, "ITIN": itin, "ATIN": atin},
}
#: Kinds that a contact's TaxNumberType names.
_TYPED = frozenset(_KINDS["US"])
#: What a register may be called beside the names of its kind.
_ALIASES = {"GST": "IRD", "GSTNUMBER": "IRD", "VATNUMBER": "VAT"}
#: Registers whose numbers are no TaxNumber, in whichever country.
_OTHERS = frozenset({"ACN", "NZBN", "CRN", "UTR", "COMPANYNUMBER"})
#: US organisations show some users no more than the last four digits.
_MASKED = re.compile(r"\*+(\d{4})")


@dataclass(frozen=True, slots=True)
class TaxNumber:
    """A valid number, without blanks and signs."""

    kind: str
    digits: str

    @property
    def type(self) -> str:
        """Its TaxNumberType in Xero; blank where it has none."""
        return self.kind if self.kind in _TYPED else ""


def read(text: str | None, country: str, register: str | None = None) -> TaxNumber | None:
    """The tax number that a text is in an organisation of this country; None when it is no valid one.

    `register` is what Procore or Xero calls the number ("abn", "TAXNUMBERTYPE/EIN"): then it must be valid as that.
    """
    plain = "".join(char for char in (text or "").upper() if char.isalnum())
    kinds = _kinds(country)
    named = _plain_name(register)
    if named in kinds:
        kinds = {named: kinds[named]}
    elif named in _OTHERS or any(named in others for others in _KINDS.values()):
        return None
    for kind, rule in kinds.items():
        number = plain.removeprefix(kind)
        if len(set(number)) > 1 and rule.is_valid(number):  # 000 000 000 has a right check digit
            return TaxNumber(kind, rule.compact(number))
    return None


def names(country: str) -> str:
    """What tax numbers are called there: "ABN", "EIN, SSN, ITIN or ATIN"."""
    *first, last = _kinds(country) or ("tax number",)
    return f"{', '.join(first)} or {last}" if first else last


def is_masked_otherwise(text: str | None, number: TaxNumber) -> bool:
    """Whether a text shows the last digits of a number, and they are not those of this one."""
    shown = _MASKED.fullmatch((text or "").strip())
    return shown is not None and not number.digits.endswith(shown[1])


def _kinds(country: str) -> Mapping[str, _Rule]:
    """The kinds of a country; of one that has no rule here its VAT number, if that has one; else nothing is valid."""
    if country in _KINDS or not (len(country) == 2 and country.isascii() and country.isalpha()):
        return _KINDS.get(country, {})
    rule = get_cc_module(country.lower(), "vat")
    return {} if rule is None else {"VAT": rule}


def _plain_name(register: str | None) -> str:
    name = "".join(char for char in (register or "").upper().rpartition("/")[2] if char.isalnum())
    return _ALIASES.get(name, name)
