"""Tools that are off in a project, or closed to this app: one hold for each, beside everything else of the job.

What was sent before stays in Xero as it is; nothing of a list that is not shown counts as gone. The mapping file may
leave a kind out, and then its list is not read at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.pipeline.read import due
from worker.pipeline.values import because
from worker.pipeline.verdicts import said
from worker.procore.shown import LISTS

if TYPE_CHECKING:
    from worker.pipeline.work import Stage, Work

#: The kind of a tool's verdict.
KIND = "tools"
_GONE = "410"


def is_left_out(work: Work, stage: Stage) -> bool:
    """Whether the mapping file leaves this kind out; then nothing is held for it any more. Vendors and cost codes go
    as far as others name them."""
    if stage.whole or not work.known.rules.records.leaves_out(stage.name):
        return False
    work.holds.forget(stage.name, work.holds.ids(stage.name))
    return True


def out_of_reach(work: Work, stage: Stage, missing: Sequence[str]) -> list[str]:
    """Of records that no list showed those about which that says something: none, where a list was not shown. What
    was said of them stays, but for those of lists that the mapping file leaves out."""
    if work.shown.all_of(stage.lists):
        return list(missing)
    if work.shown.refused.keys().isdisjoint(stage.lists):
        work.holds.forget(stage.name, list(missing))
    return []


def settle(work: Work) -> None:
    """Hold each tool of which a list was refused in this job. Raises that refusal where nothing of the project is
    shown: then it is no tool that is closed."""
    refused = work.shown.refused
    if work.shown.is_nothing and due.is_all(work):
        raise next(iter(refused.values()))
    verdicts: dict[str, Verdict] = {}
    for name, refusal in refused.items():
        tool, id_ = LISTS[name].tool, LISTS[name].tool_id
        if id_ in verdicts:
            continue
        whole = {one: why for one, why in refused.items() if LISTS[one].tool == tool}
        what = "; ".join(listed.what for one, listed in LISTS.items() if one in whole)
        code = HoldCode.ADDRESS_GONE if {why.said for why in whole.values()} == {_GONE} else HoldCode.TOOL_CLOSED
        reason = because(code, tool=tool, job_number=work.project.job_number, said=refusal.said, what=what)
        page = work.known.procore_url(work.project.page)
        verdicts[id_] = said(KIND, id_, f"tool {tool}", reason, page)
    work.settle(list(verdicts.values()))
    if not due.is_all(work):
        return  # a list that was not asked for may be refused still
    work.holds.forget(KIND, [id_ for id_ in work.holds.ids(KIND) if id_ not in verdicts])
