"""What a job costs in calls: the formulas that the benchmark holds the worker to, where they decide on time.

Only counts stand here, no times. A kind goes in requests of up to fifty documents, options one by one; before bills are
created Xero is asked for a hundred numbers a call, and for payments of forty bills that are older than the job. That a
job of more than a hundred bills may read all bills instead is left out: no project here brings so many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from worker.pipeline.look.settings import GOOD_FOR

PER_REQUEST = 50
#: A page of records is judged as one, so its two requests share their looks.
PER_PAGE = 100
PER_LOOK = {"claims": 100, "payments": 40, "invoices": 100}
PROJECTS_PER_PAGE = 300
#: In the order in which they go.
KINDS = ("projects", "vendors", "cost_codes", "claims", "payments", "invoices")
OPTIONS = ("projects", "cost_codes")
#: What is read whole and every so often, and what is read by its changes in each pass.
LISTS, CHANGES = ("vendors", "cost_codes"), ("claims", "payments", "invoices")
#: What jobs read of Xero before they send, one for all of them, when it is too old by the worker's own rule.
_CHART = ("organisation", "accounts", "tax_rates")
SETTINGS = {
    "projects": (*_CHART, "tracking_categories"),
    "vendors": (*_CHART, "contacts"),
    "cost_codes": (*_CHART, "tracking_categories"),
    "claims": (*_CHART, "tracking_categories", "contacts"),
    "payments": _CHART,
    "invoices": (*_CHART, "tracking_categories", "contacts"),
}
#: Suppliers whose bills one call shows, to find what a person has entered for them.
SUPPLIERS_PER_LOOK = 40
BILLS = ("claims", "invoices")


@dataclass(frozen=True, slots=True)
class Size:
    """The records of one project."""

    vendors: int = 10
    cost_codes: int = 0
    claims: int = 40
    payments: int = 20
    invoices: int = 10
    #: Contracts that its claims are on.
    contracts: int = 10
    #: Cost codes on its list, whichever project they go with; none where accounts say enough.
    codes_listed: int = 0

    def of(self, kind: str) -> int:
        return 1 if kind == "projects" else int(getattr(self, kind))

    @property
    def records(self) -> int:
        return sum(map(self.of, KINDS))


def parts(number: int, most: int) -> Iterator[int]:
    """A number in parts of at most so many."""
    full, rest = divmod(number, most)
    yield from [most] * full
    if rest:
        yield rest


def good_for(kind: str, name: str) -> timedelta | None:
    """How long it serves who sends this kind; None: for the pass in which it was read, as options do, and contacts by
    which a new vendor is found."""
    return None if (kind, name) == ("vendors", "contacts") else GOOD_FOR.get(name)


def requests(kind: str, number: int, *, is_old: bool = False) -> Iterator[int]:
    """The records that each call to Xero carries, in order; 0 for a look. `is_old`: the bills that payments are for, or
    the contacts of suppliers, are older than the job, so that a person may have paid or entered something there."""
    if kind in OPTIONS:
        yield from parts(number, 1)
    elif kind in BILLS:
        yield from _looked_for(number, PER_LOOK[kind], SUPPLIERS_PER_LOOK if is_old else 0)
    elif kind == "payments" and is_old:
        yield from _looked_for(number, PER_LOOK[kind])
    else:
        yield from parts(number, PER_REQUEST)


def _looked_for(number: int, *per_look: int) -> Iterator[int]:
    """Full requests of one page are looked for together, what is left over on its own."""
    for page in parts(number, PER_PAGE):
        full = page - page % PER_REQUEST
        for some in (full, page - full):
            yield from (0 for most in per_look if most for _ in parts(some, most))
            yield from parts(some, PER_REQUEST)


def reads(kind: str, size: Size, unchanged: int, *, is_full: bool, is_listed: bool) -> int:
    """Procore calls of one stage: its share of what an unchanged job makes, and all pages where everything is read."""
    if kind == "projects":
        return 0
    if kind in LISTS:
        return _pages(size.vendors if kind == "vendors" else size.codes_listed) if is_listed or is_full else 0
    own = (unchanged + CHANGES.index(kind)) // len(CHANGES)
    if not is_full:
        return own
    if kind == "payments":
        return own + size.contracts  # each contract's payments are a list of their own
    more = max(0, _pages(size.of(kind)) - 1)
    return own + (2 * more if kind == "invoices" else more)


def lists(size: Size) -> int:
    """Procore calls for the lists that are read whole."""
    return sum(reads(kind, size, 0, is_full=False, is_listed=True) for kind in LISTS)


def _pages(number: int) -> int:
    return -(-number // PER_PAGE)
