"""Where carrying starts on projects that were running already: what is dated before it is in the books as they are.

Pure. Such claims and invoices do not go, nor do the payments on such claims; together they are the opening balance,
which the bookkeeper has entered, or enters, in Xero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from worker.counting import counted, each
from worker.mapping import claims, naming, retention
from worker.procore.records import Claim, Invoice, Payment, Record

ZERO = Decimal(0)
#: By currency.
Sums = defaultdict[str, Decimal]
#: A record: its kind and its Procore id.
Key = tuple[str, str]


def dated(record: Record) -> date | None:
    """The date by which a record is carried or not."""
    if isinstance(record, Claim):
        return record.billing_date
    if isinstance(record, Invoice):
        return record.direct_cost_date
    return record.date if isinstance(record, Payment) else None


def is_before(record: Record, start: date | None) -> bool:
    """Whether a record is dated before the start; one without a date is held for that, and not left out."""
    on = dated(record)
    return start is not None and on is not None and on < start


@dataclass
class Opening:
    """What is left out of one project, in figures. Amounts are by currency and before tax, as Procore says them."""

    claims: int = 0
    invoices: int = 0
    payments: int = 0
    #: What the claims and invoices came to, after retention.
    due: Sums = field(default_factory=lambda: defaultdict(Decimal))
    #: What the claims withheld, less what they released.
    retention: Sums = field(default_factory=lambda: defaultdict(Decimal))
    paid: Sums = field(default_factory=lambda: defaultdict(Decimal))
    #: Of contracts, as far as their claims say it.
    currencies: dict[int, str] = field(default_factory=dict)
    #: Ids of the claims, and their contract and number, by which a payment may name them.
    claim_ids: set[str] = field(default_factory=set)
    numbers: set[tuple[int, str]] = field(default_factory=set)
    #: Without a start: new claims and invoices, with their dates.
    new: dict[Key, date] = field(default_factory=dict)

    def add(self, record: Record, own: str) -> None:
        """Only what counts in Procore is part of the balance. `own` is the organisation's currency."""
        currency = naming.of_amounts(record, own)
        if isinstance(record, Claim):
            if record.procore_id in self.claim_ids:
                return
            self.claim_ids.add(record.procore_id)
            self.currencies[record.commitment_id] = currency
            self.numbers.add((record.commitment_id, record.invoice_number or ""))
            if record.deleted_at is None and record.status in claims.APPROVED:
                withheld, released = retention.of(record.items)
                self.claims += 1
                self.due[currency] += claims.net(record)
                self.retention[currency] += withheld - released
        elif isinstance(record, Invoice) and record.deleted_at is None and record.status == "approved":
            self.invoices += 1
            self.due[currency] += (record.amount if record.grand_total is None else record.grand_total) or ZERO
        elif isinstance(record, Payment) and record.deleted_at is None and record.status in ("approved", "paid"):
            self.payments += 1
            self.paid[self.currencies.get(record.contract_id, own)] += record.amount

    def in_words(self, start: date) -> str:
        """One sentence for the bookkeeper; blank where nothing is left out."""
        if not (self.claims or self.invoices or self.payments):
            return ""
        return (
            f"Opening balance, from before {start}: {counted(self.claims, 'claim')} and "
            f"{counted(self.invoices, 'invoice')} of {each(self.due)}, on which {each(self.paid)} was paid "
            f"({counted(self.payments, 'payment')}); retention held {each(self.retention)}."
        )


def proposed(new: Mapping[Key, date], there: Collection[Key]) -> str:
    """From which day one may start, as far as Xero tells: the day after the newest record that a person entered there.

    `new` are the records that are not sent yet, with their dates; blank where none of them is there.
    """
    dates = [new[key] for key in there if key in new]
    if not dates:
        return ""
    start = max(dates) + timedelta(days=1)
    missing = sum(1 for key, on in new.items() if on < start and key not in there)
    others = f", and also {counted(missing, 'other record')} dated before it that Xero was not seen to have"
    return (
        f"{counted(len(dates), 'claim or invoice', 'claims and invoices')} of these may be in Xero already, the "
        f"newest of {max(dates)}. If the books are complete until then, not_before = {start} under [documents] in the "
        f"mapping file leaves them out{others if missing else ''}."
    )
