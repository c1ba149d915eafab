"""The organisation's settings and lists in Xero, read once a pass by whichever job needs them first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

import structlog

from worker.facts import PAYEE
from worker.http import exact_json
from worker.ledger.entries import Entries
from worker.ledger.references import References
from worker.local_time import zone_in
from worker.mapping.references import Known
from worker.pipeline.look import categories
from worker.pipeline.look.directory import Directory
from worker.xero.answers import Element
from worker.xero.chart import Chart
from worker.xero.client import PAGE_SIZE, Xero

#: What is kept of every contact: by which it is adopted, and the payment terms.
_OF_CONTACTS = (
    *("ContactID", "Name", "ContactNumber", "TaxNumber", "TaxNumberType", "ContactStatus", "MergedToContactID"),
    *("PaymentTerms", "AccountsPayableTaxType"),
)

log = structlog.get_logger(__name__)


@dataclass
class XeroSettings:
    """As one job sees them."""

    xero: Xero
    references: References
    entries: Entries
    known: Known
    #: They are good when they were read after this: the start of the pass, or of a manual job.
    since: datetime
    #: Whether other jobs may need what this one reads.
    in_a_pass: bool = False
    #: ContactID to the contact, as far as what is kept of every one.
    _known_contacts: dict[str, Element] = field(default_factory=dict)
    _currency: str = ""
    _chart: Chart | None = None
    _directory: Directory | None = None
    _categories: list[Element] | None = None
    _items: list[Element] | None = None

    def chart(self) -> Chart:
        """The organisation's settings, read once per pass by whichever job needs them first."""
        if self._chart is None:
            self._chart = Chart.of(
                self._reference("organisation", lambda: [self.xero.organisation()])[0],
                self._reference("accounts", self.xero.accounts),
                self._reference("tax_rates", self.xero.tax_rates),
                lambda: self._reference("currencies", self.xero.currencies),
            )
        return self._chart

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
        rows = exact_json.loads(text) if text else self._reference("organisation", lambda: [self.xero.organisation()])
        return str(rows[0].get("CountryCode") or "")

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
        """The organisation's contacts, as far as adoption looks at them."""
        if self._directory is None:
            rows = self._reference(
                "contacts", lambda: [{name: row.get(name) for name in _OF_CONTACTS} for row in self.xero.contacts()]
            )
            self._directory = Directory(rows, self.country())
            for vendor_id, entry in self.entries.live("vendors").items():  # made since they were read, too
                if shown := entry.facts.get(PAYEE):
                    self._directory.reserve(vendor_id, shown["contact"])
        return self._directory

    def contacts(self, ids: Collection[str]) -> Mapping[str, Element]:
        """ContactID to the contact: its terms, and its tax type for purchases; nothing of one that is not there."""
        missing = sorted(set(ids) - self._known_contacts.keys())
        if missing:
            found = {str(row["ContactID"]): row for row in self._contacts(missing)}
            self._known_contacts |= {id_: found.get(id_, {}) for id_ in missing}
        return self._known_contacts

    def contact_read(self, contact_id: str) -> Element:
        """A contact as far as this job has read it; nothing of another one."""
        return self._known_contacts.get(contact_id, {})

    def _contacts(self, ids: Sequence[str]) -> Iterable[Element]:
        """Contacts by their ids: of those read in this pass, if they were; one that came since is ours, and plain.

        In a pass all are read where they fit one page, which costs the one call and serves its other jobs, too.
        """
        is_read = self._directory is not None or self.references.get("contacts", self.since) is not None
        if not is_read and not (self.in_a_pass and self._fit_a_page()):
            return self.xero.contacts_by_id(ids)
        return filter(None, map(self.directory().get, ids))

    def _fit_a_page(self) -> bool:
        """As many as there were when they were last read."""
        text = self.references.get("contacts")
        return text is not None and len(exact_json.loads(text)) <= PAGE_SIZE

    def _reference(self, name: str, read: Callable[[], list[Element]], *, fresh: bool = False) -> list[Element]:
        def text() -> str:
            log.info("reference read", name=name)
            return exact_json.dumps(read())

        kept = self.references.anew(name, text) if fresh else self.references.once(name, self.since, text)
        rows: list[Element] = exact_json.loads(kept)
        return rows
