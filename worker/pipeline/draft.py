"""A record's document on its way to Xero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from worker.facts import CODED_BY, NOTHING_CAME
from worker.mapping.rules import Rules
from worker.pipeline.decide import came_to_nothing
from worker.pipeline.decide.fingerprint import called, fingerprint, mark_of
from worker.pipeline.values import Create, Verify, Write
from worker.procore.records import Record
from worker.xero.documents import Document


@dataclass(slots=True)
class Draft:
    """What was decided of a record, and what is filled in until it is sent. `send` may differ from the document: of an
    adopted contact only the number goes."""

    record: Record
    decided: Write
    document: Document
    fingerprint: str
    send: Mapping[str, Any]
    xero_id: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    #: What the ledger has noted of the record before.
    noted: Mapping[str, Any] = field(default_factory=dict)
    #: What a bill's tax must come to.
    tax: Decimal | None = None
    #: The rules that coded it, where these are not the mapping file's of now.
    rules: Rules | None = None
    #: Where it is to be recoded: what it is by the rules of before.
    kept: Document | None = None

    @classmethod
    def of(cls, record: Record, decided: Write, noted: Mapping[str, Any] | None = None) -> Draft:
        """The draft of a decision. `noted`: the facts of the record's entry."""
        document, xero_id = decided.document, getattr(decided, "xero_id", None)
        facts, before = dict(decided.facts), noted or {}
        if before.get(NOTHING_CAME):
            facts[NOTHING_CAME] = None
        return cls(record, decided, document, decided.fingerprint, document.body(), xero_id, facts, before)

    @classmethod
    def new(cls, record: Record, document: Document) -> Draft:
        """The draft of a document that is to be made, for whatever was there before."""
        return cls.of(record, Create(document, fingerprint(document)))

    @property
    def procore_id(self) -> str:
        return self.record.procore_id

    @property
    def project_id(self) -> None:
        """It is of the job's own project."""

    @property
    def goes_with(self) -> int | None:
        """How many documents may be in its request, where earlier ones came to nothing."""
        return came_to_nothing.most(self.noted, self.fingerprint)

    def is_in_doubt(self) -> bool:
        """Whether it is to be looked at again, and has become no other document since that was decided."""
        return isinstance(self.decided, Verify) and self.fingerprint == self.decided.fingerprint

    def is_changed(self, before: str | None) -> bool:
        """Whether there is more to do than to recode it; `before` is the fingerprint of what stands."""
        return self.kept is None or mark_of(self.kept, before) != before

    def keep(self) -> None:
        """It is not recoded: only what changed in Procore goes."""
        if self.kept is not None:
            self.document, self.fingerprint = called(self.kept, self.noted), fingerprint(self.kept)
            self.send, self.kept = self.document.body(), None
            self.facts = {name: value for name, value in self.facts.items() if name != CODED_BY}
