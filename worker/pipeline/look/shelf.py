"""The organisation's bills, read once for many looks: where a job brings many new bills and the books are few pages.

A page in brief shows a thousand bills, a list of numbers asks for about a hundred. So a job that has looked for a
hundred numbers and brings more reads all bills, and looks there. It only finds the ids of those that may be meant: they
are read anew before anything is decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from worker.xero.answers import Element
from worker.xero.client import Xero

Body = Mapping[str, Any]
#: Numbers that are asked for before pages are worth their calls: about what one call takes. Most jobs bring fewer.
ENOUGH = 100
#: Nobody knows how many bills a job still brings. It may be a hundred, one call's worth; then so many pages cost two
#: calls too many, and larger books the one that says how large they are. From three hundred on pages are cheaper.
MOST_PAGES = 3
#: What a person enters meanwhile is seen after so long.
GOOD_FOR = timedelta(minutes=5)
#: Of a bill in brief as much as tells whether it may be another one.
_KEPT = ("InvoiceID", "InvoiceNumber", "Contact", "Date", "DateString", "Total", "Url")

log = structlog.get_logger(__name__)


class Shelf:
    """What one job has read of the bills in Xero."""

    def __init__(self) -> None:
        self._looked_for = 0
        self._is_whole = True
        #: When the reading began that is looked at.
        self._read_at: datetime | None = None
        self._ids: set[str] = set()
        self._by_url: dict[str, list[str]] = defaultdict(list)
        self._by_number: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._by_contact: dict[str, list[Element]] = defaultdict(list)
        #: When the bills of a contact were asked for alone.
        self._asked_at: dict[str, datetime] = {}

    def is_for(self, bodies: Sequence[Body], xero: Xero, now: datetime) -> bool:
        """Whether these bills are looked for here, and not by their numbers; reads all bills if need be."""
        many = self._looked_for >= ENOUGH
        self._looked_for += len(bodies)
        if many and self._is_whole and (self._read_at is None or now - self._read_at >= GOOD_FOR):
            self._read_at, self._is_whole = now, self._read(xero)
            log.info("bills read", bills=len(self._ids), all=self._is_whole)
        return many and self._is_whole

    def like(self, bodies: Iterable[Body]) -> list[str]:
        """The ids of the bills that these may be: by the record's address, or by supplier and number."""
        found: dict[str, None] = {}
        for body in bodies:
            contact_id, number = body["Contact"]["ContactID"], body["InvoiceNumber"].casefold()
            found |= dict.fromkeys(self._by_url.get(body["Url"], ()))
            for contact in (contact_id, ""):
                found |= dict.fromkeys(self._by_number.get((contact, number), ()))
        return list(found)

    def of_contacts(self, ids: Sequence[str], xero: Xero, now: datetime) -> Mapping[str, Sequence[Element]]:
        """The bills of these contacts in brief: as all were read, else asked for, once in a job and a while."""
        if self._read_at is not None and self._is_whole:
            return self._by_contact
        old = [id_ for id_ in ids if id_ not in self._asked_at or now - self._asked_at[id_] >= GOOD_FOR]
        self._by_contact |= {id_: [] for id_ in old}
        self._asked_at |= dict.fromkeys(old, now)
        for row in xero.bills_of_contacts_in_brief(old):
            self._by_contact[str((row.get("Contact") or {}).get("ContactID"))].append(row)
        return self._by_contact

    def _read(self, xero: Xero) -> bool:
        """Whether all bills are here now: as many as the first page says that there are, or more that came since."""
        self._ids.clear()
        self._by_url.clear()
        self._by_number.clear()
        self._by_contact.clear()
        first = xero.bills_in_brief(1)
        if first.pages is None or first.total is None or first.pages > MOST_PAGES:
            return False
        self._add(first.rows)
        for number in range(2, first.pages + 1):
            self._add(xero.bills_in_brief(number).rows)
        return len(self._ids) >= first.total

    def _add(self, rows: Iterable[Element]) -> None:
        """What a row in brief does not say rules nothing out."""
        for row in rows:
            xero_id, contact_id = str(row["InvoiceID"]), (row.get("Contact") or {}).get("ContactID")
            self._ids.add(xero_id)
            self._by_contact[str(contact_id or "")].append({name: row[name] for name in _KEPT if name in row})
            self._by_url[str(row.get("Url") or "")].append(xero_id)
            self._by_number[str(contact_id or ""), str(row.get("InvoiceNumber") or "").casefold()].append(xero_id)
