"""What of a project is not over: retention held, bills that are not paid, approved records that are not in Xero.

For a project of which nothing is sent any more it says whether somebody is to know. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from worker.audit.one_project import OneProject
from worker.audit.xero_side import Posted
from worker.counting import counted, each

ZERO = Decimal(0)
#: By currency.
Sums = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class StillOpen:
    """Amounts by currency, with tax but for retention; `bills` and `records` are how many there are."""

    retention: Sums
    bills: int
    unpaid: Sums
    records: int
    unsent: Sums

    @property
    def in_words(self) -> str:
        """ "retention held 5.00 AUD, 2 bills open in Xero (315.00 AUD)"; blank where nothing is open."""
        said = [f"retention held {each(self.retention)}"] if any(self.retention.values()) else []
        if self.bills:
            said.append(f"{counted(self.bills, 'bill')} open in Xero ({each(self.unpaid)})")
        if self.records:
            said.append(f"{counted(self.records, 'approved record')} not in Xero ({each(self.unsent)})")
        return ", ".join(said)


def of(at: OneProject) -> StillOpen | None:
    """After all was compared; None where Procore does not show all of it, so that nobody can say."""
    if at.procore.closed or "claims" in at.procore.unseen:
        return None
    bills = {id_: one for id_, (one, _) in at.matched.items() if not one.credit}
    bills |= {one.id: one for some in at.books.bills(at.procore.project_id).values() for one in some if one.is_live}
    unpaid = [(one.currency, left) for one in bills.values() if (left := _left(at, one)) > 0]
    sent = {(due.kind, due.id) for _, due in at.matched.values()}
    missing = [one for one in at.procore.due if not one.is_opening and (one.kind, one.id) not in sent]
    unsent = [
        (at.currency(one), one.readings[0] + (one.tax or ZERO)) for one in missing if one.readings and one.readings[0]
    ]
    retained = ((at.commitment(id_).currency, amount) for id_, amount in at.procore.retained.items())
    return StillOpen(_summed(retained), len(unpaid), _summed(unpaid), len(unsent), _summed(unsent))


def _summed(amounts: Iterable[tuple[str, Decimal]]) -> Sums:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in amounts:
        sums[currency] += amount
    return sums


def _left(at: OneProject, bill: Posted) -> Decimal:
    paid = sum((one.amount for one in at.books.payments_on([bill.id])), ZERO)
    return bill.total - paid - sum((one.amount for one in bill.credits), ZERO)
