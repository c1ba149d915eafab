"""The pack as one value: what its page and its tables show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from worker.audit.result import Difference
from worker.month_end.aged import Open
from worker.month_end.contractors import Contractor
from worker.month_end.cost import ProjectCost
from worker.month_end.held import Held
from worker.month_end.period import Period
from worker.retention.values import Ledger


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whose books were read: as the mapping file calls it where there are several, and as Xero does."""

    name: str
    title: str
    currency: str
    time_zone: str
    #: Why there is no taxable payments annual report for it; blank where there is one.
    no_report: str = ""


@dataclass(frozen=True)
class Pack:
    """Everything of a month."""

    period: Period
    organisations: Sequence[Organisation]
    #: Projects that were compared.
    projects: int
    #: Those that nobody has accepted.
    differences: Sequence[Difference]
    accepted: Sequence[Difference]
    #: How many differences count, in words.
    count: str
    #: Job numbers of projects that are not synced any more, with what is still open of them.
    paused: Sequence[tuple[str, str]]
    costs: Sequence[ProjectCost]
    retention: Ledger
    bills: Sequence[Open]
    held: Sequence[Held]
    contractors: Sequence[Contractor]
    made_at: datetime
    version: str
    #: What is to be known of the figures, a sentence each.
    notes: Sequence[str] = field(default_factory=tuple)
