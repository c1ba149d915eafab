"""What one job knows of rules by which bills were coded, and what it was asked about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from worker.holds import title
from worker.mapping.coding_rules import CodingRules
from worker.xero.documents import Tracking


@dataclass
class Recoding:
    """Kept with the job's work."""

    #: A rehearsal of `recode`: what may be recoded is.
    is_asked: bool = False
    #: A rehearsal: what the mapping file of now would code otherwise is gathered.
    looks: bool = False
    #: Kind and id of such records, with the date of the bill.
    outdated: dict[tuple[str, str], date] = field(default_factory=dict)
    #: How the bills that were to be recoded are called in Xero: supplier, number, amount.
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    #: What was to be recoded and is left, with the reason.
    left: dict[tuple[str, str], str] = field(default_factory=dict)
    #: The part of the mapping file that counts, as it is now, and others by their mark.
    now: CodingRules | None = None
    is_kept: bool = False
    rules: dict[str, CodingRules | None] = field(default_factory=dict)
    #: What cost codes became under another target than that of now: options by code, and items.
    codes: dict[str, tuple[Mapping[str, Tracking], Mapping[str, str]]] = field(default_factory=dict)

    def title(self, kind: str, procore_id: str) -> str:
        """ "bill INV-14 of Ridgeline Concrete, 110.00, 2026-08-31 (claim 14)"; as far as that is known."""
        record, on = title(kind, procore_id), self.outdated.get((kind, procore_id))
        said = [self.named.get((kind, procore_id)), on.isoformat() if on else None]
        return f"{', '.join(filter(None, said))} ({record})" if any(said) else record

    @property
    def mark(self) -> str:
        """Of the rules of now; blank where no bill was looked at."""
        return self.now.mark if self.now else ""
