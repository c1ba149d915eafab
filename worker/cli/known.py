"""A job number that was typed, as the ledger writes it; the broker's and the APIs' modules are not loaded for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.errors import MissingReference
from worker.holds import HoldCode
from worker.nearest import did_you_mean

if TYPE_CHECKING:
    from worker.assembly import Parts


def job_number(parts: Parts, typed: str) -> str:
    """However it was typed. Raises MissingReference, which names near ones."""
    from worker.ledger.projects import folded

    numbers = {folded(number): number for number in parts.jobs.latest()}
    numbers |= {folded(row.job_number): row.job_number for row in parts.projects.all() if row.job_number}
    if folded(typed) not in numbers:
        reason = f"No pass and no job has seen this job number.{did_you_mean(typed, numbers.values())}"
        raise MissingReference(HoldCode.PROJECT_REFUSED, job_number=typed, reason=reason)
    return numbers[folded(typed)]
