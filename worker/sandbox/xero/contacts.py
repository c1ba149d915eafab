"""Contacts: what a contact may be called, who may hold a name, and how a document names its contact.

The known trap is kept: a document whose Contact holds more than its ContactID changes that contact.
"""

from __future__ import annotations

import re

from worker.sandbox.xero.books import Books
from worker.sandbox.xero.refusals import OfContact, Rejected
from worker.sandbox.xero.values import ZERO_GUID, Row, fold, new_guid

_MAX_LENGTH = {
    "Name": 255,
    "ContactNumber": 50,
    "AccountNumber": 50,
    "EmailAddress": 255,
    "FirstName": 255,
    "LastName": 255,
    "CompanyNumber": 50,
    "TaxNumber": 50,
}
_MAX_ADDRESS = {
    **dict.fromkeys(("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4"), 500),
    **dict.fromkeys(("City", "Region", "AttentionTo"), 255),
    **dict.fromkeys(("PostalCode", "Country"), 50),
}
_MAX_PHONE = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
_MAX_PERSONS = 5
#: What Xero takes for an e-mail address is not documented but for "umlauts not supported": one name, one domain, ASCII.
_EMAIL = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
#: US organisations want the type beside the number (XeroAPI/xero-ruby#351); the prefix is how they answer it.
_TAX_NUMBER_TYPES = ("SSN", "EIN", "ITIN", "ATIN", "NONE")
_TYPE_PREFIX = "TAXNUMBERTYPE/"
#: What only a user with the right may write, since 2026-06-29.
_BANK_DETAILS = ("BankAccountDetails", "BatchPayments")
#: Fields a caller may set; all others are read-only or unknown, and ignored.
_WRITABLE = (
    *_MAX_LENGTH,
    *("ContactStatus", "BankAccountDetails", "Addresses", "Phones", "ContactPersons", "TaxNumberType"),
    *("AccountsPayableTaxType", "AccountsReceivableTaxType", "DefaultCurrency", "PaymentTerms"),
    *("PurchasesDefaultAccountCode", "SalesDefaultAccountCode"),
)
_ARCHIVED = (
    "The specified contact details matched an archived contact. Archived contacts cannot currently be edited"
    " via the API."
)
_NO_IDENTITY = (
    "The Contact must contain at least 1 of the following elements to identify the contact: Name, ContactID,"
    " ContactNumber"
)


class Contacts:
    """The contacts of one organisation."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._table = books.contacts

    def create(self, element: Row) -> Row:
        """A new contact; raises Rejected when its name or number is taken."""
        if element.get("ContactID", ZERO_GUID) != ZERO_GUID:
            raise Rejected("A ContactID cannot be chosen when a contact is created")
        row = self._merged(_blank(), element)
        self._table.save(row)
        return row

    def create_or_update(self, element: Row) -> Row:
        """POST: find by ContactID, ContactNumber or Name, else create."""
        row = self._identified(element)
        if row is None:
            return self.create(element)
        changed = self._merged(row, element)
        self._table.save(changed)
        return changed

    def of_document(self, element: Row) -> tuple[Row, bool]:
        """The contact a document names, and whether it must be saved with the document."""
        given = element.get("Contact")
        if not given:
            raise Rejected("A Contact must be specified for this type of transaction")
        row = self._identified(given)
        if row is None:
            return self._merged(_blank(), given), True
        if row["ContactStatus"] != "ACTIVE":
            raise Rejected(_ARCHIVED)
        if not set(given) - {"ContactID"}:
            # "An invoice relies on a valid contact": a stored address may refuse it (waynerobinson/xeroizer#477).
            if _email_problems(row) and not self._books.is_loading:
                raise OfContact(*_email_problems(row))
            return row, False
        return self._merged({**row, "ContactPersons": []}, given), True

    def _identified(self, given: Row) -> Row | None:
        if given.get("ContactID", ZERO_GUID) != ZERO_GUID:
            row = self._table.get(given["ContactID"])
            if row is None:
                raise Rejected("The Contact with the specified ContactID could not be found")
            return row
        if not given.get("ContactNumber") and not given.get("Name"):
            raise Rejected(_NO_IDENTITY)
        found = self._table.find("number", fold(given.get("ContactNumber", "")))
        return next(iter(found or self._table.find("name", fold(given.get("Name", "")))), None)

    def _merged(self, row: Row, given: Row) -> Row:
        """The contact after a write that keeps omitted fields; not saved yet."""
        if row["ContactStatus"] != "ACTIVE":
            raise Rejected(_ARCHIVED)
        changed = {**row, **{key: given[key] for key in _WRITABLE if key in given}}
        changed["UpdatedDateUTC"] = self._books.now()
        problems = [*_shape_problems(changed), *self._tax_problems(changed), *self._taken(changed)]
        if not self._books.switches.now.is_bank_account_admin and any(given.get(name) for name in _BANK_DETAILS):
            problems.append("You do not have permission to change the bank account details of a contact")
        if problems:
            raise Rejected(*problems)
        return changed

    def _tax_problems(self, row: Row) -> list[str]:
        """In a US organisation alone; the stored type, too, must be there."""
        if self._books.organisation.get("CountryCode") != "US" or not row.get("TaxNumber"):
            return []
        kind = str(row.get("TaxNumberType") or "").removeprefix(_TYPE_PREFIX)
        if not kind:
            return ["Tax Number Type must be provided when Tax Number is specified"]
        row["TaxNumberType"] = f"{_TYPE_PREFIX}{kind}"
        return [] if kind in _TAX_NUMBER_TYPES else [f"Tax Number Type '{kind}' is not valid"]

    def _taken(self, row: Row) -> list[str]:
        name, number, account = row["Name"], row.get("ContactNumber"), row.get("AccountNumber")
        problems = []
        if row["ContactStatus"] == "ACTIVE" and self._others(row, "name", fold(name)):
            problems.append(
                f"The contact name {name} is already assigned to another contact."
                " The contact name must be unique across all active contacts."
            )
        if number and self._others(row, "number", fold(number)):
            problems.append("The Contact Number already exists. Please enter a different Contact Number.")
        if account and self._others(row, "account_number", account):
            problems.append("The Account Number already exists. Please enter a different Account Number.")
        return problems

    def _others(self, row: Row, index: str, key: str) -> bool:
        return any(other["ContactID"] != row["ContactID"] for other in self._table.find(index, key))


def _blank() -> Row:
    return {
        "ContactID": new_guid(),
        "ContactStatus": "ACTIVE",
        "Name": "",
        "EmailAddress": "",
        "BankAccountDetails": "",
        "Addresses": [],
        "Phones": [],
        "ContactPersons": [],
        "IsSupplier": False,
        "IsCustomer": False,
    }


def _shape_problems(row: Row) -> list[str]:
    problems = []
    name = row["Name"]
    if not name.strip():
        problems.append("The Contact Name must be specified")
    if re.search(r"[<>]", name) or name != name.strip() or "  " in name:
        problems.append("The Contact Name may hold no angle brackets and no leading, trailing or doubled spaces")
    if row["ContactStatus"] not in ("ACTIVE", "ARCHIVED"):
        problems.append(f"ContactStatus '{row['ContactStatus']}' is not valid")
    if len(row.get("ContactPersons", [])) > _MAX_PERSONS:
        problems.append(f"A contact may have at most {_MAX_PERSONS} contact persons")
    problems += [*_too_long(row, _MAX_LENGTH), *_email_problems(row)]
    # Stored by a person, who need not write it so; by the API it is read-only (XeroAPI/Xero-NetStandard#434).
    if row.get("Website") and not str(row["Website"]).startswith(("http://", "https://")):
        problems.append("Website must be valid.")
    for address in row.get("Addresses", []):
        problems += _too_long(address, _MAX_ADDRESS)
        if re.search(r"[^\w\s.,'()&-]|\d", str(address.get("Country") or "")):
            problems.append("Country may hold letters only")
    for phone in row.get("Phones", []):
        problems += _too_long(phone, _MAX_PHONE)
    return problems


def _email_problems(row: Row) -> list[str]:
    address = row.get("EmailAddress") or ""
    return [] if not address or _EMAIL.fullmatch(address) else ["Email address must be valid."]


def _too_long(row: Row, limits: dict[str, int]) -> list[str]:
    return [
        f"The field {field} must not exceed {limit} characters."
        for field, limit in limits.items()
        if len(str(row.get(field) or "")) > limit
    ]
