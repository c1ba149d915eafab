"""The organisation's settings and lists in Xero, read by whichever job needs them first, and kept while they serve.

What stops a bill, or what Xero drops without a word (lock dates, options, items), is as young as that asks for. What
Xero refuses where it has moved serves longer, and is read anew before anything is held for it. A job that a person
starts reads for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

import structlog

from worker.facts import PAYEE
from worker.http import exact_json
from worker.ledger.entries import Entries
from worker.ledger.references import References
from worker.local_time import zone_in
from worker.mapping.account_codes import account_codes
from worker.mapping.references import Known
from worker.pipeline.look import accounts, categories
from worker.pipeline.look.directory import Directory
from worker.xero.answers import Element
from worker.xero.chart import Chart
from worker.xero.client import PAGE_SIZE, Xero

#: What is kept of every contact: by which it is adopted, and the payment terms.
_OF_CONTACTS = (
    *("ContactID", "Name", "ContactNumber", "TaxNumber", "TaxNumberType", "ContactStatus", "MergedToContactID"),
    *("PaymentTerms", "AccountsPayableTaxType"),
)

#: How long jobs of a pass go by what was read; what is not named here is read once in each pass.
GOOD_FOR = {
    "organisation": timedelta(minutes=5),  # lock dates: who may post behind one is not refused
    "accounts": timedelta(hours=6),
    "tax_rates": timedelta(hours=24),
    "currencies": timedelta(hours=24),
    "contacts": timedelta(hours=24),  # payment terms and tax types; whoever adopts one reads them in its pass
}
#: By what documents are held or refused.
_CHECKED_BY = ("organisation", "accounts", "tax_rates", "currencies", "contacts")

log = structlog.get_logger(__name__)


@dataclass
class XeroSettings:
    """As one job sees them."""

    xero: Xero
    references: References
    entries: Entries
    known: Known
    #: The start of the pass, or of a manual job.
    since: datetime
    now: Callable[[], datetime]
    #: Whether only what was read since then is good: of a manual job, and where something was refused.
    is_exact: bool
    #: ContactID to the contact, as far as what is kept of every one.
    _known_contacts: dict[str, Element] = field(default_factory=dict)
    _all_contacts: Mapping[str, Element] | None = None
    _currency: str = ""
    _chart: Chart | None = None
    #: Until when its lock dates are those of the last minutes.
    _good_until: datetime = field(init=False)
    _directory: Directory | None = None
    _categories: list[Element] | None = None
    _items: list[Element] | None = None

    def chart(self, *, to_write: bool = False) -> Chart:
        """By what documents are checked. `to_write`: something is to be sent, changed or taken out just now, so that
        the lock dates must be those of the last minutes."""
        if self._chart is None or (to_write and self.now() >= self._good_until):
            organisation = self._organisation()
            self._good_until = self.references.read_at["organisation"] + GOOD_FOR["organisation"]
            if self._chart is None or organisation != self._chart.organisation:
                named = account_codes(self.known.rules)
                self._chart = Chart.of(
                    organisation,
                    self._reference(accounts.NAME, lambda: accounts.read(self.xero, self.references, named)),
                    self._reference("tax_rates", self.xero.tax_rates),
                    lambda: self._reference("currencies", self.xero.currencies),
                    named,
                )
        return self._chart

    def renew(self) -> bool:
        """Something was refused: from now on what was read before the pass is not good any more. False where all was
        read since, so that the refusal stands."""
        if self.is_exact:
            return False
        self.is_exact, self._chart, self._all_contacts, self._known_contacts = True, None, None, {}
        return any(self.references.get(name) and not self.references.get(name, self.since) for name in _CHECKED_BY)

    def have_moved(self) -> bool:
        """Whether what documents are checked by is otherwise than it was, after Xero refused one."""
        before = self.chart()
        return self.renew() and self.chart() != before

    def locked_until(self) -> date | None:
        """Xero's lock date as it was last read, however long ago: to leave something out it costs no call."""
        text = self.references.get("organisation")
        return Chart.of(exact_json.loads(text)[0], (), ()).locked_until if text else None

    def zone(self) -> tzinfo:
        """The organisation's own, as it was last read; UTC before. It costs no call."""
        return zone_in(self.references) or UTC

    def country(self) -> str:
        """Of the organisation, as two letters, as it was last read: it stays, so it costs no call after the first."""
        text = self.references.get("organisation")
        organisation = exact_json.loads(text)[0] if text else self._organisation()
        return str(organisation.get("CountryCode") or "")

    def currency(self) -> str:
        """The organisation's own, as it was last read; blank before. It costs no call."""
        if not self._currency and (text := self.references.get("organisation")):
            self._currency = str(exact_json.loads(text)[0].get("BaseCurrency") or "")
        return self._currency

    def items(self, fresh: bool = False) -> list[Element]:
        """The organisation's items; `fresh`: as they are at this moment."""
        if self._items is None or fresh:
            fields = ("ItemID", "Code", "Name")

            def read() -> list[Element]:
                return [{name: row.get(name) for name in fields} for row in self.xero.items()]

            self._items = self._reference("items", read, fresh=fresh)
        return self._items

    def categories(self, fresh: bool = False) -> list[Element]:
        """The tracking categories with all their options, archived ones too; `fresh`: as they are at this moment.

        Raises ConfigError when one that we write to is archived or gone.
        """
        if self._categories is None or fresh:
            read = lambda: self.xero.tracking_categories(archived=True)  # noqa: E731
            self._categories = self._reference("tracking_categories", read, fresh=fresh)
            categories.follow(self.known, self.references, self._categories)
        return self._categories

    def directory(self) -> Directory:
        """The organisation's contacts, as far as adoption looks at them: as they are in this pass."""
        if self._directory is None:
            rows = self._reference("contacts", self._read_contacts, not_before=self.since)
            self._directory = Directory(rows, self.country())
            for vendor_id, entry in self.entries.live("vendors").items():  # made since they were read, too
                if shown := entry.facts.get(PAYEE):
                    numbers = (shown.get("proved", ""), shown["contact_number"])
                    self._directory.reserve(vendor_id, shown["contact"], *numbers)
        return self._directory

    def contacts(self, ids: Collection[str]) -> Mapping[str, Element]:
        """ContactID to the contact: its terms, and its tax type for purchases; nothing of one that is not there."""
        missing = sorted(set(ids) - self._known_contacts.keys())
        if missing:
            found = _by_id(self._contacts(missing))
            self._known_contacts |= {id_: found.get(id_, {}) for id_ in missing}
        return self._known_contacts

    def contact_read(self, contact_id: str) -> Element:
        """A contact as far as this job has read it; nothing of another one."""
        return self._known_contacts.get(contact_id, {})

    def _contacts(self, ids: Sequence[str]) -> Iterable[Element]:
        """Contacts by their ids. One that came since all were read in this pass is ours, and plain.

        One that came before it is read with all others where they fit a page, which serves other jobs, too.
        """
        is_read = self.references.get("contacts", self.since) is not None
        if self.is_exact and not is_read:
            return self.xero.contacts_by_id(ids)
        if self._all_contacts is None:
            self._all_contacts = _by_id(self._reference("contacts", self._read_contacts))
        unknown = [] if is_read else [id_ for id_ in ids if id_ not in self._all_contacts]
        if unknown and len(self._all_contacts) <= PAGE_SIZE:
            self._all_contacts = _by_id(self._reference("contacts", self._read_contacts, not_before=self.since))
            unknown = []
        found = [self._all_contacts[id_] for id_ in ids if id_ in self._all_contacts]
        return [*found, *(self.xero.contacts_by_id(unknown) if unknown else ())]

    def _read_contacts(self) -> list[Element]:
        return [{name: row.get(name) for name in _OF_CONTACTS} for row in self.xero.contacts()]

    def _organisation(self) -> Element:
        return self._reference("organisation", lambda: [self.xero.organisation()])[0]

    def _good_since(self, good_for: timedelta | None) -> datetime:
        if good_for is None:
            return self.since
        by_age = self.now() - good_for
        return max(self.since, by_age) if self.is_exact else by_age

    def _reference(
        self, name: str, read: Callable[[], list[Element]], *, fresh: bool = False, not_before: datetime | None = None
    ) -> list[Element]:
        def text() -> str:
            log.info("reference read", name=name)
            return exact_json.dumps(read())

        since = not_before or self._good_since(GOOD_FOR.get(name))
        kept = self.references.anew(name, text) if fresh else self.references.once(name, since, text)
        rows: list[Element] = exact_json.loads(kept)
        return rows


def _by_id(contacts: Iterable[Element]) -> dict[str, Element]:
    return {str(row["ContactID"]): row for row in contacts}
