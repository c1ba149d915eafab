"""Payments, which Procore lists for one contract at a time: which lists are read.

A list is read when the contract's total of payments moved, while one of its payments is held, waits or is not made
yet, and when everything is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from worker.pipeline.read import lists
from worker.pipeline.values import PaymentList
from worker.pipeline.work import Row, Work
from worker.procore.records import Contract, Payment, Unreadable

KIND = "payments"
_OPEN = "open"
#: Contracts whose payments Procore does not show, until a job asks for no more of them: all are asked for once a day.
MOST_REFUSED = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """The payments of one contract."""

    contract_id: int
    rows: Sequence[Row]
    now: PaymentList
    #: Whether the contract's total moved by just as much as the list did since both were settled.
    is_moved_alike: bool


def read(work: Work) -> Iterator[Listed | Unreadable]:
    """The lists that are to be read, and contracts that cannot be."""
    totals = {contract.id: _total(contract) for contract in work.contracts() if isinstance(contract, Contract)}
    moved = {id_ for id_, total in totals.items() if work.cursors.get(f"payments:{id_}") != total}
    # should this job die, a total may be back where it was
    work.cursors.set({f"payments:{id_}": _OPEN for id_ in moved})
    refused = 0
    for contract in work.contracts():
        if isinstance(contract, Unreadable):
            yield contract
            continue
        if contract.id not in moved and not lists.is_full(work, KIND):
            continue
        rows = work.shown.whole("contract_payments", work.procore.payments(work.project.id, contract.id))
        if rows is None:
            work.cursors.set({f"payments:{contract.id}": _OPEN})
            refused += 1
            if refused >= MOST_REFUSED and not lists.is_full(work, KIND):
                return
            continue
        now = PaymentList(totals[contract.id], _amount(rows), [row.procore_id for row in rows])
        yield Listed(contract.id, rows, now, now.moved_alike(work.cursors.get(f"paid:{contract.id}")))


def note(work: Work) -> None:
    """A contract is settled when none of its payments is held, waits or is not made yet; else it is read again."""
    unsettled = work.told.unsettled.get(KIND, set())
    values: dict[str, str] = {}
    for contract_id, listed in work.from_procore.payments_read.items():
        is_open = not unsettled.isdisjoint((*listed.ids, *listed.missing)) or listed.is_silent()
        values[f"payments:{contract_id}"] = _OPEN if is_open else listed.total
        if not is_open and listed.amount is not None:
            values[f"paid:{contract_id}"] = f"{listed.total} {listed.amount}"
    work.cursors.set(values)
    unreadable = work.told.unsettled.get("contracts", set())
    work.holds.forget("contracts", sorted(set(work.holds.to_look_at("contracts")) - unreadable))


def _amount(rows: Sequence[Row]) -> Decimal | None:
    payments = [row for row in rows if isinstance(row, Payment)]
    return sum((payment.amount for payment in payments), Decimal(0)) if len(payments) == len(rows) else None


def _total(contract: Contract) -> str:
    return "" if contract.total_payments is None else str(contract.total_payments)
