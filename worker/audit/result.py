"""What an audit found: differences, what agrees, and the totals of both sides."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from worker.audit.books import Key
from worker.audit.procore_side import Due
from worker.audit.remedies import ACKNOWLEDGE, PROBLEMS, What
from worker.audit.xero_side import Posted
from worker.called import UNNAMED, Called
from worker.counting import money
from worker.holds import HoldCode, Outcome
from worker.sought import Sought
from worker.stated import id_of, said_of, stated

#: What is compared, in the order in which it is shown.
PROJECTS, VENDORS, BILLS, CREDITS, PAYMENTS, RETENTION = (
    "projects", "vendors", "bills", "credit notes", "payments", "retention",
)  # fmt: skip
KINDS = (PROJECTS, VENDORS, BILLS, CREDITS, PAYMENTS, RETENTION)
#: What a bookkeeper adds up, by record; credit notes count as negative.
CLAIMS, INVOICES = "claims", "invoices"
ZERO = Decimal(0)
#: A kind, and the currency of its amounts.
Sum = tuple[str, str]
#: Records named of a difference that is said of many at once.
MOST_NAMED = 12
#: In place of a job number: what bears on no project that can be named.
NO_PROJECT = "(none)"


@dataclass(frozen=True, slots=True)
class Accepted:
    """That a person has accepted something: who, when, and why. What was not noted then is blank, or None."""

    by: str
    at: datetime | None
    why: str
    #: The last day on which it holds; None: without end.
    until: date | None = None
    #: What was accepted, in the words of then.
    sentence: str = ""

    @property
    def in_words(self) -> str:
        """ "accepted by joan on 2026-08-03, until 2026-08-31: paid by card" """
        when = f" on {self.at.date()}" if self.at else ""
        when += f", until {self.until}" if self.until else ""
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
    """One thing that differs. `records` are the record itself, and then those that it depends on; `hold` is the code of
    the hold that explains it."""

    job_number: str
    kind: str
    title: str
    sentence: str
    procore: Decimal | None = None
    xero: Decimal | None = None
    records: tuple[Key, ...] = ()
    #: What kinds of difference its sentences say.
    whats: tuple[What, ...] = ()
    #: How people call the record; unnamed where the title says it.
    called: Called = UNNAMED
    #: Of both amounts.
    currency: str = ""
    #: The records of which it is said at once, as they are called.
    members: tuple[str, ...] = ()
    hold: str = ""
    outcome: str = ""
    #: Who accepted it; None: nobody did.
    accepted: Accepted | None = None

    @property
    def id(self) -> str:
        """By it a person acknowledges it."""
        return self.id_with(self.sentence)

    def id_with(self, sentence: str) -> str:
        """Of the record, what kind of difference it is, and the values of both sides: another one once one changes."""
        values = HoldCode.RECORD_UNREADABLE.states(sentence) if What.UNREADABLE in self.whats else stated(sentence)
        what = [self.kind, *self.records[:1], stated(self.title), *(one.name for one in self.whats), values]
        amounts = (self.procore, self.xero, self.currency)
        return id_of(self.job_number, *what, *amounts, *map(stated, self.members))

    def earlier_id(self, sentence: str) -> str:
        """As it was acknowledged until the end of November 2026."""
        said = [self.job_number, self.title, sentence, str(self.procore), str(self.xero), *self.members]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]

    @property
    def heading(self) -> str:
        """ "Ridgeline Concrete, SC-001 claim 3, INV-12, 2026-07-31, 1,250.00 AUD (claim 58820)" """
        return self.called.with_id(self.title)

    @property
    def amounts(self) -> str:
        """ "Procore 110.00 AUD, Xero 90.00 AUD", as far as either is said."""
        sides = {"Procore": self.procore, "Xero": self.xero}
        said = (f"{name} {money(amount, self.currency)}" for name, amount in sides.items() if amount is not None)
        return ", ".join(said)

    @property
    def named(self) -> str:
        """ "claim 11, claim 12, … and 25 more" """
        more = len(self.members) - MOST_NAMED
        return ", ".join(self.members[:MOST_NAMED]) + (f" … and {more} more" if more > 0 else "")

    @property
    def remedy(self) -> str:
        """What to do: as the hold says that explains it, else for each kind of difference in it."""
        if code := HoldCode.__members__.get(self.hold.upper()):  # an older version may have noted another one
            return code.remedy
        return " ".join(dict.fromkeys(what.remedy.sentence for what in self.whats))

    @property
    def to_do(self) -> list[str]:
        """The remedy and its commands, for where there is but a line."""
        typed = " or ".join(f"`{command}`" for command in self.commands)
        return [f"To do: {self.remedy}" + (f" {typed}" if typed else "")] if self.remedy else []

    @property
    def commands(self) -> list[str]:
        """What can be typed for it, ready but for the reason of what is accepted."""
        kind, number = self.records[0] if self.records else ("", "")
        record = f"{kind.removesuffix('s')} {number}"
        texts = [text for what in self.whats for text in what.remedy.commands]
        if self.outcome == Outcome.WAITING:
            texts = [f"{PROBLEMS} --outcome waiting"]
        elif self.hold:  # what is held is mended, not accepted
            texts = [PROBLEMS, *(text for text in texts if text != ACKNOWLEDGE)]
        if not self.job_number:  # whoever types one names the project by it
            return []
        job = shlex.quote(self.job_number)
        return [text.format(job=job, record=record, id=self.id) for text in dict.fromkeys(texts)]


@dataclass
class Result:
    """What was found in one project."""

    job_number: str
    differences: list[Difference] = field(default_factory=list)
    #: Kind and currency to how many agree, and the sum of their amounts; of what has no amount the currency is blank.
    agreed: dict[Sum, tuple[int, Decimal]] = field(default_factory=dict)
    #: The same of claims, invoices, payments and retention to what Procore says they come to, and what Xero holds of
    #: them, whether they agree or not.
    totals: dict[Sum, tuple[Decimal, Decimal]] = field(default_factory=dict)
    #: The organisation whose books were compared, where there are several.
    organisation: str = ""
    #: Ids of the documents in Xero that are spoken of, or were found to be records'.
    documents: set[str] = field(default_factory=set)
    #: Live documents by id, with the claim or invoice that each is of.
    matched: Mapping[str, tuple[Posted, Due]] = field(default_factory=dict)
    project_id: int = 0
    #: Of a project of which nothing is sent any more: why.
    paused: str = ""
    #: What of it is not over, in words; None: nobody can say.
    still_open: str | None = None

    @property
    def pause(self) -> str:
        """Why a project is paused and what is open of it; blank where it is synced, or over."""
        if not self.paused or self.still_open == "":
            return ""
        return f"{self.paused} Still open: {self.still_open}." if self.still_open else self.paused

    def fitting(self, wanted: Sought) -> Result:
        """The same with those differences alone that are looked for."""
        found = [one for one in self.differences if wanted.is_in((one.heading, *one.members), (one.procore, one.xero))]
        return replace(self, differences=found)

    def agree(self, kind: str, amount: Decimal = ZERO, currency: str = "") -> None:
        count, total = self.agreed.get((kind, currency), (0, ZERO))
        self.agreed[kind, currency] = (count + 1, total + amount)

    def add(self, kind: str, procore: Decimal, xero: Decimal, currency: str) -> None:
        before = self.totals.get((kind, currency), (ZERO, ZERO))
        self.totals[kind, currency] = (before[0] + procore, before[1] + xero)


def explained(result: Result, holds: Mapping[Key, tuple[str, str]], said: Said = NOTHING_SAID) -> Result:
    """The same with what the ledger knows: `holds` are the outcome and code of records that are held or wait.

    What a record depends on explains only that it is not there: a vendor that is held edits no bill.
    """

    def with_ledger(one: Difference) -> Difference:
        follows = all(what.remedy.follows for what in one.whats)
        may_explain = one.records if follows else one.records[:1]
        outcome, code = next((holds[record] for record in may_explain if record in holds), ("", ""))
        accepted = one.accepted or said_of(one, said.differences)
        return replace(one, outcome=outcome, hold=code, accepted=accepted)

    return replace(result, differences=list(map(with_ledger, result.differences)))


def open_ones(differences: Sequence[Difference]) -> list[Difference]:
    """Those that nobody has accepted."""
    return [one for one in differences if one.accepted is None]
