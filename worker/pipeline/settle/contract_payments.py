"""Payments, which Procore lists for one contract at a time: which lists are read, and what they do not have any more.

A list is read when the contract's total of payments moved, while one of its payments is held, waits or is not made
yet, and when everything is compared. What it no longer has is looked at before its payments go, so that one that was
entered anew finds the bill open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from worker.ledger.entries import Known as Entry
from worker.pipeline.read import lists
from worker.pipeline.read.evidence import Missing
from worker.pipeline.settle import undone_records
from worker.pipeline.values import PaymentList
from worker.pipeline.work import Row, Work
from worker.procore.records import Contract, Payment, Unreadable

KIND = "payments"
_OPEN = "open"
#: Contracts whose payments Procore does not show, until a job asks for no more of them: all are asked for once a day.
MOST_REFUSED = 20


def read(work: Work) -> Iterator[Row]:
    """The payments of the contracts whose list is to be read."""
    totals = {contract.id: _total(contract) for contract in work.contracts() if isinstance(contract, Contract)}
    moved = {id_ for id_, total in totals.items() if work.cursors.get(f"payments:{id_}") != total}
    # should this job die, a total may be back where it was
    work.cursors.set({f"payments:{id_}": _OPEN for id_ in moved})
    sent: dict[str, Entry] | None = None
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
        if sent is None:
            sent = undone_records.owed(work.entries.live_in_project(KIND))
        yield from _no_longer_listed(work, contract.id, totals[contract.id], rows, sent)
        yield from rows


def settle(work: Work) -> None:
    """A contract is settled when none of its payments is held, waits or is not made yet; else it is read again."""
    unsettled = work.told.unsettled.get(KIND, set())
    values: dict[str, str] = {}
    for contract_id, listed in work.from_procore.payments_read.items():
        is_open = not unsettled.isdisjoint((*listed.ids, *listed.missing)) or _is_silent(listed)
        values[f"payments:{contract_id}"] = _OPEN if is_open else listed.total
        if not is_open and listed.amount is not None:
            values[f"paid:{contract_id}"] = f"{listed.total} {listed.amount}"
    work.cursors.set(values)
    unreadable = work.told.unsettled.get("contracts", set())
    work.holds.forget("contracts", sorted(set(work.holds.to_look_at("contracts")) - unreadable))


def _no_longer_listed(
    work: Work, contract_id: int, total: str, rows: Sequence[Row], sent: dict[str, Entry]
) -> Iterator[Row]:
    """What becomes of payments that stand in Xero and are not in this list; those that Procore shows after all."""
    ids = [row.procore_id for row in rows]
    of_contract = {id_: entry for id_, entry in sent.items() if entry.facts.get("contract_id") == contract_id}
    entries = {id_: entry for id_, entry in of_contract.items() if id_ not in set(ids)}
    listed = work.from_procore.payments_read[contract_id] = PaymentList(total, _amount(rows), ids, list(entries))
    if _is_silent(listed):
        work.from_procore.silent.add(KIND)
    if entries:
        moved = _moved_alike(work.cursors.get(f"paid:{contract_id}"), listed)
        missing = Missing(work.stages[KIND], entries, of_contract, ids[0] if ids else "", total_moved=moved)
        yield from undone_records.of_list(work, missing, anew=lists.is_full(work, KIND))


def _moved_alike(before: str | None, now: PaymentList) -> bool:
    """Whether the contract's own total moved by just as much as the list came to, since both were settled."""
    try:
        total, amount = map(Decimal, (before or "").split())
        by = total - Decimal(now.total)
    except (ValueError, InvalidOperation):
        return False
    return now.amount is not None and by != 0 and by == amount - now.amount


def _is_silent(listed: PaymentList) -> bool:
    """Nothing is listed though the contract has a total: it is not settled by that."""
    return not listed.ids and listed.total != "" and Decimal(listed.total) != 0


def _amount(rows: Sequence[Row]) -> Decimal | None:
    payments = [row for row in rows if isinstance(row, Payment)]
    return sum((payment.amount for payment in payments), Decimal(0)) if len(payments) == len(rows) else None


def _total(contract: Contract) -> str:
    return "" if contract.total_payments is None else str(contract.total_payments)
