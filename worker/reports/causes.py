"""What is held, by what it has in common: one account that is missing holds many bills, and is mended once. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, TypeVar

from worker.counting import counted, money
from worker.holds import HoldCode
from worker.ledger.holds import ORDER

if TYPE_CHECKING:
    from worker.ledger.tables import Hold
    from worker.plan.values import Step

#: A record that is held, or that a plan says would be.
T = TypeVar("T", "Hold", "Step")

#: Codes whose records have one word of their sentences in common, and what is then said of it.
_SHARED = {
    HoldCode.ACCOUNT_MISSING.code: (re.compile(r"\(cost type (.+)\) has no"), "Cost type {} has no account."),
    HoldCode.CLAIM_NOT_SENT.code: (re.compile(r"^Its (\w+) \S+ is not"), "Its {} is not in Xero as a bill."),
}
_FACT = re.compile(r"\{[^}]*\}")
#: In place of what is each record's own.
_LEFT_OUT = "…"


@dataclass(frozen=True, slots=True)
class Cause(Generic[T]):
    """Records with one cause, in the order in which they were given."""

    code: str
    sentence: str
    remedy: str
    records: Sequence[T]

    @property
    def is_template(self) -> bool:
        """Whether each record's own sentence says more."""
        return _LEFT_OUT in self.sentence

    @property
    def amounts(self) -> Mapping[str, Decimal]:
        """What the records come to, by currency, as far as they have an amount."""
        total: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.records:
            if one.called.amount is not None:
                total[one.called.currency] += one.called.amount
        return total

    @property
    def said(self) -> str:
        """ "Cost type S has no account: 6 records, 41,230.00 AUD" """
        sums: list[str] = [money(amount, currency) for currency, amount in sorted(self.amounts.items())]
        return ", ".join([f"{self.sentence.rstrip('.')}: {counted(len(self.records), 'record')}", *sums])


def causes(found: Sequence[T]) -> list[Cause[T]]:
    """The causes of what is held, in the order of the sync, and of the most records first."""
    alike = Counter((one.code, _in_common(one)) for one in found)
    groups: dict[tuple[str, str], list[T]] = {}
    alone = Counter(one.code for one in found if alike[one.code, _in_common(one)] == 1)
    for one in found:
        common = _in_common(one)
        lone = alike[one.code, common] == 1 and alone[one.code] > 1
        groups.setdefault((one.code, _template(one) if lone else common), []).append(one)
    made = [
        Cause(code, sentence if its[1:] else its[0].sentence, its[0].remedy, its)
        for (code, sentence), its in groups.items()
    ]
    return sorted(made, key=lambda cause: (min(map(_place, cause.records)), -len(cause.records), cause.sentence))


def shared(found: Sequence[T]) -> list[Cause[T]]:
    """Those that hold more than one record."""
    return [cause for cause in causes(found) if len(cause.records) > 1]


def _in_common(one: Hold | Step) -> str:
    pattern, says = _SHARED.get(one.code, (None, ""))
    found = pattern.search(one.sentence) if pattern else None
    return says.format(found[1]) if found else one.sentence


def _template(one: Hold | Step) -> str:
    """The sentence of its code without what is each record's own."""
    code = HoldCode.__members__.get(one.code.upper())  # an older version may have noted another one
    return _FACT.sub(_LEFT_OUT, code.value.sentence) if code else one.code


def _place(one: Hold | Step) -> int:
    return ORDER.index(one.kind) if one.kind in ORDER else len(ORDER)
