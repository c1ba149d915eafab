"""What cost codes became in Xero, as the lines of a bill name it: options of the tracking category, or items."""

from __future__ import annotations

from worker.ledger.entries import Known as Entry
from worker.mapping.references import Category
from worker.pipeline.look import items
from worker.pipeline.work import Work
from worker.xero.documents import Tracking

KIND = "cost_codes"


def of_target(work: Work, target: str) -> tuple[dict[str, Tracking], dict[str, str]]:
    """What the cost codes became under this target: options by code, and codes of items."""
    options = open_options(work) if target == "tracking" else {}
    return options, items.codes(items.live(work)) if target == "item" else {}


def open_options(work: Work) -> dict[str, Tracking]:
    """By cost code, the option that lines may name."""
    open_ones = {code: entry for code, entry in work.entries.live(KIND).items() if is_open_option(entry)}
    return {code: tracking(work.known.cost_code_category, entry) for code, entry in open_ones.items()}


def is_open_option(entry: Entry) -> bool:
    """Whether lines may name it."""
    return entry.facts.get("wrapper") == "Options" and not entry.facts.get("archived")


def tracking(category: Category, entry: Entry) -> Tracking:
    """The option of an entry, as lines name it."""
    return Tracking(category.id, category.name, str(entry.xero_id), str(entry.facts.get("name")))
