"""The tracking options that the ledger has, as lines name them. Whether they stand in Xero is looked at before a bill
goes.
"""

from __future__ import annotations

from worker.ledger.entries import Known as Entry
from worker.mapping.references import Category
from worker.pipeline.look.items import KIND
from worker.pipeline.work import Work
from worker.xero.documents import Tracking


def of_cost_codes(work: Work) -> dict[str, Tracking]:
    """By cost code, the option that lines may name."""
    open_ones = {code: entry for code, entry in work.entries.live(KIND).items() if is_open(entry)}
    return {code: tracking(work.known.cost_code_category, entry) for code, entry in open_ones.items()}


def is_open(entry: Entry) -> bool:
    """Whether lines may name what the entry became."""
    return entry.facts.get("wrapper") == "Options" and not entry.facts.get("archived")


def tracking(category: Category, entry: Entry) -> Tracking:
    """The option of an entry, as lines name it."""
    return Tracking(category.id, category.name, str(entry.xero_id), str(entry.facts.get("name")))
