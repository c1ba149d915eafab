"""A vendor to a contact, within Xero's rules for names, lengths and e-mail addresses (xero-api.md §4.1)."""

from __future__ import annotations

import html
import re

from worker.errors import MappingError
from worker.holds import HoldCode
from worker.mapping import tax_numbers
from worker.mapping.references import Known
from worker.procore.records import Vendor
from worker.xero.documents import Contact

#: One address; two in one field, or a name beside it, are refused.
_EMAIL = re.compile(r"[!-?A-~]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII | re.IGNORECASE)
_LENGTHS = {"AddressLine1": 500, "City": 255, "Region": 255, "PostalCode": 50, "Country": 50}


def to_document(vendor: Vendor, known: Known) -> Contact:
    return to_contact(vendor, known.country)


def to_contact(vendor: Vendor, country: str) -> Contact:
    """The contact of an organisation of this country. Raises MappingError where the vendor has no name."""
    name = contact_name(vendor.name)
    if not name:
        raise MappingError(HoldCode.RECORD_UNREADABLE, detail=f"name: {vendor.name!r} leaves nothing to call it")
    register = vendor.business_register
    written = (register.identifier or "") if register else ""
    number = tax_numbers.read(written, country, register.type if register else None)
    return Contact(
        number=contact_number(vendor.id),
        name=name,
        tax_number=number.digits if number else None,
        tax_number_type=number.type if number else "",
        tax_number_left_out="" if number else written,
        email=_email(vendor),
        email_left_out="" if _email(vendor) else vendor.email_address or "",
        phones=tuple(_phones(vendor)),
        address=_address(vendor),
    )


def contact_number(vendor_id: int | str) -> str:
    """The ContactNumber that ties a contact to a vendor; at most 50 characters."""
    return f"procore-{vendor_id}"


def contact_name(name: str) -> str:
    """The name as Xero takes it; "&amp;" is what some form made of "&"."""
    return " ".join(html.unescape(name).replace("<", " ").replace(">", " ").split())[:255].rstrip()


def _email(vendor: Vendor) -> str | None:
    """Xero refuses addresses outside ASCII; without one the contact is still right."""
    email = vendor.email_address
    return email if email and len(email) <= 255 and _EMAIL.fullmatch(email) else None


def _phones(vendor: Vendor) -> list[tuple[str, str]]:
    numbers = (
        ("DEFAULT", vendor.business_phone),
        ("MOBILE", vendor.mobile_phone),
        ("FAX", vendor.fax_number),
    )
    return [(kind, number[:50]) for kind, number in numbers if number]


def _address(vendor: Vendor) -> dict[str, str]:
    """Country takes letters only."""
    country = vendor.country_code if (vendor.country_code or "").isalpha() else None
    parts = {
        "AddressLine1": vendor.address,
        "City": vendor.city,
        "Region": vendor.state_code,
        "PostalCode": vendor.zip,
        "Country": country,
    }
    return {name: value[: _LENGTHS[name]] for name, value in parts.items() if value}
