"""Which held records somebody asks `problems` for. What could fit nothing is refused, and what there is is named."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from worker import sought
from worker.cli.exits import RefusedError
from worker.holds import HoldCode, Outcome
from worker.nearest import did_you_mean
from worker.sought import ANYTHING, Sought

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.tables import Hold

#: Kinds of what is not a record of its own: files, notices, closed tools, and what moved in Xero.
_MORE_KINDS = ("attachments", "left_out", "in_xero", "tools")


class NotSent(StrEnum):
    """What may be asked for."""

    HELD = Outcome.HELD.value
    WAITING = Outcome.WAITING.value
    IGNORED = Outcome.IGNORED.value


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; blank: all. Without an outcome: what is held, and what was left out."""

    job_number: str = ""
    kind: str = ""
    code: str = ""
    outcome: str = ""
    sought: Sought = ANYTHING

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for some records of a project only."""
        return bool(self.kind or self.code or self.outcome or self.sought)

    def fits(self, job_number: str, hold: Hold) -> bool:
        pairs = ((self.job_number, job_number), (self.kind, hold.kind), (self.code, hold.code))
        is_so = all(wanted in ("", said) for wanted, said in pairs)
        return is_so and self.sought.fits(hold.called, job_number, hold.title, hold.procore_id, hold.code)


def read(parts: Parts, job_number: str, kind: str, code: str, outcome: NotSent | None, find: str) -> Wanted:
    """What was typed as a filter. Raises RefusedError, and MissingReference for a job number."""
    from worker.cli import known

    number = known.job_number(parts, job_number) if job_number.strip() else ""
    its_code = _code(code.strip().casefold()) if code.strip() else None
    # a code belongs to one outcome, which then need not be typed
    its_outcome = outcome.value if outcome else its_code.outcome.value if its_code else ""
    return Wanted(number, _kind(kind), its_code.code if its_code else "", its_outcome, sought.read(find))


def _kind(typed: str) -> str:
    from worker.ledger.records import KINDS

    if not typed.strip():
        return ""
    kinds = (*KINDS, *_MORE_KINDS)
    one = typed.strip().casefold().replace(" ", "_")
    for name in (one, f"{one}s"):
        if name in kinds:
            return name
    raise RefusedError(f"'{typed}' is no kind of record. There are: {', '.join(kinds)}.")


def _code(typed: str) -> HoldCode:
    codes = {one.code: one for one in HoldCode}
    if typed in codes:
        return codes[typed]
    rest = did_you_mean(typed, codes) or " docs/holds.md lists them."
    raise RefusedError(f"'{typed}' is no code of a held record.{rest}")
