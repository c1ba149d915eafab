"""What an audit found: differences, what agrees, and the totals of both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from worker.audit.books import Key
from worker.audit.sides import Due, Posted

#: What is compared, in the order in which it is shown.
PROJECTS, VENDORS, BILLS, CREDITS, PAYMENTS, RETENTION = (
    "projects", "vendors", "bills", "credit notes", "payments", "retention",
)  # fmt: skip
KINDS = (PROJECTS, VENDORS, BILLS, CREDITS, PAYMENTS, RETENTION)
#: What a bookkeeper adds up, by record; credit notes count as negative.
CLAIMS, INVOICES = "claims", "invoices"
TOTALLED = (CLAIMS, RETENTION, PAYMENTS, INVOICES)
ZERO = Decimal(0)
#: In place of a job number: what bears on no project that can be named.
NO_PROJECT = "(none)"


@dataclass(frozen=True, slots=True)
class Accepted:
    """That a person has accepted something: who, when, and why. What was not noted then is blank, or None."""

    by: str
    at: datetime | None
    why: str

    @property
    def in_words(self) -> str:
        """ "accepted by joan on 2026-08-03: paid by card" """
        when = f" on {self.at.date()}" if self.at else ""
        return f"accepted by {self.by or 'a person'}{when}: {self.why}"


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of what differs, as the ledger keeps it. It says what was accepted, never what is right."""

    #: Record to the documents or payments in Xero that it was said to be.
    same: Mapping[Key, tuple[frozenset[str], Accepted]] = field(default_factory=dict)
    #: Vendor to the contacts that it was said to be paid as.
    payees: Mapping[str, tuple[frozenset[str], Accepted]] = field(default_factory=dict)
    #: Vendor to the name that its contact had when the two were tied.
    names: Mapping[str, tuple[str, Accepted]] = field(default_factory=dict)
    #: Differences that were acknowledged, by their ids.
    differences: Mapping[str, Accepted] = field(default_factory=dict)


NOTHING_SAID = Said()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `records` are those whose hold would explain it; `hold` is the one that does."""

    job_number: str
    kind: str
    title: str
    sentence: str
    procore: Decimal | None = None
    xero: Decimal | None = None
    records: tuple[Key, ...] = ()
    hold: str = ""
    outcome: str = ""
    #: Who accepted it; None: nobody did.
    accepted: Accepted | None = None

    @property
    def id(self) -> str:
        """By it a person acknowledges it: of what it says, so that it is another one once a value changes."""
        said = f"{self.job_number}\n{self.title}\n{self.sentence}\n{self.procore}\n{self.xero}"
        return hashlib.sha256(said.encode()).hexdigest()[:8]


@dataclass
class Result:
    """What was found in one project."""

    job_number: str
    differences: list[Difference] = field(default_factory=list)
    #: Kind to how many agree, and the sum of their amounts.
    agreed: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    #: Each of TOTALLED to what Procore says it comes to, and what Xero holds of it, whether they agree or not.
    totals: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    #: The organisation whose books were compared, where there are several.
    organisation: str = ""
    #: Ids of the documents in Xero that are spoken of, or were found to be records'.
    documents: set[str] = field(default_factory=set)
    #: Live documents by id, with the claim or invoice that each is of.
    matched: Mapping[str, tuple[Posted, Due]] = field(default_factory=dict)

    def agree(self, kind: str, amount: Decimal = ZERO) -> None:
        count, total = self.agreed.get(kind, (0, ZERO))
        self.agreed[kind] = (count + 1, total + amount)

    def add(self, kind: str, procore: Decimal, xero: Decimal) -> None:
        before = self.totals.get(kind, (ZERO, ZERO))
        self.totals[kind] = (before[0] + procore, before[1] + xero)


def explained(result: Result, holds: Mapping[Key, tuple[str, str]], said: Said = NOTHING_SAID) -> Result:
    """The same with what the ledger knows: `holds` are the outcome and code of records that are held or wait."""

    def with_ledger(one: Difference) -> Difference:
        found = next((holds[record] for record in one.records if record in holds), ("", ""))
        accepted = one.accepted or said.differences.get(one.id)
        return replace(one, outcome=found[0], hold=found[1], accepted=accepted)

    return replace(result, differences=list(map(with_ledger, result.differences)))


def open_ones(differences: Sequence[Difference]) -> list[Difference]:
    """Those that nobody has accepted."""
    return [one for one in differences if one.accepted is None]
