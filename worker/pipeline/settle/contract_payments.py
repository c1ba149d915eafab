"""Payments of the contracts whose lists are read, and what becomes of those that such a list does not have any more.

That is settled before the list's payments go, so that one that was entered anew finds the bill open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from worker.ledger.entries import Known as Entry
from worker.pipeline.read import contract_payments, lists
from worker.pipeline.read.contract_payments import KIND, Listed
from worker.pipeline.read.evidence import Missing
from worker.pipeline.settle import missing_records
from worker.pipeline.work import Row, Work
from worker.procore.records import Unreadable


def read(work: Work) -> Iterator[Row]:
    """The payments that stand in these lists, and those that Procore shows after all when it is asked for them."""
    sent: dict[str, Entry] | None = None
    for listed in contract_payments.read(work):
        if isinstance(listed, Unreadable):
            yield listed
            continue
        if sent is None:
            sent = missing_records.owed(work.entries.live_in_project(KIND))
        yield from _no_longer_listed(work, listed, sent)
        yield from listed.rows


def _no_longer_listed(work: Work, listed: Listed, sent: dict[str, Entry]) -> Iterator[Row]:
    ids = listed.now.ids
    of_contract = {id_: entry for id_, entry in sent.items() if entry.facts.get("contract_id") == listed.contract_id}
    entries = {id_: entry for id_, entry in of_contract.items() if id_ not in set(ids)}
    work.from_procore.payments_read[listed.contract_id] = replace(listed.now, missing=list(entries))
    if listed.now.is_silent():
        work.from_procore.silent.add(KIND)
    if entries:
        neighbour = ids[0] if ids else ""
        missing = Missing(work.stages[KIND], entries, of_contract, neighbour, total_moved=listed.is_moved_alike)
        yield from missing_records.of_list(work, missing, anew=lists.is_full(work, KIND))
