"""For how long a job waits with what fills no request: until the others of its pass will have brought theirs, as far as
the pass's pace tells. So a pass that has read its projects in a minute waits for one, and no job waits longer than
SHARE_REQUESTS_AFTER_S.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from worker.counting import counted
from worker.errors import HandedOver
from worker.ledger.handed_over import UnderWay
from worker.local_time import hour
from worker.pipeline.work import Work
from worker.procore.records import Record
from worker.xero.documents import Bill, Payment

#: Seconds, where it is not known better: jobs that run at the same moment have brought theirs by then.
SHORTEST_S = 60.0
#: The stages whose new documents are shared, and what these are.
KINDS: Mapping[str, type[Bill] | type[Payment]] = {"claims": Bill, "invoices": Bill, "payments": Payment}


def wait_s(longest_s: float, elapsed_s: float, others: UnderWay) -> float:
    """Seconds until all others of a pass that began so long ago will have read their projects; `longest_s` at most."""
    pace_s = elapsed_s / max(others.begun, 1)
    return min(longest_s, max(SHORTEST_S, pace_s * others.to_begin, others.back_in_s))


def waits(work: Work) -> HandedOver:
    """With which the job ends for now. Up to when it has read, by Procore's clock, is noted for when it comes back."""
    elapsed_s = (work.now() - work.since).total_seconds()
    in_s = wait_s(work.waits_at_most_s, elapsed_s, work.handed_over.under_way())
    if (told := work.procore.api.clock.read()) is not None:
        here = f"{work.since.isoformat()} {told.isoformat()}"
        work.cursors.set(
            {_name(kind): here for kind in KINDS if kind in work.handed or _read_until(work, kind) is None}
        )
    numbers = Counter(name for names in work.handed.values() for name in names)
    what = " and ".join(counted(number, name) for name, number in numbers.items())
    by = hour(work.now() + timedelta(seconds=in_s), work.settings.zone())
    go = "goes" if numbers.total() == 1 else "go"
    return HandedOver(f"{what} of {work.project.job_number} {go} to Xero with those of other projects, by {by}.", in_s)


def put_off(work: Work, kind: str, records: Sequence[Record]) -> bool:
    """Whether all of these came after the job had read the list and handed over what was new: then the next pass, for
    which the list is read from before them, brings them with those of other projects. They would cost this job the
    same calls as all of those."""
    until = _read_until(work, kind)
    came = [record.updated_at for record in records if record.updated_at is not None]
    if until is None or len(came) < len(records) or min(came) <= until:
        return False
    work.from_procore.put_off[kind] = min([*came, *filter(None, [work.from_procore.put_off.get(kind)])])
    work.told.unsettled.setdefault(kind, set()).update(record.procore_id for record in records)
    return True


def _read_until(work: Work, kind: str) -> datetime | None:
    """Until when this pass's job has read the list before it handed something over; None where it has not."""
    began, _, until = (work.cursors.get(_name(kind)) or "").partition(" ")
    return datetime.fromisoformat(until) if until and began == work.since.isoformat() else None


def _name(kind: str) -> str:
    return f"handed_over:{kind}"
