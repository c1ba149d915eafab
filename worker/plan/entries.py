"""The entries of a copy of the ledger: another project's are copied when they are asked for.

A job reads its own project's entries and those that all projects share. Beyond them it asks whether somebody else's
record has a document, and, should Procore ever give a record to another project, for that very record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from worker.ledger.copy import Copy
from worker.ledger.entries import Entries, Known
from worker.ledger.entry_statements import SHARED

#: A record: its kind and its Procore id.
Key = tuple[str, str]


class Rehearsed(Entries):
    """One project's job on the copy."""

    def __init__(self, copy: Copy, tenant_id: str, *arguments: Any) -> None:
        super().__init__(copy.engine, tenant_id, *arguments)
        self._copy = copy
        #: As they were when they came: live ones that are another project's.
        self.taken: dict[Key, Known] = {}

    def known(self, kind: str, ids: Iterable[str]) -> dict[str, Known]:
        wanted = list(dict.fromkeys(ids))
        found = super().known(kind, wanted)
        missing = [id_ for id_ in wanted if id_ not in found]
        if kind in SHARED or not missing or not self._copy.take(self._tenant_id, kind, missing):
            return found
        came = super().known(kind, missing)
        self.taken |= {(kind, id_): entry for id_, entry in came.items() if entry.state == "live"}
        return found | came

    def record_of(self, kinds: Sequence[str], xero_id: str) -> tuple[str, Known] | None:
        """What was rehearsed counts: a record that lost its document in the copy has it in the ledger still."""
        for kind in kinds:
            if kind not in SHARED:
                self._copy.take_tied(self._tenant_id, kind, xero_id)
        return super().record_of(kinds, xero_id)

    def standing(self, kinds: Iterable[str]) -> dict[Key, Known]:
        """Live entries as they are now: this project's, those that all share, and those that were taken."""
        found: dict[Key, Known] = {}
        for kind in kinds:
            live = self.live(kind) if kind in SHARED else self.live_in_project(kind)
            taken = super().known(kind, [id_ for of, id_ in self.taken if of == kind])
            live |= {id_: entry for id_, entry in taken.items() if entry.state == "live"}
            found |= {(kind, id_): entry for id_, entry in live.items()}
        return found
