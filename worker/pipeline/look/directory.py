"""The organisation's contacts, indexed by what a vendor may share with one of them: searched once for every vendor.

Which of them is the vendor's is decided in `worker.mapping.payees`; whether it may be adopted, in `settle`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.mapping import tax_numbers
from worker.mapping.payees import By, Payee, as_xero_compares, choose, folded
from worker.mapping.tax_numbers import TaxNumber
from worker.mapping.vendors import contact_number
from worker.xero.answers import Element
from worker.xero.documents import Contact

#: What the ContactNumber of a vendor's contact begins with.
OURS = contact_number("")
#: Merges followed one after the other; more is a circle.
MOST_MERGES = 10


class Directory:
    """Contacts as they were last read, in an organisation of this country."""

    def __init__(self, rows: Iterable[Element], country: str) -> None:
        self._country = country
        self._numbered: dict[str, Element] = {}
        self._by_id: dict[str, Element] = {}
        #: Without the contacts of other Procore vendors, which nobody adopts.
        self._taxed: dict[TaxNumber, list[Payee]] = defaultdict(list)
        self._named: dict[str, list[Payee]] = defaultdict(list)
        #: Name to the vendor whose contact has it, and what that is called.
        self._taken: dict[str, tuple[str, str]] = {}
        #: The same by the digits of its tax number.
        self._taxed_of: dict[str, tuple[str, str]] = {}
        for row in rows:
            self._add(row)

    def _add(self, row: Element) -> None:
        self._by_id[str(row["ContactID"])] = row
        number, payee = str(row.get("ContactNumber") or ""), self._payee(row)
        if number:
            self._numbered.setdefault(number, row)
        if row.get("ContactStatus") != "ACTIVE":
            return
        if number.startswith(OURS):
            self.reserve(number.removeprefix(OURS), payee.name, payee.written)
            return
        self._named[folded(payee.name)].append(payee)
        if payee.tax_number is not None:
            self._taxed[payee.tax_number].append(payee)

    def get(self, contact_id: str) -> Element | None:
        return self._by_id.get(contact_id)

    def named(self, name: str) -> str:
        """The id of the only active contact of this name; blank where there is none, or more than one."""
        ids = [
            id_
            for id_, row in self._by_id.items()
            if row.get("ContactStatus") == "ACTIVE" and folded(str(row.get("Name") or "")) == folded(name)
        ]
        return ids[0] if len(ids) == 1 else ""

    def merged(self, number: str) -> Element | None:
        """The active contact into which a person merged the one of this number; None when nobody did."""
        row, passed = self._numbered.get(number, {}), 0
        while row.get("ContactStatus") != "ACTIVE" and passed < MOST_MERGES:
            row, passed = self._by_id.get(str(row.get("MergedToContactID")), {}), passed + 1
        return row if passed and row.get("ContactStatus") == "ACTIVE" else None

    def reserve(self, vendor_id: str, name: str, *tax_numbers_written: str) -> None:
        """A contact of this name is that vendor's, or will be; these tax numbers stand on the one or the other."""
        self._taken[as_xero_compares(name)] = vendor_id, name
        for written in tax_numbers_written:
            if number := tax_numbers.read(written, self._country):
                self._taxed_of.setdefault(number.digits, (vendor_id, name))

    def give(self, row: Element, vendor_id: str) -> None:
        """This contact is that vendor's now: nobody else adopts it, and its name is taken."""
        self._numbered.pop(str(row.get("ContactNumber") or ""), None)
        payee = self._payee(row)
        self._named[folded(payee.name)] = _without(self._named[folded(payee.name)], payee)
        if payee.tax_number is not None:
            self._taxed[payee.tax_number] = _without(self._taxed[payee.tax_number], payee)
        self.reserve(vendor_id, payee.name, payee.written)

    def find(self, vendor: Contact, without: Collection[str] = ()) -> tuple[Element, By] | None:
        """The contact to adopt, and by what it was found; None when there is none. `without` are none of its own.

        Raises DocumentRejected when the name or the tax number belongs to another vendor's contact, or a person must
        choose.
        """
        numbered, payee = self._numbered.get(vendor.number), self._vendor(vendor)
        if numbered is not None and numbered["ContactID"] in without:
            numbered = None
        if numbered is not None and numbered.get("ContactStatus") != "ACTIVE":
            raise DocumentRejected(HoldCode.NAME_TAKEN, name=vendor.name, why="it is archived")
        taxed = self._taxed.get(payee.tax_number, ()) if payee.tax_number else ()
        found = choose(
            payee,
            None if numbered is None else self._payee(numbered),
            [one for one in taxed if one.id not in without],
            [one for one in self._named.get(folded(vendor.name), ()) if one.id not in without],
        )
        if found is not None:
            return self._by_id[found[0].id], found[1]
        if not without:
            self._refuse_doubled(vendor, payee)
        return None

    def _refuse_doubled(self, vendor: Contact, payee: Payee) -> None:
        """Nothing is made for a vendor that another one's contact may be, too."""
        nobody, own = ("", ""), vendor.number.removeprefix(OURS)
        other, called = self._taken.get(as_xero_compares(vendor.name), nobody)
        if other not in ("", own):
            raise DocumentRejected(HoldCode.NAME_DOUBLED, name=vendor.name, other=other, contact=called)
        other, called = self._taxed_of.get(payee.tax_number.digits, nobody) if payee.tax_number else nobody
        if other not in ("", own):
            raise DocumentRejected(HoldCode.TAX_NUMBER_DOUBLED, number=payee.written, other=other, contact=called)

    def _vendor(self, vendor: Contact) -> Payee:
        number = tax_numbers.read(vendor.tax_number, self._country, vendor.tax_number_type)
        return Payee(vendor.number, vendor.name, vendor.tax_number or vendor.tax_number_left_out, number)

    def _payee(self, row: Element) -> Payee:
        written = str(row.get("TaxNumber") or "")
        number = tax_numbers.read(written, self._country, row.get("TaxNumberType"))
        return Payee(str(row["ContactID"]), str(row.get("Name") or ""), written, number)


def _without(payees: list[Payee], one: Payee) -> list[Payee]:
    return [payee for payee in payees if payee.id != one.id]
