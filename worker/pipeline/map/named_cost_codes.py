"""What becomes of cost codes in Xero, as the mapping file says: options, items of each cost type, or nothing.

All of a project's cost codes go in their own stage, when their list is read; with `include = "used"` each goes just
before the first claim or invoice that names it, as does one that is new since then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.mapping.claims import APPROVED, this_period
from worker.pipeline.look import items
from worker.pipeline.look.items import KIND
from worker.pipeline.map import known_options
from worker.pipeline.work import Named, Work
from worker.procore.records import Claim, CostCode, Invoice, Unreadable, item_key

Rows = Iterator[CostCode | Unreadable]


def read(work: Work) -> Rows:
    """The cost codes of this project that go now, and those that went before: they may be called otherwise."""
    rules = work.known.rules.cost_codes
    if rules.target == "account":
        return
    if rules.include == "all":
        yield from _listed(work)
        return
    rows = list(_listed(work))
    before = work.entries.known(KIND, [row.procore_id for row in rows]).keys() | set(work.holds.to_look_at(KIND))
    yield from (row for row in rows if row.procore_id in before)


def load(work: Work) -> None:
    """What the cost codes of all projects became, as far as lines use it."""
    known = work.known
    target = known.rules.cost_codes.target
    if target == "account" or known.cost_codes or known.items:
        return
    if target == "item":
        items.load(work)
        return
    known.cost_codes = known_options.of_cost_codes(work)


def named(work: Work, records: Sequence[Claim] | Sequence[Invoice]) -> Iterator[Named]:
    """The cost codes that these records name and that are not in Xero yet, which go first; each is looked for once a
    job."""
    rules = work.known.rules.cost_codes
    if rules.target == "account" or (rules.include == "all" and work.from_procore.cost_codes is not None):
        return
    missing = {code for code, kind in _named(work, records) if code and not _is_there(work, code, kind)}
    missing -= work.from_procore.cost_codes_asked
    if not missing:
        return
    work.from_procore.cost_codes_asked |= missing
    rows: Rows = _listed(work)
    if rules.include == "used":
        rows = (row for row in rows if isinstance(row, CostCode) and row.full_code in missing)
    yield KIND, rows
    work.known.cost_codes, work.known.items = {}, {}
    load(work)


def _listed(work: Work) -> Rows:
    """The project's cost codes as they go, read once in a job."""
    if work.from_procore.cost_codes is None:
        work.from_procore.cost_codes = list(work.shown.rows(KIND, work.procore.cost_codes(work.project.id)))
    as_items = work.known.rules.cost_codes.target == "item"
    for row in work.from_procore.cost_codes:
        if as_items and isinstance(row, CostCode):
            yield from row.items()
        else:
            yield row


def _named(work: Work, records: Sequence[Claim] | Sequence[Invoice]) -> Iterator[tuple[str, str]]:
    """Cost code and cost type of the lines that are going to be on a bill."""
    for record in records:
        if isinstance(record, Claim):
            lines = record.items if record.status in APPROVED else ()
            yield from (work.known.cost_code(line.wbs_code, None, "") for line in lines if this_period(line))
        else:
            own = record.line_items
            yield from (work.known.cost_code(line.wbs_code, line.cost_code, line.cost_type or "") for line in own)


def _is_there(work: Work, code: str, kind: str) -> bool:
    """As an option or item. The item of the code alone stands for its cost types where the list was read: one of just
    this type may be new."""
    known = work.known
    is_item = (
        item_key(code, kind) in known.items
        if work.from_procore.cost_codes is None
        else known.item(code, kind) is not None
    )
    return code in known.cost_codes or is_item
