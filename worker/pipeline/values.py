"""What the phases of a job hand to each other: values, which call nobody and do not change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from worker.counting import money
from worker.errors import Skippable
from worker.holds import HoldCode
from worker.procore.records import Record
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS, Document

#: Documents that somebody owes, by the name of their list in Xero: an option, item or contact owes nobody anything.
MONEY = {endpoint.wrapper: endpoint for endpoint in (BILLS, CREDIT_NOTES, PAYMENTS)}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not done: the code that says what becomes of the record, and the sentence for a person."""

    code: HoldCode
    sentence: str
    #: What the sentence is filled in with; a Decimal is an amount of the record.
    facts: Mapping[str, object] = field(default_factory=dict, compare=False)

    def in_currency(self, currency: str) -> Reason:
        """The same with its amounts in the record's currency."""
        facts = {name: money(one, currency) if isinstance(one, Decimal) else one for name, one in self.facts.items()}
        return replace(self, sentence=self.code.sentence(**facts))

    @property
    def has_amounts(self) -> bool:
        return any(isinstance(one, Decimal) for one in self.facts.values())

    def is_said_by(self, sentence: object) -> bool:
        """Whether a sentence, which may be an earlier version's, states the same."""
        return isinstance(sentence, str) and self.code.states(sentence) == self.code.states(self.sentence)


def because(code: HoldCode, **said: object) -> Reason:
    """The reason with what its sentence says filled in."""
    return Reason(code, code.sentence(**said), said)


def why(error: Skippable) -> Reason:
    """The same of what was raised for one record."""
    return Reason(error.code, error.sentence, error.facts)


class Entry(Protocol):
    """What the ledger knows of a record, as far as rules ask: `state` is live, planned or free (`worker.facts`)."""

    @property
    def state(self) -> str: ...
    @property
    def xero_id(self) -> str | None: ...
    @property
    def fingerprint(self) -> str | None: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


def is_owed(entry: Entry) -> bool:
    """Whether the record is in Xero as money."""
    return entry.state == "live" and entry.facts.get("wrapper") in MONEY


def expected_tax(facts: Mapping[str, Any]) -> Decimal | None:
    """The tax that Xero was expected to compute when the document was planned."""
    return Decimal(facts["tax"]) if facts.get("tax") is not None else None


@dataclass(frozen=True, slots=True)
class Write:
    """A record's document that does not stand in Xero as it should, as far as the ledger knows."""

    document: Document
    fingerprint: str
    #: What the entry gets with it.
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Create(Write):
    """The record has no document."""


@dataclass(frozen=True, slots=True)
class Update(Write):
    """The document of this id is to become this one."""

    xero_id: str = ""


@dataclass(frozen=True, slots=True)
class Replace(Write):
    """The payment of this id is to be deleted and made anew: Xero changes none."""

    xero_id: str = ""


@dataclass(frozen=True, slots=True)
class Verify(Write):
    """Xero stored the document of this id otherwise than it was asked to: it is looked at again."""

    xero_id: str = ""


class New(Protocol):
    """A new document as far as it is held against those in Xero: a draft of this job, or of another project's."""

    @property
    def record(self) -> Record | None: ...
    @property
    def document(self) -> Document: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def send(self) -> Mapping[str, Any]: ...
    @property
    def tax(self) -> Decimal | None: ...
    @property
    def noted(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The document of a record that is not to go any more is taken out of Xero, if that may be."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Keep:
    """It is as it was."""


@dataclass(frozen=True, slots=True)
class Busy:
    """A request about it is on its way, or waits for a person to choose among what it may have made."""


@dataclass(frozen=True, slots=True)
class Stop:
    """It does not go: it is held, waits or is ignored, as the reason's code says."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Link:
    """A document that is in Xero already is the record's. `adopted`: a person or another program entered it; of one
    that this worker sent, `differences` say what Xero stored otherwise than it would be sent."""

    row: Mapping[str, Any]
    adopted: bool = False
    differences: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """It may be in Xero already: held until a person says what it is. `parts`: documents by id, each with how much of
    it, and how much it is; `shown`: the one that people look at first."""

    reason: Reason
    parts: Mapping[str, tuple[Decimal, Decimal]]
    shown: str = ""


Decision = Create | Update | Replace | Verify | Withdraw | Keep | Busy | Stop


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of a member of a request: the id of its document, None where Xero did not take it; and why its record
    is held, if it is. Of one that is not answered nobody knows yet."""

    procore_id: str
    xero_id: str | None
    reason: Reason | None = None
    is_answered: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """A record's document that is in Xero, with the facts of its entry."""

    record: Record
    document: Document
    xero_id: str | None
    facts: Mapping[str, Any]
    #: Whether it has come there since the list was read last.
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class PaymentList:
    """The payments of one contract as they were read, and the contract's own total of them."""

    total: str
    #: What they come to, whatever their status; None where one cannot be read.
    amount: Decimal | None
    ids: list[str]
    #: Those that stand in Xero and are not listed any more.
    missing: list[str] = field(default_factory=list)

    def is_silent(self) -> bool:
        """Whether nothing is listed though the contract has a total: it is not settled by that."""
        return not self.ids and self.total != "" and Decimal(self.total) != 0

    def moved_alike(self, before: str | None) -> bool:
        """Whether the contract's own total moved by just as much as the list came to; `before`: "total amount", when
        both were settled."""
        try:
            total, amount = map(Decimal, (before or "").split())
            by = total - Decimal(self.total)
        except (ValueError, InvalidOperation):
            return False
        return self.amount is not None and by != 0 and by == amount - self.amount
