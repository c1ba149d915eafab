"""Which bills the mapping file of now would code otherwise, and does not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from worker.counting import counted


def in_words(dates: Collection[date], job_number: str) -> str:
    """One sentence for the bookkeeper, by the dates of these bills; blank where there are none."""
    if not dates:
        return ""
    months = sorted({f"{on:%Y-%m}" for on in dates})
    bills = counted(len(dates), "bill")
    when = months[0] if len(months) == 1 else f"{len(months)} months, {months[0]} to {months[-1]},"
    keep = "keeps its" if len(dates) == 1 else "keep their"
    return (
        f"{bills} of {when} would be recoded by the mapping file as it is now, and {keep} coding. To see which, and to "
        f"recode those that are not paid, locked or edited: procore-xero recode {job_number}"
    )
